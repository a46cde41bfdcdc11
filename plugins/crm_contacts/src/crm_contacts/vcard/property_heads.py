"""What stands before the colon of a content line: group, name and parameters."""

from __future__ import annotations

import re

from crm_contacts.vcard.card import Parameters

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

Head = tuple[str | None, str, Parameters]


def parse_head(head: str, *, carets: bool) -> Head | None:
    """Return group, name and parameters, or None if `head` cannot begin a property.

    :param carets: read `^n`, `^^` and `^'` as RFC 6868 says, which came after 2.1
    """
    label, _, rest = head.partition(";")
    match = _NAME.fullmatch(label.strip())
    if match is None:
        return None
    return match[1], match[2].upper(), _parameters(rest, carets=carets) if rest else ()


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
