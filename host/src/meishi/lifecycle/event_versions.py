"""Versions of event types at boot: what a plugin retires, and who still wants to hear of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from meishi.calls.event_versions import is_retired, newest_version, version_faults
from meishi.calls.rules import event_faults
from meishi.lifecycle.manifest import EVENT_TYPE, Manifest
from meishi.sdk.contract import Event


def event_type_faults(events: Sequence[type[Event]]) -> Iterator[str]:
    """Yield what is wrong with the event classes of a plugin; if nothing is, with versions."""
    faults = [fault for event in events for fault in _class_faults(event)]
    yield from faults
    if not faults:
        for event in events:
            yield from version_faults(event, events)


def _class_faults(event: type[Event]) -> Iterator[str]:
    yield from event_faults(event)
    name = getattr(event, "event_type", None)
    if isinstance(name, str) and not EVENT_TYPE.fullmatch(name):
        yield f"{event.__qualname__}: `event_type` must match {EVENT_TYPE.pattern}: {name!r}"


def retired_faults(
    active: Sequence[tuple[Manifest, Sequence[type[Event]]]],
) -> Iterator[tuple[str, str]]:
    """Yield plugin and fault for each listener to a retired type: nothing would reach it.

    `active` holds manifest and event classes of each plugin. A type that nobody
    declares is no fault: its owner may not be installed.
    """
    newest = {
        event.event_type: (manifest.name, newest_version(event).event_type)
        for manifest, events in active
        for event in events
        if is_retired(event)
    }
    for manifest, _ in active:
        for consumed in manifest.consumes:
            if consumed in newest:
                owner, instead = newest[consumed]
                fault = (
                    f"`events.consumes` of the manifest names {consumed}, which {owner} has "
                    f"retired; consume {instead}: what is older is delivered as that"
                )
                yield manifest.name, fault
