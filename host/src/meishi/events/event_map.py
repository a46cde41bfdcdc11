"""The map of events: who publishes which type, and who listens, read from declarations alone."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from meishi.calls.event_versions import is_retired, newest_version, version_of
from meishi.declarations import DeliveryMode, EventHandler
from meishi.events.merging import all_handlers
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.extensions import Extensions
from meishi.sdk.contract import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEvents:
    """What one plugin declares of events."""

    plugin: str
    title: str
    events: Sequence[type[Event]]
    handlers: Sequence[EventHandler]


def declared_events(
    contributions: Iterable[Contribution], extensions: Extensions
) -> Iterator[PluginEvents]:
    """Yield what plugins declare of events."""
    for contribution, handlers in all_handlers(list(contributions), extensions):
        yield PluginEvents(
            plugin=contribution.plugin,
            title=contribution.manifest.title,
            events=contribution.event_types,
            handlers=handlers,
        )


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Listener:
    """Who listens to a type; `subscription` is its full name, empty inside the transaction."""

    plugin: str
    mode: DeliveryMode
    subscription: str = ""

    def __str__(self) -> str:
        return f"{self.subscription or self.plugin} ({self.mode})"


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedType:
    """One event type. `owner` is None if no active plugin declares it.

    `read_as` is the newest type if a newer version has replaced this one.
    """

    event: type[Event]
    owner: str | None
    read_as: str | None
    listeners: tuple[Listener, ...]

    @property
    def name(self) -> str:
        """The type itself: `contact.created.v1`."""
        return self.event.event_type

    @property
    def description(self) -> str:
        """What the class says of itself, none of what dataclasses say instead."""
        text = inspect.cleandoc(self.event.__doc__ or "")
        return "" if text.startswith(f"{self.event.__name__}(") else text


@dataclass(frozen=True, slots=True)
class EventMap:
    """All event types by name and version; `titles` are those of all plugins, by their names."""

    types: tuple[MappedType, ...]
    titles: Mapping[str, str]

    @property
    def concerned(self) -> list[str]:
        """The plugins that declare a type or listen to one."""
        owners = {item.owner for item in self.types if item.owner is not None}
        return sorted(owners | {who.plugin for item in self.types for who in item.listeners})


def event_map(plugins: Iterable[PluginEvents]) -> EventMap:
    """Return the map of what plugins declare; the same in whatever order they come."""
    declared = sorted(plugins, key=lambda item: item.plugin)
    owners = {event: item.plugin for item in declared for event in item.events}
    listeners: dict[str, set[Listener]] = {}
    classes = {event.event_type: event for event in owners}
    for item in declared:
        for event, listener in _listeners(item):
            classes.setdefault(event.event_type, event)
            listeners.setdefault(event.event_type, set()).add(listener)
    return EventMap(
        tuple(
            MappedType(
                event=event,
                owner=owners.get(event),
                read_as=newest_version(event).event_type if is_retired(event) else None,
                listeners=tuple(sorted(listeners.get(name, ()))),
            )
            for name, event in sorted(classes.items(), key=lambda pair: _order(pair[0]))
        ),
        {item.plugin: item.title for item in declared},
    )


def _listeners(declared: PluginEvents) -> Iterator[tuple[type[Event], Listener]]:
    for handler in declared.handlers:
        name = handler.subscription
        full = "" if name is None else f"{declared.plugin}.{name.name}"
        yield (
            handler.event,
            Listener(plugin=declared.plugin, mode=handler.mode, subscription=full),
        )


def _order(event_type: str) -> tuple[str, int]:
    """Return what sorts types by name, and versions as numbers."""
    return event_type.rpartition(".v")[0], version_of(event_type)
