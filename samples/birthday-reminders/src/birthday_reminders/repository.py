"""Statements about birthdays; row security keeps each to the current workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from birthday_reminders.models import birthday
from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

#: Month, day and contact.
Row = tuple[int, int, UUID]

_YEAR = (birthday.c.month, birthday.c.day, birthday.c.contact_id)


def page(after: Row | None, limit: int) -> list[Row]:
    """Return birthdays in the order of the year."""
    statement = select(*_YEAR).order_by(*_YEAR).limit(limit)
    if after is not None:
        statement = statement.where(tuple_(*_YEAR) > after)
    return [tuple(row) for row in current_connection().execute(statement)]


def count() -> int:
    """Return how many birthdays there are."""
    statement = select(func.count()).select_from(birthday)
    return int(current_connection().execute(statement).scalar_one())


def of(contact_id: UUID) -> Row | None:
    """Return the birthday of a contact."""
    statement = select(*_YEAR).where(birthday.c.contact_id == contact_id)
    row = current_connection().execute(statement).first()
    return None if row is None else tuple(row)


def tell(days: Sequence[tuple[int, int]], celebrated: date) -> list[UUID]:
    """Note that a birthday is told of; return the contacts of which it was not before.

    `days` are those of the year that are `celebrated` on one day.
    """
    statement = (
        update(birthday)
        .where(tuple_(birthday.c.month, birthday.c.day).in_(days))
        .where(birthday.c.told.is_distinct_from(celebrated))
        .values(told=celebrated)
        .returning(birthday.c.contact_id)
    )
    return sorted(current_connection().execute(statement).scalars())


def put(rows: Iterable[Row]) -> None:
    """Store birthdays, in the place of what was known."""
    values = [
        {"workspace_id": current_workspace(), "month": month, "day": day, "contact_id": contact}
        for month, day, contact in rows
    ]
    if values:
        statement = insert(birthday)
        changed = {"month": statement.excluded.month, "day": statement.excluded.day}
        keys = ["workspace_id", "contact_id"]
        current_connection().execute(
            statement.on_conflict_do_update(index_elements=keys, set_=changed), values
        )


def remove(contact_ids: Sequence[UUID]) -> int:
    """Forget birthdays; return how many there were."""
    statement = delete(birthday).where(birthday.c.contact_id.in_(contact_ids))
    return current_connection().execute(statement).rowcount
