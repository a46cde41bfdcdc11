"""Jobs over HTTP, for operators."""

from __future__ import annotations

from typing import Any

import msgspec
from marshmallow import fields, validate

from meishi.declarations import JobScope
from meishi.jobs.operations import JobState
from meishi.sdk.http import Filter, ResourceSchema, list_query_schema

_MAX_NAME = 200
_JOB, _QUEUE = "crm_contacts.run_import", "crm_contacts.imports"


class JsonTextField(fields.Field[Any]):
    """JSON text inside, what it says outside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:  # noqa: ARG002
        return msgspec.json.decode(value)


def _name(example: str) -> fields.String:
    return fields.String(validate=validate.Length(1, _MAX_NAME), metadata={"example": example})


JobQuerySchema = list_query_schema(
    "JobQuerySchema",
    filters={
        "state": Filter(fields.Enum(JobState, by_value=True)),
        "job": Filter(_name(_JOB)),
        "queue": Filter(_name(_QUEUE)),
        "workspace": Filter(fields.UUID),
    },
)


class JobSchema(ResourceSchema):
    """One job in the queue; newer ones have larger numbers."""

    id = fields.Integer(required=True, metadata={"example": 42})
    job = fields.String(required=True, metadata={"example": _JOB})
    queue = fields.String(required=True, metadata={"example": _QUEUE})
    state = fields.Enum(JobState, by_value=True, required=True)
    priority = fields.Integer(required=True, metadata={"description": "-100 to 100.", "example": 0})
    lock = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Jobs with one lock run one at a time.", "example": None},
    )
    workspace = fields.UUID(required=True, allow_none=True)
    operation = fields.UUID(
        required=True,
        allow_none=True,
        metadata={"description": "Null for what a schedule asked for."},
    )
    requested_by = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The user; null for the system."}
    )
    arguments = JsonTextField(required=True, metadata={"type": "object", "example": {}})
    attempts = fields.Integer(required=True, metadata={"example": 1})
    failures = fields.Integer(required=True, metadata={"example": 0})
    cancel_requested = fields.Boolean(required=True, metadata={"example": False})
    due_at = fields.AwareDateTime(
        required=True,
        allow_none=True,
        format="iso",
        metadata={"description": "Not begun before.", "example": None},
    )
    requested_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    started_at = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    finished_at = fields.AwareDateTime(
        required=True, allow_none=True, format="iso", metadata={"example": None}
    )


class JobPageSchema(ResourceSchema):
    """Jobs, the newest first."""

    items = fields.List(fields.Nested(JobSchema), required=True)
    next_after = fields.String(
        required=True, allow_none=True, metadata={"description": "Null on the last page."}
    )
    total = fields.Integer(metadata={"description": "How many there are, if that was asked."})


class JobFailureSchema(ResourceSchema):
    """Why an attempt failed."""

    attempt = fields.Integer(required=True, metadata={"example": 1})
    at = fields.AwareDateTime(required=True, format="iso")
    error = fields.String(required=True, metadata={"example": "ValueError: no"})


class JobDetailsSchema(ResourceSchema):
    """A job with its failures, the first attempt's first."""

    job = fields.Nested(JobSchema, required=True)
    failures = fields.List(fields.Nested(JobFailureSchema), required=True)


class JobQueueSchema(ResourceSchema):
    """One queue; jobs of one that is not active wait until their module is back."""

    queue = fields.String(required=True, metadata={"example": _QUEUE})
    active = fields.Boolean(required=True, metadata={"example": True})
    waiting = fields.Integer(required=True, metadata={"example": 3})
    due = fields.Integer(
        required=True, metadata={"description": "Those that could run now.", "example": 2}
    )
    running = fields.Integer(required=True, metadata={"example": 1})
    failed = fields.Integer(required=True, metadata={"example": 0})
    lag_seconds = fields.Float(
        required=True,
        metadata={"description": "How long the oldest that could run waits.", "example": 0.4},
    )


class JobQueuesSchema(ResourceSchema):
    """All queues, and how many processes work on them."""

    queues = fields.List(fields.Nested(JobQueueSchema), required=True)
    workers_alive = fields.Integer(required=True, metadata={"example": 1})


class JobScheduleSchema(ResourceSchema):
    """What runs by a schedule."""

    job = fields.String(required=True, metadata={"example": "meishi_operations.forget_finished"})
    cron = fields.String(
        required=True, metadata={"description": "Five fields, in UTC.", "example": "17 3 * * *"}
    )
    scope = fields.Enum(
        JobScope,
        by_value=True,
        required=True,
        metadata={"description": "Whether it runs in each workspace, or once."},
    )
    last_tick = fields.AwareDateTime(required=True, allow_none=True, format="iso")
    next_tick = fields.AwareDateTime(required=True, format="iso")


class JobSchedulesSchema(ResourceSchema):
    """All schedules."""

    schedules = fields.List(fields.Nested(JobScheduleSchema), required=True)


RESOURCES = (
    JobSchema,
    JobPageSchema,
    JobFailureSchema,
    JobDetailsSchema,
    JobQueueSchema,
    JobQueuesSchema,
    JobScheduleSchema,
    JobSchedulesSchema,
)
