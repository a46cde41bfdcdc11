"""Which events somebody sees: those of plugins whose resources they may read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from meishi.events.catalogue import DeclaredEvent, EventCatalogue
from meishi.events.feed.errors import HiddenEventType, UnknownEventType
from meishi.sdk.contract import Event, FieldError

#: The permission, behind the prefix of a plugin, that its events are seen with.
READ = "read"

_POINTER = "/query/filter[type]"


class EventSight:
    """Tells which types may be read with some permissions.

    `prefixes` are those of the active plugins, by name. A plugin without a permission `read` shows
    its events to nobody.
    """

    def __init__(self, catalogue: EventCatalogue, prefixes: Mapping[str, str]) -> None:
        self._catalogue = catalogue
        self._prefixes = prefixes

    def types(self, permissions: Collection[str], asked: Sequence[str] | None) -> list[str]:
        """Return the stored types that somebody sees of those they ask for, or of all.

        With a type come those that are read as it, and with a retired one what it is read as.

        :raises UnknownEventType: if nobody declares a type
        :raises HiddenEventType: if the permission to see one is missing
        """
        found: set[str] = set()
        for declared in self._catalogue.declarations() if asked is None else self._named(asked):
            prefix = self._prefixes.get(declared.owner)
            needed = f"{prefix or declared.owner}.{READ}"
            if prefix is not None and needed in permissions:
                found.update(self._catalogue.types_read_as(self._newest(declared)))
            elif asked is not None:
                raise HiddenEventType(f"Events of {declared.event.event_type} need {needed}.")
        return sorted(found)

    def _named(self, asked: Sequence[str]) -> list[DeclaredEvent]:
        found = {name: self._catalogue.find(name) for name in asked}
        unknown = [name for name, declared in found.items() if declared is None]
        if unknown:
            raise UnknownEventType(
                "Some event types are unknown; `GET /api/v1/events/catalogue` has all.",
                errors=[FieldError(_POINTER, "unknown", self._said(name)) for name in unknown],
            )
        return [declared for declared in found.values() if declared is not None]

    def _said(self, name: str) -> str:
        known = [item.event.event_type for item in self._catalogue.declarations()]
        close = get_close_matches(name, known, n=1)
        return f"Unknown event type.{f' Did you mean `{close[0]}`?' if close else ''}"

    def _newest(self, declared: DeclaredEvent) -> type[Event]:
        while declared.newer is not None:
            newer = self._catalogue.declared(declared.newer)
            assert newer is not None
            declared = newer
        return declared.event
