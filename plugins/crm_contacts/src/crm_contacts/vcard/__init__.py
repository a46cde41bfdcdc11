"""A tolerant reader of vCard 2.1, 3.0 and 4.0 that loses nothing."""

from __future__ import annotations

from crm_contacts.vcard.card import UNPARSED, Property, VCard, VCardError
from crm_contacts.vcard.escaping import escape, split_fields, split_items, unescape
from crm_contacts.vcard.reading import is_filled, read_card
from crm_contacts.vcard.splitting import CUT_OFF, NO_CARD, CardSource, split_cards

__all__ = [
    "CUT_OFF",
    "NO_CARD",
    "UNPARSED",
    "CardSource",
    "Property",
    "VCard",
    "VCardError",
    "escape",
    "is_filled",
    "read_card",
    "split_cards",
    "split_fields",
    "split_items",
    "unescape",
]
