"""Reading one card of version 2.1, 3.0 or 4.0, as tolerantly as loses nothing."""

from __future__ import annotations

import base64
import binascii
import re
from codecs import BOM_UTF8
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from crm_contacts.vcard.binary import BASE64, from_data_uri
from crm_contacts.vcard.card import TEXT, UNPARSED, Parameters, Property, VCard, VCardError
from crm_contacts.vcard.charsets import UTF8, decode, is_charset
from crm_contacts.vcard.content_lines import CACHED_BYTES, ContentLine, Transfer, content_lines
from crm_contacts.vcard.escaping import escape, escape_line_breaks, split_fields
from crm_contacts.vcard.names import decode_name
from crm_contacts.vcard.property_heads import Head, parse_head

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

#: Text in which a line that is no property is most likely a line break left unescaped.
_MULTI_LINE = frozenset({"NOTE", "ADR", "LABEL"})
#: Encodings that a value needs no decoding for, or has been decoded from.
_SPENT_ENCODINGS = {
    Transfer.PLAIN: frozenset({"7BIT", "8BIT"}),
    Transfer.QUOTED_PRINTABLE: frozenset({"7BIT", "8BIT", "QUOTED-PRINTABLE"}),
    Transfer.BASE64: frozenset({"7BIT", "8BIT", "BASE64", "B"}),
    Transfer.CARD: frozenset({"7BIT", "8BIT"}),
}
_UTF_8 = "utf-8"
#: Names that would begin or end a card if they were written as properties again.
_BOUNDARIES = frozenset({"BEGIN", "END"})


def read_card(content: bytes, charset: str | None = None) -> VCard:
    """Read the card that `content` begins with; its END may be missing.

    A line that is no property continues a NOTE, ADR or LABEL before it, and otherwise becomes
    a property named `UNPARSED`. A card without VERSION is read as 2.1 if it uses
    quoted-printable, else as 3.0; a VERSION that says anything else than that is a property.
    Values that name no charset are in `charset`, if one is known.

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
        head = _head(line, version)
        if head is not None:
            found = _property(head, line, charset)
            if head.name != "VERSION" or not _is_version(found, version):
                properties.append(found)
            continue
        text = escape(decode(_written(line), charset))
        if properties and properties[-1].name in _MULTI_LINE:
            continuations.setdefault(len(properties) - 1, []).append(text)
        else:
            properties.append(Property(UNPARSED, text))
    for place, values in continuations.items():
        value = "\\n".join([properties[place].value, *values])
        properties[place] = replace(properties[place], value=value)
    return usable_card(version, properties)


def usable_card(version: str, properties: Iterable[Property]) -> VCard:
    """Return a card of these properties; raise `VCardError` if none could stand for a contact."""
    card = VCard(version, tuple(properties))
    if not any(found.name in _IDENTIFYING and is_filled(found) for found in card.properties):
        raise VCardError(NOTHING_USABLE)
    return card


def read_line(line: str) -> Property | None:
    """Return the property that one content line of version 4.0 says; None if it says none."""
    for content in content_lines(line.encode(), keeps_blank=False):
        head = _head(content, "4.0")
        return None if head is None else _property(head, content, None)
    return None


def is_filled(found: Property) -> bool:
    """Whether the value says anything, which an empty name such as `;;;;` does not."""
    value = found.value
    if "\\" in value:
        return any(part.strip() for part in split_fields(value))
    return bool(value.replace(";", "").strip())


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
    if line.head.strip().upper() != b"END":
        return False
    return line.value is not None and line.value.strip().upper() == b"VCARD"


def _is_version(found: Property, version: str) -> bool:
    """Whether a property says the version of the card and nothing else."""
    stated = _STATED_VERSION.fullmatch(found.value)
    spent = stated is not None and stated[1] == version
    return spent and replace(found, value="") == Property("VERSION", "")


def _head(line: ContentLine, version: str) -> Head | None:
    """Return what stands before the value, or None if the line is no property."""
    if line.value is None:
        return None
    parse = _remembered_head if len(line.head) <= CACHED_BYTES else _parsed_head
    head = parse(line.head, carets=version != "2.1")
    return None if head is None or head.name in _BOUNDARIES else head


def _parsed_head(head: bytes, *, carets: bool) -> Head | None:
    return parse_head(decode(head), carets=carets)


#: The same few heads begin most lines of an address book.
_remembered_head = lru_cache(maxsize=1024)(_parsed_head)


def _property(head: Head, line: ContentLine, charset: str | None) -> Property:
    octets, parameters = line.value or b"", head.parameters
    if head.is_transferred:
        binary = line.transfer is Transfer.BASE64
        if binary and head.name in TEXT:
            octets, binary = _decoded_base64(octets)
        own, parameters = _used_up(parameters, line.transfer, binary=binary)
        charset = own or charset
    text = decode(octets, charset)
    if line.transfer is Transfer.CARD:
        text = escape(text)
    found = Property(head.name, escape_line_breaks(text), head.group, parameters)
    if head.is_encoded:
        found = _with_names_decoded(found)
    return from_data_uri(found) if text[:5].lower() == "data:" else found


def _written(line: ContentLine) -> bytes:
    return line.head if line.value is None else line.head + b":" + line.value


def _with_names_decoded(found: Property) -> Property:
    return Property(
        decode_name(found.name),
        found.value,
        found.group and decode_name(found.group),
        tuple((decode_name(name), values) for name, values in found.parameters),
    )


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
            if values[0].upper() in UTF8:
                charset = _UTF_8
                continue
            if is_charset(values[0]):
                charset = values[0]
                continue
        if name == "ENCODING":
            if binary:
                continue
            if values[0].upper() in _SPENT_ENCODINGS[transfer]:
                continue
        rest.append((name, values))
    if binary:
        rest.append(BASE64)
    return charset, tuple(rest)
