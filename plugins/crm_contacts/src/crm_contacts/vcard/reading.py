"""Reading one card of version 2.1, 3.0 or 4.0, as tolerantly as loses nothing."""

from __future__ import annotations

import base64
import binascii
import re
from codecs import BOM_UTF8
from dataclasses import replace

from crm_contacts.vcard.card import UNPARSED, Parameters, Property, VCard, VCardError
from crm_contacts.vcard.charsets import decode, is_charset
from crm_contacts.vcard.content_lines import ContentLine, Transfer, content_lines
from crm_contacts.vcard.escaping import escape, escape_line_breaks, unescape
from crm_contacts.vcard.property_heads import parse_head

#: What can stand for a contact in a list; a card without any of it is of no use.
_IDENTIFYING = ("FN", "N", "ORG", "NICKNAME", "EMAIL", "TEL", "URL", "IMPP")
NOTHING_USABLE = "card has no name, organisation, email address or phone number"
NOT_A_CARD = "not a card: BEGIN:VCARD is missing"

_BEGIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*BEGIN[ \t]*:[ \t]*VCARD[ \t]*(?=[\r\n]|\Z)", re.IGNORECASE
)
_VERSION = re.compile(
    rb"^[ \t]*VERSION[^:\r\n]*:[ \t]*([0-9]+(?:\.[0-9]+)?)", re.IGNORECASE | re.MULTILINE
)
_STATED_VERSION = re.compile(r"\s*([0-9]\.[0-9])\s*")
_QUOTED_PRINTABLE = re.compile(rb"[;=]QUOTED-PRINTABLE[;:]", re.IGNORECASE)

#: Text even if it comes as base64; other base64 is a picture, a sound or a key.
_TEXT = frozenset({"FN", "N", "NICKNAME", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "LABEL"})
_TEXT |= {"URL", "BDAY", "NOTE", "CATEGORIES", "IMPP"}
#: Text in which a line that is no property is most likely a line break left unescaped.
_MULTI_LINE = frozenset({"NOTE", "ADR", "LABEL"})
_UTF8 = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})
#: Encodings that a value needs no decoding for, or has been decoded from.
_SPENT_ENCODINGS = {
    Transfer.PLAIN: frozenset({"7BIT", "8BIT"}),
    Transfer.QUOTED_PRINTABLE: frozenset({"7BIT", "8BIT", "QUOTED-PRINTABLE"}),
    Transfer.BASE64: frozenset({"7BIT", "8BIT", "BASE64", "B"}),
    Transfer.CARD: frozenset({"7BIT", "8BIT"}),
}
#: Names that would begin or end a card if they were written as properties again.
_BOUNDARIES = frozenset({"BEGIN", "END"})


def read_card(content: bytes) -> VCard:
    """Read the card that `content` begins with; its END may be missing.

    A line that is no property continues a NOTE, ADR or LABEL before it, and otherwise becomes
    a property named `UNPARSED`. A card without VERSION is read as 2.1 if it uses
    quoted-printable, else as 3.0; a VERSION that says anything else than that is a property.

    :raises VCardError: if this is no card, or nothing in it could stand for a contact
    """
    if not _BEGIN.match(content):
        raise VCardError(NOT_A_CARD)
    version = _version(content)
    lines = content_lines(content.removeprefix(BOM_UTF8), keeps_blank=version == "2.1")
    properties = _folded_below_begin(next(lines))
    continuations: dict[int, list[str]] = {}
    for line in lines:
        if _is_end(line):
            break
        found = _property(line, version)
        if found.name == UNPARSED and properties and properties[-1].name in _MULTI_LINE:
            continuations.setdefault(len(properties) - 1, []).append(found.value)
        elif not _is_version(found, version):
            properties.append(found)
    for place, values in continuations.items():
        value = "\\n".join([properties[place].value, *values])
        properties[place] = replace(properties[place], value=value)
    if not any(is_filled(found) for found in properties if found.name in _IDENTIFYING):
        raise VCardError(NOTHING_USABLE)
    return VCard(version, tuple(properties))


def is_filled(found: Property) -> bool:
    """Whether the value says anything, which an empty name such as `;;;;` does not."""
    return bool(unescape(found.value).replace(";", "").strip())


def _version(content: bytes) -> str:
    match = _VERSION.search(content)
    if match:
        return match[1].decode()
    return "2.1" if _QUOTED_PRINTABLE.search(content) else "3.0"


def _folded_below_begin(line: ContentLine) -> list[Property]:
    text = decode(line.value or b"").strip()[len("VCARD") :].strip()
    return [Property(UNPARSED, escape(text))] if text else []


def _is_end(line: ContentLine) -> bool:
    """Whether a line is the END that the splitting of a file goes by, too."""
    value = line.value or b""
    return line.head.strip().upper() == b"END" and value.strip().upper() == b"VCARD"


def _is_version(found: Property, version: str) -> bool:
    """Whether a property says the version of the card and nothing else."""
    stated = _STATED_VERSION.fullmatch(found.value)
    spent = stated is not None and stated[1] == version
    return spent and replace(found, value="") == Property("VERSION", "")


def _property(line: ContentLine, version: str) -> Property:
    head = None
    if line.value is not None:
        head = parse_head(decode(line.head), carets=version != "2.1")
    if head is None or head[1] in _BOUNDARIES:
        written = line.head if line.value is None else line.head + b":" + line.value
        return Property(UNPARSED, escape(decode(written)))
    group, name, parameters = head
    octets, binary = line.value or b"", line.transfer is Transfer.BASE64
    if binary and name in _TEXT:
        octets, binary = _decoded_base64(octets)
    charset, parameters = _used_up(parameters, line.transfer, binary=binary)
    text = decode(octets, charset)
    if line.transfer is Transfer.CARD:
        text = escape(text)
    return Property(name, escape_line_breaks(text), group, parameters)


def _decoded_base64(octets: bytes) -> tuple[bytes, bool]:
    """Return the octets, and whether they are base64 still because it is damaged."""
    try:
        return base64.b64decode(octets, validate=True), False
    except binascii.Error:
        return octets, True


def _used_up(
    parameters: Parameters, transfer: Transfer, *, binary: bool
) -> tuple[str | None, Parameters]:
    """Take the charset and the encoding out of `parameters`, as far as they are understood."""
    charset: str | None = None
    rest: list[tuple[str, tuple[str, ...]]] = []
    for name, values in parameters:
        if name == "CHARSET":
            if values[0].upper() in _UTF8:
                continue
            if is_charset(values[0]):
                charset = values[0]
                continue
        if name == "ENCODING":
            if binary:
                rest.append((name, ("b",)))
                continue
            if values[0].upper() in _SPENT_ENCODINGS[transfer]:
                continue
        rest.append((name, values))
    return charset, tuple(rest)
