"""Health over HTTP: what each check found."""

from __future__ import annotations

from marshmallow import fields

from meishi.declarations import HealthStatus
from meishi.sdk.http import ResourceSchema

_STATUS = {"example": HealthStatus.OK.value}


class HealthCheckSchema(ResourceSchema):
    """What a check of a module found."""

    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    name = fields.String(required=True, metadata={"example": "mail"})
    title = fields.String(required=True, metadata={"example": "Mail server"})
    status = fields.Enum(HealthStatus, by_value=True, required=True, metadata=_STATUS)
    message = fields.String(
        required=True,
        metadata={"description": "A sentence with what to do, or nothing.", "example": ""},
    )
    milliseconds = fields.Integer(
        required=True, metadata={"description": "How long the check took.", "example": 12}
    )


class HealthSummarySchema(ResourceSchema):
    """How the deployment is: as its worst check says."""

    status = fields.Enum(HealthStatus, by_value=True, required=True, metadata=_STATUS)
    checks = fields.List(fields.Nested(HealthCheckSchema), required=True)


RESOURCES = (HealthCheckSchema, HealthSummarySchema)
