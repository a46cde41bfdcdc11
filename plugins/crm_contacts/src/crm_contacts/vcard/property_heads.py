"""What stands before the colon of a content line: group, name and parameters."""

from __future__ import annotations

import re
from typing import NamedTuple

from crm_contacts.vcard.card import Parameters
from crm_contacts.vcard.names import ENCODED

_NAME = re.compile(r'(?:([^\s.;:=,"\\][^\s;:=,"\\]*)\.)?([^\s.;:=,"\\]+)')
_PARTS = re.compile(r'(?:[^;"]+|"[^"]*"?)+')
_VALUES = re.compile(r'(?:[^,"]+|"[^"]*"?)+')
_CARET = re.compile(r"\^([n^'])")
_CARET_TEXT = {"n": "\n", "^": "^", "'": '"'}

#: Values that 2.1 writes without the name of their parameter; every other one is a TYPE.
_BARE = {
    "7BIT": "ENCODING",
    "8BIT": "ENCODING",
    "BASE64": "ENCODING",
    "QUOTED-PRINTABLE": "ENCODING",
    "CID": "VALUE",
    "CONTENT-ID": "VALUE",
    "INLINE": "VALUE",
    "URL": "VALUE",
}

#: Parameters that say how a value was turned into octets.
_TRANSFER = frozenset({"CHARSET", "ENCODING"})


class Head(NamedTuple):
    """Group, name and parameters of a property, before its value is looked at.

    `is_transferred` if parameters say how to decode the value, `is_encoded` if some of the
    names stand for others.
    """

    group: str | None
    name: str
    parameters: Parameters = ()
    is_transferred: bool = False
    is_encoded: bool = False


def parse_head(head: str, *, carets: bool) -> Head | None:
    """Return what `head` says, or None if it cannot begin a property.

    :param carets: read `^n`, `^^` and `^'` as RFC 6868 says, which came after 2.1
    """
    label, _, rest = head.partition(";")
    match = _NAME.fullmatch(label.strip())
    if match is None:
        return None
    parameters = _parameters(rest, carets=carets) if rest else ()
    is_transferred = any(name in _TRANSFER for name, _ in parameters)
    is_encoded = ENCODED in head.upper()
    return Head(match[1], match[2].upper(), parameters, is_transferred, is_encoded)


def _parameters(text: str, *, carets: bool) -> Parameters:
    found: dict[str, list[str]] = {}
    for part in _PARTS.findall(text) if '"' in text else text.split(";"):
        name, equals, written = part.partition("=")
        name = name.strip().upper()
        if equals and name:
            found.setdefault(name, []).extend(_values(name, written, carets=carets))
        elif bare := part.strip().removeprefix("=").strip('" '):
            found.setdefault(_BARE.get(bare.upper(), "TYPE"), []).append(bare)
    return tuple((name, tuple(values)) for name, values in found.items())


def _values(name: str, written: str, *, carets: bool) -> list[str]:
    if '"' in written:
        values = [value.strip().strip('"') for value in _VALUES.findall(written)]
        if name == "TYPE":
            # Version 4.0 was long read as allowing TYPE="work,voice" for a list.
            values = [item for value in values for item in value.split(",")]
    else:
        values = [value.strip() for value in written.split(",")]
    if carets and "^" in written:
        values = [_CARET.sub(lambda match: _CARET_TEXT[match[1]], value) for value in values]
    return values
