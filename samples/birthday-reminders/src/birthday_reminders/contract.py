"""What others may know of birthdays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Protocol
from uuid import UUID

from meishi.sdk.contract import Event, command, query


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthdayDue(Event):
    """The birthday of a contact is so many days away; said once for each birthday."""

    event_type: ClassVar[str] = "birthday_reminders.due.v1"
    subject: ClassVar[str] = "contact_id"

    contact_id: UUID
    in_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """The birthday of a contact: its `next` one is in so many days, 0 for today."""

    contact_id: UUID
    month: int
    day: int
    next: date
    in_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BirthdayPage:
    """Some birthdays through the year; `next_after` tells where to go on, if there are more."""

    items: tuple[Birthday, ...]
    next_after: str | None
    total: int | None = None


class Birthdays(Protocol):
    """The birthdays of the current workspace's contacts."""

    @query()
    def page(
        self, *, after: str | None = None, limit: int = 50, with_total: bool = False
    ) -> BirthdayPage:
        """Return birthdays in the order of the year."""
        ...

    @query()
    def of(self, contact_id: UUID) -> Birthday | None:
        """Return the birthday of a contact, if it is known."""
        ...

    @command()
    def follow(self, contact_ids: tuple[UUID, ...]) -> None:
        """Read contacts as they are now, and know their birthdays, or know none any more."""
        ...

    @command()
    def follow_page(self, after: UUID | None) -> UUID | None:
        """Read one page of all contacts; return behind which the next one begins."""
        ...

    @command()
    def remind(self) -> int:
        """Publish the birthdays that are near and were not published; return how many."""
        ...
