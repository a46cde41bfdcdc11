"""Schemas of the feed and of the catalogue."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from meishi.events.feed.feed import Beginning
from meishi.sdk.http import ResourceSchema

#: The longest wait, in seconds: shorter than most proxies let a request take.
LONGEST_WAIT = 30

_CURSOR = "lpgBAc0EAJDLQdlK0fQAAAAAAADAwDp9bXz3d2ZP4oOQ1k5h9Q"
_ID = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class EventFeedQuerySchema(ResourceSchema):
    """Where the feed is read on, and how."""

    after = fields.String(
        validate=validate.Length(min=1),
        metadata={
            "description": "`next_after` of the answer before: all behind it.",
            "example": _CURSOR,
        },
    )
    start = fields.Enum(
        Beginning,
        by_value=True,
        data_key="from",
        metadata={
            "description": "Without a cursor: from the oldest event that is kept (the default), "
            "or with what comes from now on."
        },
    )
    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(1, 200),
        metadata={"description": "How many events at most."},
    )
    wait = fields.Integer(
        load_default=0,
        validate=validate.Range(0, LONGEST_WAIT),
        metadata={"description": "How many seconds to wait for the first event."},
    )
    types = fields.String(
        data_key="filter[type]",
        validate=validate.Length(1, 2000),
        metadata={
            "description": "These types only, separated by commas.",
            "example": "contact.created.v1,contact.deleted.v1",
        },
    )

    @post_load
    def _as_request(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        if "after" in values and "start" in values:
            raise ValidationError({"from": ["`after` says already from where on."]})
        values.setdefault("start", Beginning.OLDEST)
        if "types" in values:
            values["types"] = [name.strip() for name in values["types"].split(",")]
        return values


class EventEnvelopeSchema(ResourceSchema):
    """An event: CloudEvents 1.0 in JSON; `data` is of the schema that the catalogue has."""

    specversion = fields.String(required=True, metadata={"example": "1.0"})
    id = fields.UUID(required=True)
    source = fields.String(
        required=True,
        metadata={"description": "The plugin that published it.", "example": "crm_contacts"},
    )
    type = fields.String(required=True, metadata={"example": "contact.created.v1"})
    subject = fields.String(
        required=True, metadata={"description": "What it is about.", "example": _ID}
    )
    time = fields.AwareDateTime(required=True, format="iso")
    datacontenttype = fields.String(required=True, metadata={"example": "application/json"})
    dataschema = fields.String(
        required=True, metadata={"example": "urn:meishi:event:contact.created.v1"}
    )
    workspace = fields.UUID(required=True)
    actor = fields.UUID(metadata={"description": "The user who acted; absent where nobody did."})
    correlation = fields.UUID(
        required=True, metadata={"description": "The same for all that one request led to."}
    )
    causation = fields.UUID(
        metadata={"description": "The event during whose handling it was published."}
    )
    traceparent = fields.String(
        required=True,
        metadata={"example": "00-01939d2c5f6e7a1b8c3d4e5f60718293-8c3d4e5f60718293-01"},
    )
    data = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "Ids and the names of what changed.",
            "example": {"contact_id": _ID},
        },
    )


class EventFeedSchema(ResourceSchema):
    """Events in the order of delivery, and the cursor behind them."""

    items = fields.List(fields.Nested(EventEnvelopeSchema), required=True)
    next_after = fields.String(
        required=True,
        metadata={"description": "Where to go on, also without events.", "example": _CURSOR},
    )
    more = fields.Boolean(
        required=True,
        metadata={"description": "Whether not all was looked at yet: go on at once."},
    )


class EventCatalogueSchema(ResourceSchema):
    """An AsyncAPI 3.0 document."""

    asyncapi = fields.String(required=True, metadata={"example": "3.0.0"})
    info = fields.Dict(keys=fields.String(), required=True)
    default_content_type = fields.String(data_key="defaultContentType", required=True)
    channels = fields.Dict(keys=fields.String(), required=True)
    operations = fields.Dict(keys=fields.String(), required=True)
    components = fields.Dict(keys=fields.String(), required=True)
