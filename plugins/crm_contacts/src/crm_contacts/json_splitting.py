"""Cutting a file of JSON into its cards, in bounded memory whatever the file holds."""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from crm_contacts.json_values import MAX_DEPTH, TOO_DEEP

CUT_OFF = "card is cut off: its last bracket is missing"
STRAY = "text that is no card"

_CHUNK_BYTES = 1 << 16
_BLANK = re.compile(rb"[ \t\r\n,\]}:]*+")
#: What a file begins with whose cards are the items of a list.
_LIST = re.compile(rb'\s*\[(?:\s*"vcardstream")?(?!\s*"vcard")', re.IGNORECASE)
#: Text of which no part is a card, up to what may begin one.
_STRAY = re.compile(rb'[^]["{}\r\n,]+')
#: The next bracket, text without an end, or line that may begin another card: what stands
#: before it, whole texts among it, is passed over, so much at once. Nothing but characters is
#: repeated without going back: Python before 3.11.5 forgets what it has matched of a group by that.
_NEXT = re.compile(
    rb'(?:[^]["{}\r\n]++|"[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+){0,99}"'
    rb'|(?:\r\n|\r(?!\n)|\n)(?=[ \t]*+[^[{ \t])){0,99}([][{}"\r\n]|\Z)'
)
#: The rest of a text; it ends with its line, as none in JSON goes on behind that.
_TEXT = re.compile(rb'[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+){0,99}("|(?=[\r\n]))?')
_BREAK = re.compile(rb"\r\n|\r|\n")
#: The head of a card at the begin of a line; within another card nothing begins so.
_CARD = re.compile(
    rb'([ \t]*)(?:\{\s*"@type"\s*:\s*"Card"|\[\s*"vcard"\s*,'
    rb'|\{\s*"id"\s*:\s*"[0-9a-f-]{36}"\s*,\s*"version"\s*:\s*\d)',
    re.IGNORECASE,
)
_LOOK_AHEAD = 256
_OPENING, _CLOSING, _QUOTE = frozenset({b"[", b"{"}), frozenset({b"]", b"}"}), ord('"')


@dataclass(frozen=True, slots=True)
class JsonSource:
    """One card as it stands in its file, or other text between cards, which has a fault.

    `index` counts them, `line` is where this one begins. With a `fault`, `content` may be no
    more than its start. `end` is the offset behind it, which is on `last_line`.
    """

    index: int
    line: int
    content: bytes
    fault: str | None
    end: int
    last_line: int


def split_json(
    stream: BinaryIO,
    *,
    max_card_bytes: int,
    first_index: int = 0,
    first_line: int = 1,
    offset: int = 0,
) -> Iterator[JsonSource]:
    """Yield one card after another: items of one list, or values that follow each other.

    An `offset` is where the stream begins in its file: behind a card, unless it is 0. A card
    that misses a bracket ends where a line begins with the next card, as deep as itself.
    Memory is bounded by a few times `max_card_bytes`.
    """
    found = _Splitter(stream, max_card_bytes, first_line, offset)
    for index, card in enumerate(found.pieces(), first_index):
        content = bytes(card.content)
        fault = card.fault(max_card_bytes)
        yield JsonSource(index, card.line, content, fault, found.offset, found.line)


@dataclass(slots=True)
class _Card:
    """A card whose end is not found yet; `indent` is what stands before it on its line."""

    line: int
    indent: bytes | None
    content: bytearray = field(default_factory=bytearray)
    depth: int = 0
    deepest: int = 0
    octets: int = 0
    other: str | None = None

    def add(self, piece: bytes, limit: int) -> None:
        self.octets += len(piece)
        self.content += piece[: max(0, limit - len(self.content))]

    def fault(self, limit: int) -> str | None:
        """Return why it cannot be used, the gravest first, wherever reading was interrupted."""
        if self.other == STRAY:
            return STRAY
        if self.octets > limit:
            return f"card is larger than {limit} bytes; its text was cut after these"
        return TOO_DEEP if self.deepest > MAX_DEPTH else self.other


