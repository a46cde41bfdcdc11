"""Writing properties as the content lines of a card, such that no value can add another."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm_contacts.contract import VCardVersion
from crm_contacts.vcard.binary import BASE64, as_data_uri
from crm_contacts.vcard.card import TEXT, Property
from crm_contacts.vcard.charsets import is_known
from crm_contacts.vcard.escaping import escape_line_breaks
from crm_contacts.vcard.names import encode_name, is_name

#: Octets of a physical line, without its line break (RFC 6350, section 3.2).
LINE_OCTETS = 75

#: Names that frame a card, so that no property may bear them as they are.
_FRAME = frozenset({"BEGIN", "END", "VERSION"})
#: Names that some programs know in this spelling only.
_SPELLINGS = {"X-ABLABEL": "X-ABLabel", "X-ABSHOWAS": "X-ABShowAs"}
_BOUNDARY = re.compile(r"\s*(?:BEGIN|END)\s*:\s*VCARD\s*", re.IGNORECASE)
_BASE64_TEXT = re.compile(r"[A-Za-z0-9+/=]*")

_BARE_VALUE = re.compile(r"[\w.+/@-]+")
_CARET = re.compile(r'\r\n?|[\n^"]')
_CARETS = {"^": "^^", '"': "^'"}
#: What a character does not begin with in UTF-8.
_CONTINUATION_OCTETS = frozenset(bytes([octet]) for octet in range(0x80, 0xC0))
#: Ends a line for a program that cuts text as `str.splitlines` does.
_LINE_END = re.compile("(?<=[\x0b\x0c\x1c-\x1e\x85\u2028\u2029])")


def write_properties(properties: Iterable[Property], version: VCardVersion) -> bytes:
    """Return a card of these properties, from BEGIN to END, in UTF-8 and with CRLF.

    Values are written as they are, but on one line and without NUL. What no reader would take
    for a name is written as a name that `read_card` decodes, and so are the names that frame a
    card and parameters that claim an encoding which the value does not have. Parameter values
    are quoted and escaped as RFC 6868 says. Binary values are base64 in 3.0 and, as far as a
    media type can be told, `data:` URIs in 4.0.

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    lines = [f"BEGIN:VCARD\r\nVERSION:{version}\r\n".encode()]
    for found in properties:
        written = as_data_uri(found) if version is VCardVersion.V4 else found
        lines.append(fold(content_line(written)))
    lines.append(b"END:VCARD\r\n")
    return b"".join(lines)


def fold(line: str) -> bytes:
    """Return a content line as physical lines, none of which cuts a character.

    A continuation also begins behind every character that some programs take for a line break.
    """
    octets = line.encode()
    if len(octets) <= LINE_OCTETS and line.isprintable():
        return octets + b"\r\n"
    pieces: list[bytes] = []
    for segment in _LINE_END.split(line):
        octets, start = segment.encode(), 0
        while start < len(octets):
            end = start + LINE_OCTETS - (1 if pieces else 0)
            while octets[end : end + 1] in _CONTINUATION_OCTETS:
                end -= 1
            pieces.append(octets[start:end])
            start = end
    return b"\r\n ".join(pieces) + b"\r\n"


def content_line(found: Property) -> str:
    """Return a property as one line, which is not folded; binary values stay base64."""
    group = f"{_written_name(found.group)}." if found.group else ""
    parameters = "".join(
        f";{_parameter_name(name, found)}={','.join(map(_parameter_value, values))}"
        for name, values in found.parameters
        if values
    )
    value = escape_line_breaks(found.value).replace("\0", "")
    return f"{group}{_property_name(found)}{parameters}:{value}"


def _written_name(name: str) -> str:
    name = name.replace("\0", "")
    return name if is_name(name) else encode_name(name)


def _property_name(found: Property) -> str:
    name = found.name.upper()
    if name in _FRAME or (name == "AGENT" and _BOUNDARY.fullmatch(found.value)):
        return encode_name(name)
    return _SPELLINGS.get(name) or _written_name(found.name).upper()


def _parameter_name(name: str, found: Property) -> str:
    upper = name.upper()
    if upper == "ENCODING" and not _is_base64(found):
        return encode_name(upper)
    if upper == "CHARSET" and any(is_known(value) for value in found.parameter(name)):
        return encode_name(upper)
    return _written_name(name).upper()


def _is_base64(found: Property) -> bool:
    """Whether the value is what the reader leaves encoded."""
    encoded = BASE64 in found.parameters and found.name not in TEXT
    return encoded and bool(_BASE64_TEXT.fullmatch(found.value))


def _parameter_value(text: str) -> str:
    if _BARE_VALUE.fullmatch(text):
        return text
    escaped = _CARET.sub(lambda match: _CARETS.get(match[0], "^n"), text.replace("\0", ""))
    return f'"{escaped}"'
