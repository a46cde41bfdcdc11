"""The catalogue as an AsyncAPI 3.0 document: channels, messages, who sends and who receives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from meishi import __version__
from meishi.envelope import schema_name
from meishi.events.event_map import EventMap, Listener, MappedType
from meishi.events.payload import MAX_SUBJECT

Json = dict[str, Any]

_UUID = {"type": "string", "format": "uuid"}
#: The attributes of CloudEvents 1.0 that each event has, and those of ours (extensions there).
_ATTRIBUTES: Json = {
    "specversion": {"const": "1.0"},
    "id": _UUID | {"description": "The event's own id (UUIDv7)."},
    "source": {"type": "string", "description": "The plugin that published it."},
    "type": {"type": "string"},
    "subject": {"type": "string", "minLength": 1, "maxLength": MAX_SUBJECT},
    "time": {"type": "string", "format": "date-time"},
    "datacontenttype": {"const": "application/json"},
    "dataschema": {"type": "string", "format": "uri"},
    "workspace": _UUID | {"description": "The tenant; absent for a fact of the deployment."},
    "actor": _UUID | {"description": "The user who acted; absent where nobody did."},
    "correlation": _UUID | {"description": "The same for all that one request led to."},
    "causation": _UUID | {"description": "The event during whose handling it was published."},
    "traceparent": {"type": "string", "description": "W3C Trace Context."},
}
_ALWAYS = [
    "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema",
    "correlation", "traceparent",
]  # fmt: skip


def asyncapi_document(found: EventMap) -> Json:
    """Return the document of a map of events, ready to be written as JSON."""
    references, schemas = _payload_schemas(found)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Events of Meishi",
            "version": __version__,
            "description": "What the active plugins publish, and who of them listens. Events of "
            "one subject are delivered in the order of their commits.",
            "tags": [
                {"name": name, "description": found.titles.get(name, name)}
                for name in found.concerned
            ],
        },
        "defaultContentType": "application/json",
        "channels": {item.name: _channel(item) for item in found.types},
        "operations": {name: body for item in found.types for name, body in _operations(item)},
        "components": {
            "messages": {
                item.name: _message(item, payload)
                for item, payload in zip(found.types, references, strict=True)
            },
            "schemas": schemas,
        },
    }


def _payload_schemas(found: EventMap) -> tuple[list[Json], Json]:
    """Return a reference for each type, and the schemas to which they lead."""
    references, schemas = msgspec.json.schema_components(
        [item.event for item in found.types], ref_template="#/components/schemas/{name}"
    )
    plain = {name: _draft_07(schema) for name, schema in sorted(schemas.items())}
    for item, reference in zip(found.types, references, strict=True):
        if item.read_as:
            plain[reference["$ref"].rpartition("/")[2]]["deprecated"] = True
    return [dict(reference) for reference in references], plain


def _draft_07(schema: Any) -> Any:
    """Return a schema in the older words that AsyncAPI's own dialect has for a tuple."""
    if isinstance(schema, list | tuple):
        return [_draft_07(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _draft_07(value) for name, value in schema.items()}
    if isinstance(plain.get("prefixItems"), list):
        plain["additionalItems"] = plain.pop("items", True)
        plain["items"] = plain.pop("prefixItems")
    return plain


def _described(item: MappedType) -> Json:
    if not item.description:
        return {}
    summary, _, more = item.description.partition("\n")
    return {"summary": summary} | ({"description": item.description} if more else {})


def _marks(item: MappedType) -> Json:
    """Return what AsyncAPI has no words for: owner, subject, and that a type is retired."""
    marks: Json = {"x-meishi-subject": item.event.subject}
    if item.owner is not None:
        marks["x-meishi-owner"] = item.owner
    if item.read_as is not None:
        marks |= {"x-meishi-retired": True, "x-meishi-read-as": item.read_as}
    return marks


def _channel(item: MappedType) -> Json:
    return {
        "address": item.name,
        **_described(item),
        "messages": {"event": {"$ref": f"#/components/messages/{item.name}"}},
        **({"tags": [{"name": item.owner}]} if item.owner else {}),
        **_marks(item),
    }


def _message(item: MappedType, payload: Json) -> Json:
    told: Json = {"type": {"const": item.name}}
    told["dataschema"] = {"const": schema_name(item.name)}
    if item.owner is not None:
        told["source"] = {"const": item.owner}
    return {
        "name": item.name,
        "title": item.event.__name__,
        **_described(item),
        "contentType": "application/json",
        "correlationId": {"location": "$message.header#/correlation"},
        "headers": {"type": "object", "required": _ALWAYS, "properties": _ATTRIBUTES | told},
        "payload": payload,
        **_marks(item),
    }


def _operations(item: MappedType) -> Iterator[tuple[str, Json]]:
    """Yield what happens on the channel of a type, each with its name."""
    if item.owner is not None and item.read_as is None:
        yield f"{item.owner}.send.{item.name}", _operation(item, "send", item.owner)
    for listener in item.listeners:
        name = listener.subscription or f"{listener.plugin}.in_transaction"
        body = _operation(item, "receive", listener.plugin) | _mode(listener)
        yield f"{name}.receive.{item.name}", body


def _operation(item: MappedType, action: str, plugin: str) -> Json:
    channel = f"#/channels/{item.name}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/event"}],
        "tags": [{"name": plugin}],
    }


def _mode(listener: Listener) -> Json:
    mode: Json = {"x-meishi-mode": listener.mode.value}
    if listener.subscription:
        mode["x-meishi-subscription"] = listener.subscription
    return mode
