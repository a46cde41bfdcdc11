"""Reading entries: the newest first, or from the first on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from meishi.audit.entry import Entry, EntryNotFound, Outcome
from meishi.context import current_scope

#: How many entries are read at a time where all are wanted.
_MANY = 1000

_COLUMNS = ", ".join(field.name for field in fields(Entry))

_COMPARED = {
    "user_id": "user_id = %(user_id)s::uuid",
    "action": "action = %(action)s",
    "plugin": "plugin = %(plugin)s",
    "resource_type": "resource_type = %(resource_type)s",
    "resource_id": "resource_id = %(resource_id)s",
    "since": "at >= %(since)s",
    "until": "at < %(until)s",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are meant: all that fulfil what is given, from `since` to before `until`."""

    user_id: UUID | None = None
    action: str | None = None
    plugin: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    outcome: Outcome | None = None
    since: datetime | None = None
    until: datetime | None = None


#: When an entry was written, and its id: where a page goes on.
Place = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Entries in the order of time; `next_after` is None on the last page."""

    items: tuple[Entry, ...]
    next_after: Place | None


def list_entries(
    wanted: EntryFilter, *, limit: int = 50, after: Place | None = None, oldest_first: bool = False
) -> EntryPage:
    """Return a page of the workspace's entries, the newest first unless it says otherwise."""
    conditions, values = _meant(wanted)
    if after is not None:
        conditions.append(f"(at, id) {'>' if oldest_first else '<'} (%(at)s, %(id)s::uuid)")
        values |= {"at": after[0], "id": after[1]}
    order = "at, id" if oldest_first else "at DESC, id DESC"
    rows = current_scope().work.execute(
        f"SELECT {_COLUMNS} FROM audit.entry{_where(conditions)}"  # noqa: S608 (constants)
        f" ORDER BY {order} LIMIT %(limit)s",
        values | {"limit": limit + 1},
    )
    items = tuple(_entry(row) for row in rows[:limit])
    more = len(rows) > limit
    return EntryPage(items=items, next_after=(items[-1].at, items[-1].id) if more else None)


def count_entries(wanted: EntryFilter) -> int:
    """Return how many entries there are."""
    conditions, values = _meant(wanted)
    statement = f"SELECT count(*) FROM audit.entry{_where(conditions)}"  # noqa: S608 (constants)
    return int(current_scope().work.execute(statement, values)[0][0])


def every_entry(wanted: EntryFilter) -> Iterator[Entry]:
    """Yield all entries, from the first on; so many at a time are in memory."""
    after: Place | None = None
    while True:
        page = list_entries(wanted, limit=_MANY, after=after, oldest_first=True)
        yield from page.items
        after = page.next_after
        if after is None:
            return


def find_entry(entry_id: UUID) -> Entry:
    """Return one entry.

    :raises EntryNotFound: if the workspace has none of that id
    """
    statement = f"SELECT {_COLUMNS} FROM audit.entry WHERE id = %(id)s"  # noqa: S608 (constants)
    for row in current_scope().work.execute(statement, {"id": entry_id}):
        return _entry(row)
    raise EntryNotFound(f"There is no audit entry {entry_id} in this workspace.")


def _meant(wanted: EntryFilter) -> tuple[list[str], dict[str, Any]]:
    values = {name: getattr(wanted, name) for name in _COMPARED}
    values = {name: value for name, value in values.items() if value is not None}
    conditions = [_COMPARED[name] for name in values]
    if wanted.outcome is not None:
        # As it stands: the index of what was denied is for this very condition.
        conditions.append(f"outcome = '{Outcome(wanted.outcome).value}'")
    return conditions, values


def _where(conditions: list[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _entry(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a row; columns and fields stand in the same order."""
    values = dict(zip((field.name for field in fields(Entry)), row, strict=True))
    values["outcome"] = Outcome(values["outcome"])
    values["changed"] = tuple(values["changed"])
    return Entry(**values)
