"""Imports of address books."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_dump

from crm_contacts.contract import CardStatus
from meishi.sdk.http import ResourceSchema


class CardOutcomeSchema(ResourceSchema):
    """What became of one card of an import."""

    index = fields.Integer(required=True)
    line = fields.Integer(required=True)
    status = fields.Enum(CardStatus, by_value=True, required=True)
    name = fields.String()
    contact_id = fields.UUID()
    reason = fields.String(metadata={"description": "Why the card was rejected."})
    original = fields.String(metadata={"description": "The rejected card's text."})

    @post_dump
    def _without_nulls(self, document: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in document.items() if value is not None}


class ContactImportSchema(ResourceSchema):
    """The result of an import: `imported` cards include duplicates.

    Text that ends with END:VCARD counts as a card, and is rejected if its BEGIN is damaged.
    """

    cards = fields.Integer(required=True)
    imported = fields.Integer(required=True)
    duplicates = fields.Integer(required=True)
    rejected = fields.Integer(required=True)
    results = fields.List(fields.Nested(CardOutcomeSchema), required=True)