class _Splitter:
    """What is read of a file, and how far it has been looked at."""

    def __init__(self, stream: BinaryIO, limit: int, line: int, offset: int) -> None:
        self._stream = stream
        self._limit = limit
        self._data = b""
        #: A carriage return that may be half of a line break; nothing of `_data` ends with one.
        self._half = b""
        self._place = 0
        self._is_first = offset == 0
        #: What stands before this place on its line, None unless it is blank.
        self._indent: bytes | None = b"" if offset == 0 else None
        self.line = line
        self.offset = offset

    def pieces(self) -> Iterator[_Card]:
        """Yield every card, and text between them with a fault."""
        if self._is_first:
            self._need(_LOOK_AHEAD)
            if self._data.startswith(BOM_UTF8):
                self._step(len(BOM_UTF8))
            match = _LIST.match(self._data, self._place)
            if match is not None:
                self.line += _line_breaks(self._step(match.end()))
                self._indent = None
        while self._need(1):
            blank = _BLANK.match(self._data, self._place)
            if blank is not None and blank.end() > self._place:
                self._step_blank(blank.end())
            elif self._data[self._place] in b"[{":
                yield self._card()
            else:
                yield self._stray()

    def _stray(self) -> _Card:
        """Read on to the end of a text in quotes, or of anything else that is no card."""
        found = _Card(self.line, None)
        if self._data[self._place] == _QUOTE:
            self._pass_text(found)
        while not found.content.startswith(b'"') and self._need(1):
            match = _STRAY.match(self._data, self._place)
            if match is None:
                break
            found.add(self._step(match.end()), self._limit)
        self._indent = None
        found.content = found.content.rstrip()
        found.other = STRAY
        return found

    def _card(self) -> _Card:
        """Read on to the end of a card."""
        card = _Card(self.line, self._indent)
        while self._need(1):
            ends = self._pass_brackets(card)
            if ends or self._place == len(self._data):
                if ends:
                    self._indent = None
                    return card
            elif self._data[self._place] == _QUOTE:
                self._pass_text(card)
            else:
                card.add(self._break(), self._limit)
                if self._begins_other(card):
                    break
        card.other = CUT_OFF
        return card

    def _pass_brackets(self, card: _Card) -> bool:
        """Go on to something else than a bracket; whether the card ends before that."""
        depth, deepest, end = card.depth, card.deepest, self._place
        for found in _NEXT.finditer(self._data, self._place):
            stop, end = found[1], found.end()
            if stop in _OPENING:
                depth += 1
                deepest = max(deepest, depth)
            elif stop in _CLOSING:
                depth -= 1
                if depth == 0:
                    break
            else:
                end -= len(stop)
                break
        piece = self._step(end)
        self.line += _line_breaks(piece)
        card.add(piece, self._limit)
        card.depth = depth
        card.deepest = deepest
        return depth == 0

    def _pass_text(self, card: _Card) -> None:
        """Pass over a text of which not all is read, or that does not end."""
        card.add(self._step(self._place + 1), self._limit)
        while self._need(2) or self._need(1):
            rest = _TEXT.match(self._data, self._place)
            assert rest is not None  # it may be empty
            end = rest.end()
            if end == self._place and rest[1] is None:
                if self._data[end] in b"\r\n":
                    return
                end += 1  # a backslash before a line break or at the end of the file
            card.add(self._step(end), self._limit)
            if rest[1] or (self._place < len(self._data) and self._data[self._place] in b"\r\n"):
                return

    def _begins_other(self, card: _Card) -> bool:
        """Whether another card begins in this line, which is as deep as the one at hand."""
        self._need(_LOOK_AHEAD)
        match = _CARD.match(self._data, self._place)
        return match is not None and (card.indent is None or match[1] == card.indent)

    def _break(self) -> bytes:
        """Step over a line break."""
        match = _BREAK.match(self._data, self._place)
        assert match is not None
        self.line += 1
        self._indent = b""
        return self._step(match.end())

    def _step_blank(self, end: int) -> None:
        """Step over what stands between cards, and find out how deep the next one stands."""
        piece = self._step(end)
        lines = _line_breaks(piece)
        self.line += lines
        known = b"" if lines else self._indent
        last = piece[max(piece.rfind(b"\n"), piece.rfind(b"\r")) + 1 :]
        self._indent = None if known is None or last.strip(b" \t") else known + last

    def _step(self, end: int) -> bytes:
        piece = self._data[self._place : end]
        self._place = end
        self.offset += len(piece)
        return piece

    def _need(self, size: int) -> bool:
        """Whether as much follows; it is read then."""
        while len(self._data) - self._place < size:
            chunk = self._stream.read(_CHUNK_BYTES)
            read = self._half + chunk
            if not read:
                return False
            self._half = b"\r" if chunk and read.endswith(b"\r") else b""
            self._data = self._data[self._place :] + read.removesuffix(self._half)
            self._place = 0
        return True


def _line_breaks(piece: bytes) -> int:
    return piece.count(b"\n") + piece.count(b"\r") - piece.count(b"\r\n")
