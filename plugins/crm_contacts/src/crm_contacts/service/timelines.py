"""What happened with contacts: which sources there are, and who may see what they tell."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    ContactNotFound,
    ContactsRelated,
    ContactsUnrelated,
    Happening,
    TimelinePage,
    TimelineSource,
)
from crm_contacts.points import contacts_timeline_sources
from crm_contacts.repository import merges, reading, timeline
from crm_contacts.repository.locking import hold_off_erasing
from meishi.sdk.context import current_actor
from meishi.sdk.hooks import extensions
from meishi.sdk.plugin import PluginContext
from meishi.sdk.texts import noted

_ENDS = ("source_id", "target_id")

#: What this service's own events tell, besides changes and notes.
OWN = (
    TimelineSource(
        name="related", title=noted("Is related to somebody"), event=ContactsRelated,
        contacts=_ENDS, permission="contacts.read", details=("type",),
    ),
    TimelineSource(
        name="unrelated", title=noted("Is not related to somebody any more"),
        event=ContactsUnrelated, contacts=_ENDS, permission="contacts.read", details=("type",),
    ),
)  # fmt: skip


class TimelineService:
    """Implements `Timelines`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def list(self, contact_id: UUID, *, after: UUID | None = None, limit: int = 50) -> TimelinePage:
        """Return what happened with a contact, newest first."""
        if not reading.there(contact_id):
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        size = max(1, min(limit, MAX_PAGE))
        titles = {source.name: source.title for source in _sources() if _may_see(source)}
        contact_ids = [contact_id, *merges.led_to(contact_id)]
        items = timeline.page(contact_ids, titles, after, size + 1)
        return TimelinePage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
        )

    def record(self, source: str, happenings: tuple[Happening, ...]) -> None:
        """Keep events of a source."""
        hold_off_erasing()
        timeline.add(source, happenings)


def _sources() -> Iterator[TimelineSource]:
    """Yield the sources of this service and of the plugins that are active."""
    yield from OWN
    for found in extensions(contacts_timeline_sources):
        yield from found.items


def _may_see(source: TimelineSource) -> bool:
    actor = current_actor()
    nobody = actor.user_id is None and not actor.visitor
    return nobody or source.permission in actor.permissions
