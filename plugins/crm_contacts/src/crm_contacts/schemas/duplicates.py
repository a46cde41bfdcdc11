"""Contacts that may be one and the same."""

from __future__ import annotations

from marshmallow import fields

from crm_contacts.contract import Agreement, DuplicateState, Verdict
from meishi.sdk.contract import Operator
from meishi.sdk.http import Filter, PageSchema, ResourceSchema, list_query_schema

_SCORE = {
    "description": "Evidence in bits: 0 are even odds, 10 a thousand to one.",
    "example": 14.2,
}


class DuplicateEvidenceSchema(ResourceSchema):
    """What a field says for (or, below 0, against) two contacts being one.

    `prior` stands against any two of many; `household` takes back what people who live or work
    together have in common anyway.
    """

    field = fields.String(required=True, metadata={"example": "birthday"})
    agreement = fields.Enum(
        Agreement, by_value=True, required=True, metadata={"example": Agreement.SAME.value}
    )
    bits = fields.Float(required=True, metadata={"example": 14.27})


class PairedContactSchema(ResourceSchema):
    """One of a pair; the name is null if the contact is gone."""

    id = fields.UUID(required=True)
    name = fields.String(required=True, allow_none=True, metadata={"example": "Anna Lindqvist"})


class DuplicateSchema(ResourceSchema):
    """Two contacts that may be one, why, and what was decided about them."""

    id = fields.UUID(required=True)
    contacts = fields.List(fields.Nested(PairedContactSchema), required=True)
    state = fields.Enum(DuplicateState, by_value=True, required=True, metadata={"example": "open"})
    score = fields.Float(required=True, metadata=_SCORE)
    probability = fields.Float(required=True, metadata={"example": 0.999947})
    verdict = fields.Enum(Verdict, by_value=True, required=True, metadata={"example": "certain"})
    evidence = fields.List(fields.Nested(DuplicateEvidenceSchema), required=True)
    version = fields.Integer(required=True)
    found_at = fields.AwareDateTime(required=True, format="iso")
    decided_at = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"example": None}
    )


class DuplicatePageSchema(PageSchema):
    """Pairs, the likeliest first."""

    items = fields.List(fields.Nested(DuplicateSchema), required=True)


class LikenessSchema(ResourceSchema):
    """A contact that may be the one that was asked about.

    `pair_id` is the stored pair of both, if there is one yet, and `state` what was decided.
    """

    contact_id = fields.UUID(required=True)
    name = fields.String(required=True, metadata={"example": "Anna Lindqvist"})
    score = fields.Float(required=True, metadata=_SCORE)
    probability = fields.Float(required=True, metadata={"example": 0.999947})
    verdict = fields.Enum(Verdict, by_value=True, required=True, metadata={"example": "certain"})
    evidence = fields.List(fields.Nested(DuplicateEvidenceSchema), required=True)
    pair_id = fields.UUID(required=True, allow_none=True)
    state = fields.Enum(DuplicateState, by_value=True, required=True, metadata={"example": "open"})


class LikenessesSchema(ResourceSchema):
    """Contacts that may be another one, the likeliest first."""

    items = fields.List(fields.Nested(LikenessSchema), required=True)


class DuplicateGroupSchema(ResourceSchema):
    """Contacts that are certainly one, the eldest first."""

    contacts = fields.List(fields.Nested(PairedContactSchema), required=True)


class DuplicateGroupsSchema(ResourceSchema):
    """Groups of contacts that are certainly one each, those of the likeliest pairs first."""

    items = fields.List(fields.Nested(DuplicateGroupSchema), required=True)


DuplicateQuerySchema = list_query_schema(
    "DuplicateQuerySchema",
    filters={
        "state": Filter(fields.Enum(DuplicateState, by_value=True)),
        "contact_id": Filter(fields.UUID),
        "score": Filter(fields.Integer, (Operator.GTE, Operator.LT)),
    },
    sorts=("score",),
)
