"""The backslash escapes of property values (RFC 6350, section 3.4)."""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\([\\,;:nN])")
_SPECIAL = str.maketrans({"\\": "\\\\", ",": "\\,", ";": "\\;"})
_LINE_BREAK = re.compile(r"\r\n?|\n")
_FIELD = re.compile(r"(?:[^\\;]+|\\.|\\$)*", re.DOTALL)
_ITEM = re.compile(r"(?:[^\\,]+|\\.|\\$)*", re.DOTALL)


def unescape(value: str) -> str:
    """Return the text that `value` stands for; a backslash that escapes nothing stays.

    All versions are read alike: 2.1 defines no more than an escaped semicolon, but its
    writers use the others too.
    """
    if "\\" not in value:
        return value
    return _ESCAPE.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def escape(text: str) -> str:
    """Return `text` as a property value, such that `unescape` gives it back."""
    return escape_line_breaks(text.translate(_SPECIAL))


def escape_uri(text: str) -> str:
    """Return `text` as a URI is written, whose commas and semicolons need no escape."""
    return escape_line_breaks(text.replace("\\", "\\\\"))


def escape_line_breaks(value: str) -> str:
    r"""Write the line breaks of `value` as `\n` and leave every other escape alone."""
    return _LINE_BREAK.sub(r"\\n", value) if "\n" in value or "\r" in value else value


def split_fields(value: str) -> list[str]:
    """Split a structured value (N, ADR, ORG) at its semicolons; the parts are unescaped."""
    if "\\" not in value:
        return value.split(";")
    return _split(_FIELD, value)


def split_items(value: str) -> list[str]:
    """Split a list value (NICKNAME, CATEGORIES) at its commas; the items are unescaped."""
    if "\\" not in value:
        return value.split(",")
    return _split(_ITEM, value)


def split_components(value: str) -> list[list[str]]:
    """Split a structured value at its semicolons and each part at its commas, unescaped."""
    return [split_items(part) for part in _pieces(_FIELD, value)]


def _split(part: re.Pattern[str], value: str) -> list[str]:
    return [unescape(piece) for piece in _pieces(part, value)]


def _pieces(part: re.Pattern[str], value: str) -> list[str]:
    parts: list[str] = []
    position = -1
    while position < len(value):
        match = part.match(value, position + 1)
        if match is None:
            break
        parts.append(match[0])
        position = match.end()
    return parts
