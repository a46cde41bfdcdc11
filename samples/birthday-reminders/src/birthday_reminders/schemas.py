"""How birthdays look in the web API."""

from __future__ import annotations

from marshmallow import fields

from meishi.sdk.http import CursorTextField, ResourceSchema, list_query_schema


class BirthdaySchema(ResourceSchema):
    """The birthday of a contact."""

    contact_id = fields.UUID(required=True)
    month = fields.Integer(required=True, metadata={"example": 2})
    day = fields.Integer(required=True, metadata={"example": 29})
    next = fields.Date(required=True, metadata={"example": "2027-02-28"})
    in_days = fields.Integer(required=True, metadata={"description": "0 for today.", "example": 7})


class BirthdayPageSchema(ResourceSchema):
    """Birthdays in the order of the year."""

    items = fields.List(fields.Nested(BirthdaySchema), required=True)
    next_after = CursorTextField(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )
    total = fields.Integer()


BirthdayQuerySchema = list_query_schema("BirthdayQuerySchema")

RESOURCES = (BirthdaySchema, BirthdayPageSchema)
