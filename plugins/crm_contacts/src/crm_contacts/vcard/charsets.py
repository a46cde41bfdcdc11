"""Turning the bytes of a card into text, whatever they claim to be."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import BinaryIO

CHUNK_BYTES = 1 << 16

#: Charsets a CHARSET parameter may name. A list of our own, since Python's codecs include
#: some that take quadratic time (punycode) or yield lone surrogates (unicode_escape).
_CHARSET = re.compile(
    r"utf-?8|us-ascii|ascii|(?:iso-?8859-?|latin-?)\d{1,2}|(?:windows|cp)-?\d{3,4}"
    r"|shift[-_]?jis|s-?jis|euc-?(?:jp|kr|cn)|iso-2022-(?:jp|kr)|gb-?(?:2312|k|18030)"
    r"|ks_c_5601-1987"
    r"|big5(?:-?hkscs)?|koi8-[rut]|macintosh|tis-620",
    re.IGNORECASE,
)
#: What programs write that declare a charset is its superset on Windows (WHATWG Encoding,
#: section 4.2). Keys are the names that Python's codecs have.
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
#: UTF-32 comes first: its little-endian mark begins with the one of UTF-16.
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PROBE_BYTES = 8
#: Names that need no decoding of their own, since every text is tried as UTF-8 anyway.
UTF8 = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})
#: An octet that is no UTF-8, as `surrogateescape` leaves it.
_STRAY = re.compile("[\udc80-\udcff]")


def is_charset(name: str) -> bool:
    """Whether `name` is a charset that `decode` can use."""
    if not _CHARSET.fullmatch(name):
        return False
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def is_known(name: str) -> bool:
    """Whether `name` says how to decode a value, be it UTF-8 or anything else."""
    return name.upper() in UTF8 or is_charset(name)


def decode(octets: bytes, charset: str | None = None) -> str:
    """Decode text without NUL, which PostgreSQL cannot store; no octet is dropped.

    The declared charset comes first, as its superset and as it is, then UTF-8, then what old
    programs on Windows wrote.
    """
    if charset is None:
        try:
            return octets.decode().replace("\0", "")
        except UnicodeDecodeError:
            return _guessed(octets).replace("\0", "")
    return _declared(octets, charset).replace("\0", "")


def _declared(octets: bytes, charset: str) -> str:
    for codec in (_SUPERSETS.get(codecs.lookup(charset).name), charset):
        if codec is not None:
            with suppress(UnicodeDecodeError):
                return octets.decode(codec)
    return _guessed(octets)


def _guessed(octets: bytes) -> str:
    damaged = octets.decode("utf-8", "surrogateescape")
    strays = _STRAY.findall(damaged)
    if not strays or len(strays) < sum(character > "\x7f" for character in damaged) - len(strays):
        # Text cut within a character, say: the stray octets alone are taken as Latin-1.
        return _STRAY.sub(lambda match: chr(ord(match[0]) & 0xFF), damaged)
    with suppress(UnicodeDecodeError):
        return octets.decode("cp1252")
    return octets.decode("latin-1")


def utf8_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Read `stream` in chunks without byte order mark, UTF-16 and UTF-32 turned into UTF-8.

    Anything else comes through as it is. Half a character becomes U+FFFD.
    """
    head = stream.read(CHUNK_BYTES)
    encoding = _wide_encoding(head)
    if encoding is None:
        head = head.removeprefix(codecs.BOM_UTF8)
        while head:
            yield head
            head = stream.read(CHUNK_BYTES)
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    text = decoder.decode(head).removeprefix("\ufeff")
    while head:
        yield text.encode()
        head = stream.read(CHUNK_BYTES)
        text = decoder.decode(head, final=not head)
    yield text.encode()


def _wide_encoding(head: bytes) -> str | None:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    probe = head[:_PROBE_BYTES]
    if len(probe) == _PROBE_BYTES:
        even, odd = probe[0::2], probe[1::2]
        if all(even) and not any(odd):
            return "utf-16-le"
        if all(odd) and not any(even):
            return "utf-16-be"
    return None
