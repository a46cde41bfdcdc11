"""What happens after events: called by a worker, until it succeeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from crm_contacts.contract import (
    ContactCreated,
    ContactRestored,
    ContactsUnmerged,
    ContactUpdated,
    Duplicates,
    Happening,
    Timelines,
    TimelineSource,
)
from meishi.sdk.context import service
from meishi.sdk.contract import Event
from meishi.sdk.events import envelope
from meishi.sdk.plugin import EventHandler, ReplayPolicy, Subscription, on

#: Characters of a detail on a timeline.
MAX_DETAIL = 100

#: What of a contact is never compared.
_TOLD = frozenset({"note", "title", "role", "units", "nicknames"})


def on_contacts(
    events: Sequence[ContactCreated | ContactUpdated | ContactRestored | ContactsUnmerged],
) -> None:
    """Look for duplicates of contacts that are new, or say something else than before.

    From whom a merge was taken back may be others again, whatever it says.
    """
    wanted = dict.fromkeys(
        event.contact_id
        for event in events
        if not isinstance(event, ContactUpdated) or not event.fields or {*event.fields} - _TOLD
    )
    if wanted:
        service(Duplicates).follow(tuple(wanted))


def backfill(place: str | None) -> str | None:
    """Look for duplicates of one page of the contacts that were there before."""
    after = service(Duplicates).follow_page(None if place is None else UUID(place))
    return None if after is None else str(after)


#: One place in the log for all that timelines tell; what is kept already is passed over.
TIMELINES = Subscription(name="timelines", replay=ReplayPolicy.IDEMPOTENT)


def listen_to(source: TimelineSource) -> EventHandler:
    """Return how the events of a source of timelines are heard."""
    return on(source.event, partial(tell, source), subscription=TIMELINES)


def tell(source: TimelineSource, events: Sequence[Event]) -> None:
    """Keep events for the timelines of the contacts that they are about."""
    service(Timelines).record(source.name, tuple(_happening(source, event) for event in events))


def _happening(source: TimelineSource, event: Event) -> Happening:
    found = envelope(event)
    return Happening(
        id=found.id,
        at=found.time,
        actor_id=found.actor,
        plugin=found.source,
        contact_ids=tuple(dict.fromkeys(_ids(event, source.contacts))),
        details=tuple(_details(event, source.details)),
    )


def _ids(event: Event, names: Sequence[str]) -> Iterator[UUID]:
    for name in names:
        value: Any = getattr(event, name)
        if isinstance(value, UUID):
            yield value
        elif value is not None:
            yield from value


def _details(event: Event, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name in names:
        value: Any = getattr(event, name)
        if value is not None:
            yield name, str(value.value if isinstance(value, Enum) else value)[:MAX_DETAIL]
