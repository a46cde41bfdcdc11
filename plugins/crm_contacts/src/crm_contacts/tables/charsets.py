"""In which charset a CSV file is written, told by its byte order mark or by strict decoding."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from crm_contacts.contract import CHARSETS

UTF_8 = "utf-8"
WINDOWS_1252 = "windows-1252"
#: Charsets whose characters may have the octet of a bar in them.
WITH_BARS = frozenset({"shift_jis", "gb18030", "big5"})
#: What the file must be if it has one of these marks; Google exports UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


#: Names for the charsets of tables that Python's codecs have no common name for.
_SUPERSETS = {
    "ascii": UTF_8,
    "utf-8-sig": UTF_8,
    "utf-16": "utf-16-le",
    "iso8859-1": WINDOWS_1252,
    "cp932": "shift_jis",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "cp949": "euc-kr",
}
_MAX_NAME = 40
#: Octets of the longest byte order mark.
MARK_BYTES = max(len(mark) for mark, _ in _MARKS)


class Undecodable(ValueError):
    """Bytes are no text in the charset of their file; the message says so in plain English."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    `name` is the charset, `mark` the byte order mark. Before rows are told apart the bytes are
    *carried* as text in which every quotation mark, delimiter and line break is one character
    and from which the same bytes come back, whatever they are; `width` is the least number of
    bytes to such a character. One that was `chosen` is the only one that is tried.
    """

    name: str
    mark: bytes
    chosen: bool = False

    @property
    def width(self) -> int:
        """Bytes to a character, at least."""
        return 2 if self.name.startswith("utf-16") else 1

    def carry(self, content: bytes) -> str:
        """Return bytes, a multiple of the width, as text that can be searched and cut."""
        if self.width == 1:
            return content.decode("latin-1")
        return content.decode(self.name, "surrogatepass")

    def restore(self, carried: str) -> bytes:
        """Return the bytes that `carry` was given."""
        if self.width == 1:
            return carried.encode("latin-1")
        return carried.encode(self.name, "surrogatepass")

    def decode(self, content: bytes) -> str:
        """Return the text of a row, which must not begin with a byte order mark.

        Without UTF-16 every row is tried for itself, so that rows pasted together from two
        sources are read, and a row reads alike wherever the file is opened.

        :raises Undecodable: if the bytes are no text in this charset
        """
        told = self.chosen or self.width > 1
        charsets = (self.name,) if told else (UTF_8, WINDOWS_1252)
        for charset in charsets:
            try:
                return content.decode(charset)
            except UnicodeDecodeError:
                continue
        raise Undecodable(f"the text is not written in {' or '.join(charsets)}")


def charset_named(name: str) -> str | None:
    """Return the one of `CHARSETS` that a name stands for, be it a subset; None if there is none.

    As on the web, ISO-8859-1 is Windows-1252.
    """
    if not 0 < len(name) <= _MAX_NAME or not name.isascii() or not name.isprintable():
        return None
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        return None
    known = {codecs.lookup(charset).name: charset for charset in CHARSETS}
    return known.get(codec) or _SUPERSETS.get(codec)


def has_mark(head: bytes) -> bool:
    """Whether the first bytes of a file begin with a byte order mark."""
    return any(head.startswith(mark) for mark, _ in _MARKS)


def encoding_of(head: bytes, charset: str | None = None) -> Encoding:
    """Tell the encoding of a file by its first bytes, unless somebody says it."""
    if charset is not None:
        marks = [mark for mark, name in _MARKS if name == charset and head.startswith(mark)]
        return Encoding(charset, marks[0] if marks else b"", chosen=True)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return Encoding(name, mark)
    try:
        codecs.getincrementaldecoder(UTF_8)().decode(head)
    except UnicodeDecodeError:
        return Encoding(WINDOWS_1252, b"")
    return Encoding(UTF_8, b"")
