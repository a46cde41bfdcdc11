"""A tolerant reader of vCard 2.1, 3.0 and 4.0 that loses nothing, and a writer of 3.0 and 4.0."""

from __future__ import annotations

from crm_contacts.vcard.binary import as_data_uri, from_data_uri
from crm_contacts.vcard.card import UNPARSED, Property, VCard, VCardError
from crm_contacts.vcard.escaping import (
    escape,
    escape_line_breaks,
    escape_uri,
    split_components,
    split_fields,
    split_items,
    unescape,
)
from crm_contacts.vcard.reading import is_filled, read_card, read_line, usable_card
from crm_contacts.vcard.splitting import CUT_OFF, NO_CARD, CardSource, split_cards
from crm_contacts.vcard.writing import content_line, write_properties

__all__ = [
    "CUT_OFF",
    "NO_CARD",
    "UNPARSED",
    "CardSource",
    "Property",
    "VCard",
    "VCardError",
    "as_data_uri",
    "content_line",
    "escape",
    "escape_line_breaks",
    "escape_uri",
    "from_data_uri",
    "is_filled",
    "read_card",
    "read_line",
    "split_cards",
    "split_components",
    "split_fields",
    "split_items",
    "unescape",
    "usable_card",
    "write_properties",
]
