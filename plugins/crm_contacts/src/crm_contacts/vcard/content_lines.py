"""From the physical lines of a card to its content lines: folding and transfer encodings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

#: A line and what is indented below it; a fold may be torn apart by blank lines. Blank lines
#: that tear nothing apart are a block, too.
_BLOCK = re.compile(rb"[^\n]+(?:\n+[ \t][^\n]*)*|\n{2,}")
_FOLD = re.compile(rb"\n+[ \t]")
_HEAD = re.compile(rb'[^":]*(?:"[^"]*"[^":]*)*:')
_QUOTED_PRINTABLE = re.compile(
    rb";\s*(?:ENCODING\s*=\s*)?QUOTED-PRINTABLE\s*(?:;|\Z)", re.IGNORECASE
)
_BASE64 = re.compile(rb';\s*(?:ENCODING\s*=\s*"?(?:BASE64|B)|BASE64)"?\s*(?:;|\Z)', re.IGNORECASE)
#: A quoted value in which a semicolon separates nothing.
_QUOTED_LIST = re.compile(rb'"[^";]*;[^"]*"')
_BASE64_TEXT = re.compile(rb"[A-Za-z0-9+/=\s]*")
_OCTETS = re.compile(rb"(?:=[0-9A-Fa-f]{2})+")
_AGENT = re.compile(rb"(?:[^\s.:;]+\.)?AGENT(?:;|\Z)", re.IGNORECASE)
_BOUNDARY = re.compile(rb"\s*(BEGIN|END)\s*:\s*VCARD\s*\Z", re.IGNORECASE)
_INLINE_BEGIN = re.compile(
    rb"(?:[^\s.:;]+\.)?AGENT(?:;[^:]*)?:\s*BEGIN\s*:\s*VCARD\s*\Z", re.IGNORECASE
)
#: Heads up to this length are worth remembering.
CACHED_BYTES = 64


class Transfer(Enum):
    """How the value of a content line was written."""

    PLAIN = "plain"
    QUOTED_PRINTABLE = "quoted-printable"
    BASE64 = "base64"
    CARD = "card"


class ContentLine(NamedTuple):
    """One unfolded line: `head` is all before the colon, `value` None if there is no colon.

    Quoted-printable is decoded to octets, base64 is still text but without white space.
    """

    head: bytes
    value: bytes | None
    transfer: Transfer = Transfer.PLAIN


def content_lines(content: bytes, *, keeps_blank: bool) -> Iterator[ContentLine]:
    """Yield the content lines of the card that `content` begins with, BEGIN and END included.

    :param keeps_blank: the rule of 2.1, where a line is folded before a blank that is text;
        later versions insert a blank, which unfolding takes away again
    """
    blocks = _blocks(content)
    position = 0
    while position < len(blocks):
        block = blocks[position]
        position += 1
        if block.isspace():
            continue
        head, value = _cut(block)
        if value is None:
            yield ContentLine(_unfold(block, keeps_blank=keeps_blank), None)
            continue
        if b"\n" in head:
            head = _FOLD.sub(b"", head)
        transfer = _transfer(head) if len(head) <= CACHED_BYTES else _claimed_transfer(head)
        if transfer is Transfer.CARD and not begins_card(value, blocks, position):
            transfer = _encoding(head)
        if transfer is Transfer.PLAIN:
            yield ContentLine(head, _unfold(value, keeps_blank=keeps_blank))
            continue
        if transfer is Transfer.CARD:
            taken = _nested_card(blocks, position, depth=1 if value.strip() else 0)
            nested = [line for line in blocks[position : position + taken] if not line.isspace()]
            lines = [value.strip(), *nested] if value.strip() else nested
            yield ContentLine(head, b"\n".join(lines), Transfer.CARD)
        elif transfer is Transfer.QUOTED_PRINTABLE:
            taken = _soft_broken(blocks, position, value)
            lines = [value, *blocks[position : position + taken]]
            decoded = _decode_quoted_printable(lines, keeps_blank=keeps_blank)
            yield ContentLine(head, decoded, Transfer.QUOTED_PRINTABLE)
        elif _BASE64_TEXT.fullmatch(value):
            taken = _while_base64(blocks, position)
            lines = [value, *blocks[position : position + taken]]
            yield ContentLine(head, b"".join(b"".join(lines).split()), Transfer.BASE64)
        else:
            taken = 0
            yield ContentLine(head, _unfold(value, keeps_blank=keeps_blank))
        position += taken


def _claimed_transfer(head: bytes) -> Transfer:
    """Return the transfer encoding that `head` claims for a value; an AGENT may be a card."""
    return Transfer.CARD if _AGENT.match(head) else _encoding(head)


def _encoding(head: bytes) -> Transfer:
    if b'"' in head:
        head = _QUOTED_LIST.sub(b'""', head)
    if _QUOTED_PRINTABLE.search(head):
        return Transfer.QUOTED_PRINTABLE
    return Transfer.BASE64 if _BASE64.search(head) else Transfer.PLAIN


#: The same few heads begin most lines of an address book.
_transfer = lru_cache(maxsize=1024)(_claimed_transfer)


def _blocks(content: bytes) -> list[bytes]:
    text = content.replace(b"\0", b"").replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n")
    return _BLOCK.findall(_dedent(text.replace(b"\r", b"\n")))


def _dedent(text: bytes) -> bytes:
    """Take away the indentation that every line of a pasted card shares."""
    indent = text[: len(text) - len(text.lstrip(b" \t"))]
    if not indent:
        return text
    lines = text.split(b"\n")
    if all(line.startswith(indent) for line in lines if line):
        return b"\n".join(line[len(indent) :] for line in lines)
    return text


def _cut(block: bytes) -> tuple[bytes, bytes | None]:
    """Cut at the first colon outside quotes, or at the first at all if quotes do not match."""
    match = _HEAD.match(block) if b'"' in block else None
    if match:
        return match[0][:-1], block[match.end() :]
    head, colon, value = block.partition(b":")
    return head, value if colon else None


def _unfold(octets: bytes, *, keeps_blank: bool) -> bytes:
    if b"\n" not in octets:
        return octets
    return octets.replace(b"\n", b"") if keeps_blank else _FOLD.sub(b"", octets)


def _soft_broken(blocks: list[bytes], position: int, value: bytes) -> int:
    """How many blocks continue a quoted-printable value, which a blank line or END ends."""
    start = position
    while (
        value.rstrip(b" \t").endswith(b"=")
        and position < len(blocks)
        and not blocks[position].isspace()
        and not _BOUNDARY.match(blocks[position])
    ):
        value = blocks[position]
        position += 1
    return position - start


def _while_base64(blocks: list[bytes], position: int) -> int:
    start = position
    while position < len(blocks) and _BASE64_TEXT.fullmatch(blocks[position]):
        position += 1
    return position - start


def begins_card(value: bytes, blocks: Sequence[bytes], position: int) -> bool:
    """Whether a card begins in `value` or, if that is blank, in the next block from `position`.

    No more blocks are looked at than that: a card may be made of nothing but such lines.
    """
    if not value.strip():
        while position < len(blocks) and blocks[position].isspace():
            position += 1
        value = blocks[position] if position < len(blocks) else b""
    boundary = _BOUNDARY.match(value)
    return boundary is not None and boundary[1].upper() == b"BEGIN"


def _nested_card(blocks: list[bytes], position: int, *, depth: int) -> int:
    """How many blocks belong to a nested card, of which `depth` BEGINs are read already."""
    start = position
    while position < len(blocks):
        change = _depth_change(blocks[position])
        position += 1
        depth += change
        if change and depth == 0:
            break
    return position - start


def _depth_change(octets: bytes) -> int:
    boundary = _BOUNDARY.match(octets)
    if boundary is None:
        return 1 if _INLINE_BEGIN.match(octets) else 0
    return 1 if boundary[1].upper() == b"BEGIN" else -1


def _decode_quoted_printable(values: list[bytes], *, keeps_blank: bool) -> bytes:
    lines = [line for value in values for line in value.split(b"\n") if line]
    if not lines:
        return b""
    # Encoders either write every blank as =20 or leave all as they are. Only in the latter
    # case can a blank at the start of a continuation be text, else it is a fold.
    has_blanks = any(b" " in line.strip() for line in lines)
    joined = [lines[0]]
    for line in lines[1:]:
        joined[-1] = joined[-1].rstrip(b" \t").removesuffix(b"=")
        if line[:1] not in (b" ", b"\t") or (keeps_blank and has_blanks):
            joined.append(line)
        else:
            joined.append(line.lstrip(b" \t") if keeps_blank else line[1:])
    joined[-1] = joined[-1].rstrip(b" \t").removesuffix(b"=")
    return _OCTETS.sub(_octets, b"".join(joined))


def _octets(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match[0].replace(b"=", b"").decode())
