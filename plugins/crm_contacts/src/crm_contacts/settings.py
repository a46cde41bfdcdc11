"""Settings of the contact service, in `[plugin.crm_contacts]`."""

from __future__ import annotations

import phonenumbers
from marshmallow import Schema, ValidationError, fields, validate


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
    import_step_seconds = fields.Integer(
        load_default=1,
        validate=validate.Range(0, 10),
        metadata={"description": "How long a step of an import works, at least on one chunk."},
    )
