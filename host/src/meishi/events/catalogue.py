"""The catalogue: every event type of the active plugins, its owner, and how it is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from meishi.calls.event_versions import next_version, version_of
from meishi.sdk.contract import Event


class UndecodableEvent(Exception):
    """What the log holds of an event cannot be read; the message names type and reason."""

    def __init__(self, event_type: str, reason: str) -> None:
        super().__init__(f"{event_type}: {reason}")
        self.event_type = event_type


@dataclass(frozen=True, slots=True)
class DeclaredEvent:
    """An event class with its owner; `newer` is what it becomes in one step, None if it is newest.

    `read` returns an event of the class from its JSON, and raises for what is not of its types.
    """

    owner: str
    event: type[Event]
    version: int
    read: Callable[[bytes | str], Event]
    newer: type[Event] | None


class EventCatalogue:
    """All event types of the active plugins. What delivery asks is made ready as they come in."""

    def __init__(self) -> None:
        self._of_class: dict[type[Event], DeclaredEvent] = {}
        self._of_type: dict[str, DeclaredEvent] = {}

    def add(self, plugin: str, event: type[Event]) -> None:
        """Declare an event type."""
        declared = DeclaredEvent(
            owner=plugin,
            event=event,
            version=version_of(event.event_type),
            read=msgspec.json.Decoder(event).decode,
            newer=next_version(event),
        )
        self._of_class[event] = self._of_type[event.event_type] = declared

    def owner(self, event: type[Event]) -> str | None:
        """Return the plugin that declares the event."""
        declared = self._of_class.get(event)
        return None if declared is None else declared.owner

    def declared(self, event: type[Event]) -> DeclaredEvent | None:
        """Return what is known of a class; None if nobody declares it."""
        return self._of_class.get(event)

    def find(self, event_type: str) -> DeclaredEvent | None:
        """Return what is known of a type; None if nobody declares it."""
        return self._of_type.get(event_type)

    def declarations(self) -> Sequence[DeclaredEvent]:
        """Return what is known of every type."""
        return tuple(self._of_type.values())

    def types_read_as(self, event: type[Event]) -> tuple[str, ...]:
        """Return the types of which events are read as the class: its own, then older ones."""
        types, found = [event.event_type], [event]
        for becoming in found:
            older = [item.event for item in self._of_class.values() if item.newer is becoming]
            older.sort(key=lambda item: version_of(item.event_type), reverse=True)
            found += older
            types += [item.event_type for item in older]
        return tuple(types)

    def decode(self, event_type: str, data: bytes | str) -> Event:
        """Return an event of the log as the newest version of its type.

        Raises `UndecodableEvent` if nobody declares the type, the payload is not of it, or an
        older version cannot be made a newer one.
        """
        declared = self._of_type.get(event_type)
        if declared is None:
            raise UndecodableEvent(event_type, "no active plugin declares this type")
        try:
            event = declared.read(data)
            while declared.newer is not None:
                event = _upcast(event, declared.newer)
                declared = self._of_class[declared.newer]
        except Exception as error:
            raise UndecodableEvent(event_type, str(error) or type(error).__qualname__) from error
        return event


def _upcast(event: Event, newer: type[Event]) -> Event:
    """Return an event as its next version; code of its owner, which may say one and do another."""
    made = event.upcast()
    if type(made) is not newer:
        raise TypeError(
            f"{type(event).__qualname__}.upcast returned {type(made).__qualname__}, "
            f"not {newer.__qualname__}"
        )
    return made
