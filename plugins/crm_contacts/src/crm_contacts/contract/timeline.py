"""What happened with a contact, whoever tells of it: changes, notes, and events of all plugins."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ContactNotFound
from meishi.sdk.contract import Event, command, query

#: Kinds of entries that need no event; a source is called otherwise.
CHANGE_KINDS = ("created", "updated", "deleted", "restored")
NOTE_KIND = "noted"

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_DETAILS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineSource:
    """How an event reads on the timelines of contacts: what `contacts_timeline_sources` returns.

    `name` is unique in the deployment, and stays: entries are remembered under it. `title` is a
    short sentence in English, which catalogues translate. `contacts` are the fields of the event
    with the ids of contacts that it is about, one or several each. `details` are fields whose
    values are shown: words that tell nothing of a person. Who has not the `permission`, by its
    full name, sees none of these entries.
    """

    name: str
    title: str
    event: type[Event]
    contacts: tuple[str, ...]
    permission: str
    details: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what could not be shown, or found again."""
        if not _NAME.fullmatch(self.name) or self.name in {*CHANGE_KINDS, NOTE_KIND}:
            raise ValueError(f"a source of timelines must not be called {self.name!r}")
        known = {item.name for item in fields(self.event)}  # type: ignore[arg-type]
        for name in (*self.contacts, *self.details):
            if name not in known:
                raise ValueError(f"{self.event.__name__} has no field {name!r}")
        if not self.contacts or len(self.details) > _MAX_DETAILS:
            raise ValueError(
                f"the source of timelines {self.name!r} must name contacts, and at most"
                f" {_MAX_DETAILS} details"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineEntry:
    """Something that happened with a contact, or with one that was merged into it.

    `kind` is one of `CHANGE_KINDS`, `NOTE_KIND` or the name of a source, `title` what a source
    calls it, empty for the others. `details` are names and values: the changed fields of a change,
    and where it came from; those that a source names.
    """

    id: UUID
    contact_id: UUID
    at: datetime
    kind: str
    title: str
    plugin: str
    actor_id: UUID | None
    details: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelinePage:
    """Entries, newest first; `next_after` is None on the last page."""

    items: tuple[TimelineEntry, ...]
    next_after: UUID | None
    total: None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """An event as it is kept for timelines: its id, when it was, who did it, and about whom."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    plugin: str
    contact_ids: tuple[UUID, ...]
    details: tuple[tuple[str, str], ...]


class Timelines(Protocol):
    """What happened with the contacts of the current workspace.

    What a plugin tells of is shown while it is active, to those who may see it.
    """

    @query(errors=(ContactNotFound,))
    def list(self, contact_id: UUID, *, after: UUID | None = None, limit: int = 50) -> TimelinePage:
        """Return what happened with a contact, newest first, behind the entry `after`."""
        ...

    @command()
    def record(self, source: str, happenings: tuple[Happening, ...]) -> None:
        """Keep events of a source; one that is kept already, or about nobody, is passed over."""
        ...
