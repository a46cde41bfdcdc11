"""Cutting a file into its cards, in bounded memory whatever the file holds."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from crm_contacts.vcard.card import VCardError
from crm_contacts.vcard.charsets import CHUNK_BYTES, utf8_chunks

CUT_OFF = "card is cut off: END:VCARD is missing"
NOT_BEGUN = "text ends with END:VCARD but does not begin with BEGIN:VCARD"
NO_CARD = "no card found in this file"

#: How deep cards may be nested as AGENT; a deeper one ends those around it.
MAX_NESTING = 4

#: BEGIN may stand behind AGENT on one line, as version 2.1 writes a nested card.
_MARKER = re.compile(
    rb"(?:\xef\xbb\xbf)?([ \t]*)((?:[^\s.:;]+\.)?AGENT(?:;[^:]*)?:[ \t]*(?=BEGIN))?"
    rb"(BEGIN|END)[ \t]*:[ \t]*VCARD[ \t]*[\r\n]*\Z",
    re.IGNORECASE,
)
_MARKER_MAX_BYTES = 256
_AGENT = re.compile(rb"[ \t]*(?:[^\s.:;]+\.)?AGENT(?:;[^:]*)?:\s*\Z", re.IGNORECASE)
_BLANK = frozenset({b"\n", b"\r\n", b"\r"})


@dataclass(frozen=True, slots=True)
class CardSource:
    """One card as it stands in its file, from the line of BEGIN to the line of END.

    `index` counts the cards, `line` is the line of this one's BEGIN. With a `fault` the card
    cannot be used: it is cut off, or too large and `content` is no more than its start, or it
    has an END but no BEGIN. A `nested` card is also part of the content of the card around it.
    """

    index: int
    line: int
    content: bytes
    fault: str | None = None
    nested: bool = False


@dataclass(slots=True)
class _OpenCard:
    index: int
    line: int
    indent: bytes
    nested: bool
    content: bytearray = field(default_factory=bytearray)
    fault: str | None = None
    done: bool = False

    def add(self, piece: bytes, limit: int) -> None:
        if self.fault is not None:
            return
        self.content += piece
        if len(self.content) > limit:
            del self.content[limit:]
            self.fault = f"card is larger than {limit} bytes; its text was cut after these"
            self.done = True

    def source(self) -> CardSource:
        return CardSource(self.index, self.line, bytes(self.content), self.fault, self.nested)


class _Splitter:
    """The cards begun so far: `stack` is still open, `pending` is not handed out yet.

    Cards are handed out in the order of their BEGIN lines, so nested ones wait for the card
    around them; they are part of its content, hence its limit bounds them too.
    """

    def __init__(self, max_card_bytes: int, first_index: int) -> None:
        self.limit = max_card_bytes
        self.next_index = first_index
        self.stack: list[_OpenCard] = []
        self.pending: deque[_OpenCard] = deque()
        self.previous = b""
        self.stray: _OpenCard | None = None

    def feed(self, piece: bytes, line: int, *, starts_line: bool) -> None:
        """Take the next piece of the file, at most one line."""
        marker = None
        if starts_line and len(piece) <= _MARKER_MAX_BYTES:
            marker = _MARKER.match(piece)
            if marker and self.stack and marker[1] not in (b"", self.stack[-1].indent):
                marker = None  # an indented line inside a card continues the line before
        word = marker[3].upper() if marker else None
        if not self.stack and word != b"BEGIN":
            self._outside(piece, line, ends=word == b"END")
        begun, start = None, 0
        if marker and word == b"BEGIN":
            start = marker.start(3) if marker[2] else 0
            as_agent = bool(marker[2] or _AGENT.match(self.previous))
            begun = self._begin(line, marker[1], as_agent=as_agent)
        for card in self.stack:
            card.add(piece[start:] if card is begun else piece, self.limit)
        if word == b"END" and self.stack:
            self.stack.pop().done = True
        if piece not in _BLANK:
            self.previous = piece

    def _begin(self, line: int, indent: bytes, *, as_agent: bool) -> _OpenCard:
        nested = as_agent and 0 < len(self.stack) < MAX_NESTING
        if not nested:
            self._end_all()
        self.stray = None
        card = _OpenCard(self.next_index, line, indent, nested)
        self.next_index += 1
        self.stack.append(card)
        self.pending.append(card)
        return card

    def _outside(self, piece: bytes, line: int, *, ends: bool) -> None:
        """Keep the text since the last card: if an END follows, its BEGIN is damaged."""
        if self.stray is None and (ends or not piece.strip()):
            return
        if self.stray is None:
            self.stray = _OpenCard(self.next_index, line, b"", nested=False)
        self.stray.add(piece, self.limit)
        if ends:
            self.stray.fault, self.stray.done = NOT_BEGUN, True
            self.pending.append(self.stray)
            self.next_index += 1
            self.stray = None

    def _end_all(self) -> None:
        for card in self.stack:
            card.done = True
        self.stack.clear()

    def cut_off(self) -> None:
        """Take the end of the file: what is open now has lost its end."""
        for card in self.stack:
            card.fault = card.fault or CUT_OFF
        self._end_all()

    def finished(self) -> Iterator[CardSource]:
        """Hand out the cards that are complete, in order."""
        while self.pending and self.pending[0].done:
            yield self.pending.popleft().source()


def split_cards(
    stream: BinaryIO, *, max_card_bytes: int, first_index: int = 0, first_line: int = 1
) -> Iterator[CardSource]:
    """Yield one card per BEGIN:VCARD line of `stream`, in their order.

    Text between cards is passed over, but if it ends with END:VCARD it is a card too, with a
    fault: its BEGIN is damaged. A card whose END is missing ends where the next one begins; at
    the end of the file it is cut off, since nobody knows what is missing. BEGIN:VCARD as the
    value of an AGENT property, on its line or on the next, begins a nested card.

    UTF-16 input is handed out as UTF-8. Memory is bounded by a few times `max_card_bytes`.

    :raises VCardError: at the end, if the file is not blank but holds no card
    """
    splitter = _Splitter(max_card_bytes, first_index)
    line, starts_line, after_bare_cr, blank = first_line, True, False, True
    for piece in _pieces(stream):
        splitter.feed(piece, line, starts_line=starts_line)
        yield from splitter.finished()
        blank = blank and not piece.strip()
        starts_line = piece.endswith((b"\n", b"\r"))
        # CR CR LF is one line break that a text-mode copy has doubled.
        if starts_line and not (after_bare_cr and piece == b"\r\n"):
            line += 1
        after_bare_cr = piece.endswith(b"\r")
    splitter.cut_off()
    yield from splitter.finished()
    if splitter.next_index == first_index and not blank:
        raise VCardError(NO_CARD)


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    """Yield lines with their line breaks; a very long line comes in several pieces."""
    rest = b""
    for chunk in utf8_chunks(stream):
        lines = (rest + chunk).splitlines(keepends=True)
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        yield from lines
        if len(rest) >= CHUNK_BYTES:
            keep = 1 if rest.endswith(b"\r") else 0
            yield rest[: len(rest) - keep]
            rest = rest[len(rest) - keep :]
    if rest:
        yield rest
