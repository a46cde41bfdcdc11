"""Settings of the contact service, in `[plugin.crm_contacts]`."""

from __future__ import annotations

from typing import Any

import phonenumbers
from marshmallow import Schema, ValidationError, fields, validate, validates_schema


def _is_region(value: str) -> None:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError("Not a region (ISO 3166, two capital letters).")


class ContactsSettingsSchema(Schema):
    """What an operator can set."""

    default_region = fields.String(
        load_default=None,
        allow_none=True,
        validate=_is_region,
        metadata={"description": "Region of phone numbers that have no country code."},
    )
    max_card_bytes = fields.Integer(
        load_default=2 * 1024 * 1024,
        validate=validate.Range(1024, 64 * 1024 * 1024),
        metadata={"description": "Size from which on a single card is rejected, photo included."},
    )
    max_photo_bytes = fields.Integer(
        load_default=5 * 1024 * 1024,
        validate=validate.Range(1024, 64 * 1024 * 1024),
        metadata={"description": "Size from which on a file does not become a contact's photo."},
    )
    max_import_photo_bytes = fields.Integer(
        load_default=1024 * 1024 * 1024,
        validate=validate.Range(0, 1024 * 1024 * 1024 * 1024),
        metadata={"description": "Size of all photos that the cards of one import become."},
    )
    import_step_seconds = fields.Integer(
        load_default=1,
        validate=validate.Range(0, 10),
        metadata={"description": "How long a step of an import works, at least on one chunk."},
    )
    duplicate_review_bits = fields.Float(
        load_default=-3.0,
        validate=validate.Range(-20, 60),
        metadata={
            "description": "Evidence, in bits, from which on two contacts are shown as possible "
            "duplicates: -3 are odds of one to eight, 0 even odds."
        },
    )
    duplicate_certain_bits = fields.Float(
        load_default=10.0,
        validate=validate.Range(-20, 60),
        metadata={
            "description": "Evidence, in bits, from which on two contacts are certainly one: 10 "
            "are odds of a thousand to one."
        },
    )
    purge_deleted_after_days = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1, 36_500),
        metadata={
            "description": "Days after which a deleted contact is purged: nothing brings it back."
        },
    )

    @validates_schema
    def _in_order(self, values: dict[str, Any], **_: Any) -> None:
        if values["duplicate_certain_bits"] < values["duplicate_review_bits"]:
            raise ValidationError(
                "Nothing is certain that is not worth a look: raise duplicate_certain_bits.",
                "duplicate_certain_bits",
            )
