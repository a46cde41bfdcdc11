"""Cards that are JSON: which of the two formats each is, it says itself."""

from __future__ import annotations

import re

from crm_contacts.jcard import is_jcard, read_jcard
from crm_contacts.jscontact import is_jscontact, read_jscontact
from crm_contacts.json_values import JsonError, decode_json
from crm_contacts.vcard import VCard, VCardError
from crm_contacts.vcard.charsets import decode

NOT_A_CARD = "neither a jCard nor a card of JSContact"

_JSON = re.compile(rb'(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*["[{\]]|[\[{]\s*\Z)')


def is_json(content: bytes) -> bool:
    """Whether octets begin as JSON does that may be cards."""
    return _JSON.match(content) is not None


def read_json_card(content: bytes) -> VCard:
    """Read a card in jCard (RFC 7095) or JSContact (RFC 9553).

    Octets that are no UTF-8 are taken for what old programs wrote, and NUL goes, as in a vCard.

    :raises VCardError: if it is neither, or nothing in it could stand for a contact
    """
    try:
        content.decode()
    except UnicodeDecodeError:
        content = decode(content).encode()
    try:
        document = decode_json(content)
    except JsonError as error:
        raise VCardError(error.reason) from error
    if is_jcard(document):
        return read_jcard(document)
    if is_jscontact(document):
        return read_jscontact(document)
    raise VCardError(NOT_A_CARD)
