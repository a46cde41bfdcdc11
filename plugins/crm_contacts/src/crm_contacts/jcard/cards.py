"""Whole cards in jCard (RFC 7095), which is JSON."""

from __future__ import annotations

import re
from typing import Any, TypeGuard

from crm_contacts.jcard.properties import jcard_property, property_of
from crm_contacts.vcard import VCard, VCardError, usable_card

NOT_A_CARD = 'not a jCard: it does not begin with "vcard" and a list of properties'

_VERSION = re.compile(r"[0-9]\.[0-9]")
_WORD, _PROPERTIES = range(2)


def write_jcard(card: VCard) -> list[Any]:
    """Return a card as a jCard of version 4.0, for which `read_jcard` gives the same properties.

    :raises UnicodeEncodeError: if a text holds half of a surrogate pair
    """
    version = ["version", {}, "text", "4.0"]
    return ["vcard", [version, *map(jcard_property, card.properties)]]


def read_jcard(document: object) -> VCard:
    """Read a jCard; what is no property in it is kept as one named `UNPARSED`.

    :raises VCardError: if this is no jCard, or nothing in it could stand for a contact
    """
    if not is_jcard(document):
        raise VCardError(NOT_A_CARD)
    items = list(document[_PROPERTIES])
    version = "4.0"
    if items and _stated_version(items[0]):
        version = _stated_version(items.pop(0))
    return usable_card(version, map(property_of, items))


def is_jcard(document: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value has the form of a jCard."""
    return (
        isinstance(document, list)
        and len(document) > _PROPERTIES
        and isinstance(document[_WORD], str)
        and document[_WORD].lower() == "vcard"
        and isinstance(document[_PROPERTIES], list)
    )


def _stated_version(item: object) -> str:
    """Return the version that an item states and nothing else; an empty text if it does not."""
    match item:
        case [str(name), {**params}, "text", str(said)] if name.lower() == "version":
            return said if not params and _VERSION.fullmatch(said) else ""
    return ""
