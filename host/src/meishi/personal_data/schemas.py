"""Bodies of the personal data."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.sdk.http import ResourceSchema

_MOST = 100


class AccountErasureSchema(ResourceSchema):
    """The end of one's own account."""

    password = fields.String(
        required=True,
        load_only=True,
        validate=validate.Length(min=1, max=1000),
        metadata={"description": "That of the account.", "example": "correct horse battery"},
    )


class SuppressedPeopleSchema(ResourceSchema):
    """Addresses and numbers of people; at least one."""

    emails = fields.List(
        fields.Email(validate=validate.Length(max=320)),
        load_default=list,
        validate=validate.Length(max=_MOST),
        metadata={"description": "Case does not count.", "example": ["zelda@example.org"]},
    )
    phones = fields.List(
        fields.String(validate=validate.Regexp(r"\+[1-9][0-9]{1,14}\Z")),
        load_default=list,
        validate=validate.Length(max=_MOST),
        metadata={"description": "In E.164.", "example": ["+46701234567"]},
    )


class LiftedSuppressionsSchema(ResourceSchema):
    """What was forgotten."""

    lifted = fields.Integer(
        required=True, metadata={"description": "How many were suppressed.", "example": 1}
    )


RESOURCES = (AccountErasureSchema, SuppressedPeopleSchema, LiftedSuppressionsSchema)
