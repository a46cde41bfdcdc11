"""What birthdays there are, and which are near."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from birthday_reminders import repository
from birthday_reminders.calendar import celebrated_on, month_and_day, next_birthday
from birthday_reminders.contract import Birthday, BirthdayDue, BirthdayPage
from crm_contacts.contract import Contact, ContactNotFound, Contacts
from meishi.sdk.context import current_settings, publish, service
from meishi.sdk.plugin import PluginContext

_PAGE = 200


class BirthdayService:
    """Implements `Birthdays`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def page(
        self, *, after: str | None = None, limit: int = 50, with_total: bool = False
    ) -> BirthdayPage:
        """Return birthdays in the order of the year."""
        rows = repository.page(None if after is None else _read(after), limit + 1)
        shown = rows[:limit]
        return BirthdayPage(
            items=tuple(self._birthday(row) for row in shown),
            next_after=_written(shown[-1]) if len(rows) > limit else None,
            total=repository.count() if with_total else None,
        )

    def of(self, contact_id: UUID) -> Birthday | None:
        """Return the birthday of a contact."""
        row = repository.of(contact_id)
        return None if row is None else self._birthday(row)

    def follow(self, contact_ids: tuple[UUID, ...]) -> None:
        """Read contacts as they are now: events may come late, and again."""
        found = []
        for contact_id in dict.fromkeys(contact_ids):
            try:
                found.append(service(Contacts).get(contact_id))
            except ContactNotFound:
                continue
        known = list(_birthdays(found))
        repository.put(known)
        gone = {*contact_ids} - {contact_id for _, _, contact_id in known}
        repository.remove(sorted(gone))

    def follow_page(self, after: UUID | None) -> UUID | None:
        """Read one page of contacts."""
        page = service(Contacts).list(after=after, limit=_PAGE)
        repository.put(_birthdays(page.items))
        return page.next_after

    def remind(self) -> int:
        """Publish each birthday once, on the first morning on which it is near enough."""
        today, due = self._today(), []
        for in_days in range(int(current_settings()["days_ahead"]) + 1):
            celebrated = today + timedelta(days=in_days)
            told = repository.tell(celebrated_on(celebrated), celebrated)
            due += [BirthdayDue(contact_id=contact, in_days=in_days) for contact in told]
        publish(*due)
        return len(due)

    def _birthday(self, row: repository.Row) -> Birthday:
        month, day, contact_id = row
        today = self._today()
        found = next_birthday(month, day, today)
        return Birthday(
            contact_id=contact_id,
            month=month,
            day=day,
            next=found,
            in_days=(found - today).days,
        )

    def _today(self) -> date:
        return self._clock().date()


def _birthdays(contacts: Iterable[Contact]) -> Iterable[repository.Row]:
    for contact in contacts:
        found = month_and_day(contact.birthday)
        if found is not None:
            yield (*found, contact.id)


def _written(row: repository.Row) -> str:
    month, day, contact_id = row
    return f"{month}/{day}/{contact_id}"


def _read(written: str) -> repository.Row:
    month, day, contact_id = written.split("/")
    return int(month), int(day), UUID(contact_id)
