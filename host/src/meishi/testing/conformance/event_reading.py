"""Whether an event is read as it was written, and an old one becomes a sound new one."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from meishi.calls.event_versions import next_version
from meishi.sdk.contract import Event


def reading_faults(event: Event) -> Iterator[str]:
    """Yield what is wrong with an event after it was written as JSON and read by its class."""
    try:
        again = msgspec.json.decode(msgspec.json.encode(event), type=type(event))
    except Exception as error:  # noqa: BLE001 (whatever a plugin's own code raises, it is its fault)
        yield f"{event} cannot be written and read: {error}"
        return
    if again != event:
        yield f"{event} is read as {again}"


def upcast_faults(event: Event) -> Iterator[str]:
    """Yield what is wrong with what an event of an old version becomes, step by step."""
    newer = next_version(type(event))
    while newer is not None:
        try:
            made = event.upcast()
        except Exception as error:  # noqa: BLE001 (as above)
            yield f"{event} does not become {newer.event_type}: it raises {error!r}"
            return
        if type(made) is not newer:
            yield f"{event} becomes {made!r}, no {newer.__qualname__}"
            return
        faults = [*reading_faults(made)]
        yield from (f"{event} becomes what is not sound: {fault}" for fault in faults)
        if faults:
            return
        if _subject(made) != _subject(event):
            yield f"{event} becomes {made}, which is about something else"
        event, newer = made, next_version(newer)


def _subject(event: Event) -> str:
    return str(getattr(event, event.subject))
