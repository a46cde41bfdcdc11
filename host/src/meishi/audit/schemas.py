"""Audit over HTTP: entries, and what they can be asked by."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.audit.entry import Outcome
from meishi.sdk.contract import Operator
from meishi.sdk.http import CursorTextField, Filter, ResourceSchema, list_query_schema

_MAX_TEXT = 300
_ACTION = "PATCH /api/v1/contacts/{contact_id}"
_RESOURCE = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


def _text(example: str) -> fields.String:
    return fields.String(validate=validate.Length(1, _MAX_TEXT), metadata={"example": example})


_FILTERS = {
    "user_id": Filter(fields.UUID),
    "action": Filter(_text(_ACTION)),
    "plugin": Filter(_text("crm_contacts")),
    "resource_type": Filter(_text("contacts")),
    "resource_id": Filter(_text(_RESOURCE)),
    "outcome": Filter(fields.Enum(Outcome, by_value=True)),
    "at": Filter(fields.AwareDateTime(format="iso"), (Operator.GTE, Operator.LT)),
}

AuditQuerySchema = list_query_schema("AuditQuerySchema", filters=_FILTERS, sorts=("at",))


class AuditExportQuerySchema(ResourceSchema):
    """The filters of the list, for all entries at once."""

    user_id = fields.UUID(data_key="filter[user_id][eq]")
    action = fields.String(data_key="filter[action][eq]", validate=validate.Length(1, _MAX_TEXT))
    plugin = fields.String(data_key="filter[plugin][eq]", validate=validate.Length(1, _MAX_TEXT))
    resource_type = fields.String(
        data_key="filter[resource_type][eq]", validate=validate.Length(1, _MAX_TEXT)
    )
    resource_id = fields.String(
        data_key="filter[resource_id][eq]", validate=validate.Length(1, _MAX_TEXT)
    )
    outcome = fields.Enum(Outcome, by_value=True, data_key="filter[outcome][eq]")
    since = fields.AwareDateTime(format="iso", data_key="filter[at][gte]")
    until = fields.AwareDateTime(format="iso", data_key="filter[at][lt]")


class AuditEntrySchema(ResourceSchema):
    """What somebody did, or was denied."""

    id = fields.UUID(required=True)
    at = fields.AwareDateTime(required=True, format="iso")
    outcome = fields.Enum(
        Outcome, by_value=True, required=True, metadata={"example": Outcome.DONE.value}
    )
    action = fields.String(
        required=True,
        metadata={
            "description": "The operation of the web API, or what a module calls it.",
            "example": _ACTION,
        },
    )
    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    permission = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What the operation asks for.", "example": "contacts.write"},
    )
    status = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How the request was answered.", "example": 200},
    )
    user_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "Null for the system."}
    )
    token_id = fields.UUID(required=True, allow_none=True)
    session_id = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "The session in a browser, if it was one.", "example": None},
    )
    resource_type = fields.String(required=True, allow_none=True, metadata={"example": "contacts"})
    resource_id = fields.String(required=True, allow_none=True, metadata={"example": _RESOURCE})
    changed = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "Names of the fields that the request brought, never their values.",
            "example": ["title", "note"],
        },
    )
    address = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "The network that the request came from: of IPv4 /24, of IPv6 /48.",
            "example": "192.0.2.0/24",
        },
    )
    correlation = fields.UUID(
        required=True, metadata={"description": "The trace of the request and its events."}
    )


class AuditEntryPageSchema(ResourceSchema):
    """Entries in the order of time."""

    items = fields.List(fields.Nested(AuditEntrySchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True)
    total = fields.Integer(metadata={"description": "How many there are, if that was asked."})


RESOURCES = (AuditEntrySchema, AuditEntryPageSchema)
