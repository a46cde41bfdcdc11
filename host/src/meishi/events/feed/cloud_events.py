"""Events as others read them: CloudEvents 1.0 in JSON, in the newest version of their types."""

from __future__ import annotations

from datetime import UTC

import msgspec

from meishi.envelope import schema_name
from meishi.events.catalogue import EventCatalogue, UndecodableEvent
from meishi.events.spans import StoredEvent


def cloud_event(stored: StoredEvent, catalogue: EventCatalogue) -> bytes:
    """Return an event as JSON; attributes that it does not have are absent.

    What cannot be read as the newest version is shown as it was stored, with its own type.
    """
    try:
        event = catalogue.decode(stored.type, stored.data)
        event_type, data = event.event_type, msgspec.json.encode(event)
    except UndecodableEvent:
        event_type, data = stored.type, stored.data.encode()
    envelope = stored.envelope()
    attributes = {
        "specversion": "1.0",
        "id": envelope.id,
        "source": envelope.source,
        "type": event_type,
        "subject": envelope.subject,
        "time": envelope.time.astimezone(UTC),
        "datacontenttype": "application/json",
        "dataschema": schema_name(event_type),
        "workspace": envelope.workspace,
        "actor": envelope.actor,
        "correlation": envelope.correlation,
        "causation": envelope.causation,
        "traceparent": envelope.traceparent,
        "data": msgspec.Raw(data),
    }
    return msgspec.json.encode({name: v for name, v in attributes.items() if v is not None})
