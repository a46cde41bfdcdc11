"""Merging contacts, and taking that back."""

from __future__ import annotations

from marshmallow import fields, validate

from crm_contacts.contract import CHOICES, ConsentChannel, ConsentState
from crm_contacts.schemas.contacts import ContactSchema
from meishi.sdk.http import ResourceSchema

_MERGED = {"description": "They are deleted; the first fill what is empty before others."}
_CHOICES = {
    "description": "Whose value a field is to have, where contacts say different things; without"
    " a choice the contact keeps its own.",
    "example": {},
}


class ContactMergeSchema(ResourceSchema):
    """Which contacts are to be merged into one, and whose word counts in which field."""

    merged_ids = fields.List(
        fields.UUID(), required=True, validate=validate.Length(1, 100), metadata=_MERGED
    )
    fields_from = fields.Dict(
        keys=fields.String(validate=validate.OneOf(CHOICES)),
        values=fields.UUID(),
        load_default=dict,
        metadata=_CHOICES,
    )


class FieldValueSchema(ResourceSchema):
    """What a contact says in a field, as text."""

    contact_id = fields.UUID(required=True)
    value = fields.String(required=True, metadata={"example": "Architect"})


class FieldConflictSchema(ResourceSchema):
    """A field in which contacts say different things; the others' words go to `raw`."""

    field = fields.String(required=True, metadata={"example": "title"})
    values = fields.List(fields.Nested(FieldValueSchema), required=True)
    chosen_id = fields.UUID(required=True)


class SaidConsentSchema(ResourceSchema):
    """What a contact has said to a channel."""

    contact_id = fields.UUID(required=True)
    state = fields.Enum(
        ConsentState, by_value=True, required=True, metadata={"example": ConsentState.DENIED.value}
    )


class MergedConsentSchema(ResourceSchema):
    """A channel to which contacts have not said the same; the strictest `state` would count."""

    channel = fields.Enum(
        ConsentChannel,
        by_value=True,
        required=True,
        metadata={"example": ConsentChannel.EMAIL.value},
    )
    values = fields.List(fields.Nested(SaidConsentSchema), required=True)
    state = fields.Enum(
        ConsentState, by_value=True, required=True, metadata={"example": ConsentState.DENIED.value}
    )


class MergePreviewSchema(ResourceSchema):
    """What a merge would come to; nothing is changed.

    `relationships` would be the contact's own, `dropped` are those that would lead to itself or
    stand there twice. `photo_of` is the contact whose photo it would have.
    """

    contact = fields.Nested(ContactSchema, required=True)
    conflicts = fields.List(fields.Nested(FieldConflictSchema), required=True)
    relationships = fields.Integer(required=True, metadata={"example": 3})
    dropped = fields.Integer(required=True, metadata={"example": 1})
    consents = fields.List(fields.Nested(MergedConsentSchema), required=True)
    photo_of = fields.UUID(required=True, allow_none=True)


class KeptChangeSchema(ResourceSchema):
    """Something that stays as it is although the merge is taken back, and why."""

    field = fields.String(required=True, metadata={"example": "title"})
    value = fields.String(required=True, allow_none=True, metadata={"example": "Head architect"})
    reason = fields.String(required=True, metadata={"example": "It was changed after the merge."})


class UnmergeReportSchema(ResourceSchema):
    """A contact that is back as it was, and what could not be taken from the other one."""

    contact = fields.Nested(ContactSchema, required=True)
    target_id = fields.UUID(required=True)
    kept = fields.List(fields.Nested(KeptChangeSchema), required=True)
    relationships = fields.Integer(required=True, metadata={"example": 2})
