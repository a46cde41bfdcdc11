"""Publishing: from an event of a contract to a record of the log and the listeners inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import groupby
from uuid import UUID

import msgspec

from meishi.context import Scope, current_scope
from meishi.events.log import MAX_PAYLOAD, LogRecord
from meishi.events.signals import EventSignals
from meishi.sdk.contract import Event, EventVetoed, holds_nul


class PublishError(Exception):
    """The event must not be published: not declared, not the publisher's, or malformed."""


class EventCatalogue:
    """All event types of the active plugins, and who owns each."""

    def __init__(self) -> None:
        self._owners: dict[type[Event], str] = {}

    def add(self, plugin: str, event: type[Event]) -> None:
        """Declare an event type."""
        self._owners[event] = plugin

    def owner(self, event: type[Event]) -> str | None:
        """Return the plugin that may publish the event."""
        return self._owners.get(event)

    def types_read_as(self, event: type[Event]) -> tuple[str, ...]:
        """Return the types of which events are read as this class."""
        return (event.event_type,)

    def decode(self, event_type: str, data: str) -> Event:
        """Return the event that a payload is."""
        for known in self._owners:
            if known.event_type == event_type:
                return msgspec.json.decode(data, type=known)
        raise LookupError(event_type)


class Publisher:
    """Takes events from plugins: listeners hear them at once, the log gets them at commit."""

    def __init__(
        self,
        catalogue: EventCatalogue,
        signals: EventSignals,
        new_id: Callable[[], UUID],
    ) -> None:
        self._catalogue = catalogue
        self._signals = signals
        self._new_id = new_id

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events of the running plugin, all or none; listeners may veto them.

        Events stand in the log in their order, before those that their listeners publish. In a
        silent scope they are checked, and go nowhere.
        """
        scope = current_scope()
        records = [self._record(scope, event) for event in events]
        if scope.silent:
            return
        listened = any(self._signals.has_receivers(event.event_type) for event in events)
        try:
            with scope.work.savepoint() if listened else nullcontext():
                scope.work.add_to_log(records)
                for event_type, group in groupby(events, key=lambda event: event.event_type):
                    self._signals.send(event_type, tuple(group))
        except EventVetoed as veto:
            scope.work.note_veto(veto)
            raise

    def _record(self, scope: Scope, event: Event) -> LogRecord:
        owner = self._catalogue.owner(type(event))
        if owner != scope.work.plugin:
            raise PublishError(
                f"{scope.work.plugin} must not publish {type(event).__qualname__}, "
                f"{'which ' + owner + ' owns' if owner else 'which nobody declares'}"
            )
        data = self._payload(event)
        subject = str(getattr(event, event.subject))
        return LogRecord(
            id=self._new_id(),
            source=owner,
            type=event.event_type,
            version=int(event.event_type.rpartition(".v")[2]),
            workspace_id=scope.workspace_id,
            subject=subject,
            key=subject,
            actor=scope.actor.user_id,
            correlation=scope.correlation,
            causation=scope.causation,
            data=data,
        )

    @staticmethod
    def _payload(event: Event) -> bytes:
        """Encode an event. Dataclasses take any value for any field; their types decide here."""
        try:
            data = msgspec.json.encode(event)
            msgspec.json.decode(data, type=type(event))
        except (TypeError, ValueError) as error:
            raise PublishError(f"{event.event_type}: {error}") from error
        if holds_nul(data):
            raise PublishError(f"{event.event_type}: the character U+0000 cannot be stored")
        if len(data) > MAX_PAYLOAD:
            raise PublishError(f"{event.event_type} is {len(data)} bytes, more than {MAX_PAYLOAD}")
        return data
