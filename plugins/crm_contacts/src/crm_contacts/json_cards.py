"""Contacts in JSON: whether each is a jCard, a JSContact or a document of ours, it says itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_contacts.card_custom import with_custom
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import ContactDraft, CustomField, ImportFormat
from crm_contacts.document_reading import draft_from_document, is_document
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


def json_format(content: bytes) -> ImportFormat:
    """Tell what a card is; one that cannot be read is taken for what it begins like."""
    if content.startswith(b"["):
        return ImportFormat.JCARD
    try:
        document = _decoded(content)
    except VCardError:
        return ImportFormat.JSCONTACT
    return ImportFormat.NDJSON if is_document(document) else ImportFormat.JSCONTACT


def read_json_contact(
    content: bytes, custom: Mapping[str, CustomField]
) -> tuple[ContactDraft, str | None]:
    """Read a contact: a card, or a document of ours, with custom fields by their keys.

    Returned with it is what its custom values could not be taken for.

    :raises VCardError: if it is neither, or nothing in it could stand for a contact
    """
    document = _decoded(content)
    if is_document(document):
        return draft_from_document(document, custom)
    return with_custom(draft_from_card(_card(document)), custom)


def read_json_card(content: bytes) -> VCard:
    """Read a card in jCard (RFC 7095) or JSContact (RFC 9553).

    :raises VCardError: if it is neither, or nothing in it could stand for a contact
    """
    return _card(_decoded(content))


def _decoded(content: bytes) -> Any:
    """Return what a JSON text says.

    Octets that are no UTF-8 are taken for what old programs wrote, and NUL goes, as in a vCard.
    """
    try:
        content.decode()
    except UnicodeDecodeError:
        content = decode(content).encode()
    try:
        return decode_json(content)
    except JsonError as error:
        raise VCardError(error.reason) from error


def _card(document: Any) -> VCard:
    if is_jcard(document):
        return read_jcard(document)
    if is_jscontact(document):
        return read_jscontact(document)
    raise VCardError(NOT_A_CARD)
