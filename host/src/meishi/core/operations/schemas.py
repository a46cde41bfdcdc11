"""Operations over HTTP: what can be asked for, and pages of them."""

from __future__ import annotations

from marshmallow import fields, validate

from meishi.core.operations.contract import OperationState
from meishi.sdk.http import Filter, OperationSchema, ResourceSchema, list_query_schema

_MAX_KIND = 200

OperationQuerySchema = list_query_schema(
    "OperationQuerySchema",
    filters={
        "state": Filter(fields.Enum(OperationState, by_value=True)),
        "kind": Filter(
            fields.String(
                validate=validate.Length(1, _MAX_KIND),
                metadata={"example": "crm_contacts.run_import"},
            )
        ),
    },
)


class OperationPageSchema(ResourceSchema):
    """Operations, newest first."""

    items = fields.List(fields.Nested(OperationSchema), required=True)
    next_after = fields.String(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )
    total = fields.Integer(
        metadata={"description": "How many there are, if that was asked and is known."}
    )
    incomplete = fields.List(
        fields.String(metadata={"example": "crm_enrichment"}),
        metadata={
            "description": "Modules that do not answer now, if there are any: they may have"
            " operations, too."
        },
    )


RESOURCES = (OperationSchema, OperationPageSchema)
