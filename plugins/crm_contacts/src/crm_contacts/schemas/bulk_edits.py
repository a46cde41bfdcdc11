"""Edits of many contacts."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import ContactKind, Visibility
from crm_contacts.schemas.contact_fields import CustomValuesField
from meishi.sdk.http import ResourceSchema, TruthField

_IDS = validate.Length(0, 50)


class FieldEditsSchema(ResourceSchema):
    """What fields say from now on (JSON Merge Patch): absent members stay, null empties a text."""

    kind = fields.Enum(ContactKind, by_value=True, metadata={"example": "org"})
    organisation = fields.String(allow_none=True, metadata={"example": "Lindqvist Arkitekter"})
    title = fields.String(allow_none=True, metadata={"example": "Architect"})
    role = fields.String(allow_none=True, metadata={"example": None})
    custom = CustomValuesField()


class BulkEditSchema(ResourceSchema):
    """What is done to which contacts: to those that are named, or that a list shows."""

    contact_ids = fields.List(fields.UUID(), validate=validate.Length(1, 10_000))
    filter = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(keys=fields.String(), values=fields.String()),
        metadata={
            "description": "Filters as the list of contacts has them, by field and operator.",
            "example": {"organisation": {"prefix": "lind"}, "tag": {"none": "Customer"}},
        },
    )
    q = fields.String(
        validate=validate.Length(1, 200),
        metadata={
            "description": "What is searched for, as in the list, among those the filter shows."
            " A search that finds a thousand contacts or more is refused."
        },
    )
    add_tags = fields.List(fields.UUID(), load_default=list, validate=_IDS)
    remove_tags = fields.List(fields.UUID(), load_default=list, validate=_IDS)
    add_to_lists = fields.List(fields.UUID(), load_default=list, validate=_IDS)
    remove_from_lists = fields.List(fields.UUID(), load_default=list, validate=_IDS)
    owner_id = fields.UUID(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The member who owns them from now on, as far as you decide about them.",
            "example": None,
        },
    )
    visibility = fields.Enum(
        Visibility,
        by_value=True,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "Who sees them from now on, as far as you decide about them: everybody,"
            " or their owner and those they are shared with.",
            "example": None,
        },
    )
    changes = fields.Nested(FieldEditsSchema, metadata={"description": "What their fields say."})
    deleted = TruthField(
        load_default=None,
        allow_none=True,
        metadata={
            "description": "True deletes them, such that they can be restored; false restores"
            " deleted ones that fit. It is said alone.",
            "example": None,
        },
    )
