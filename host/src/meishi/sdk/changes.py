"""What a plugin needs for a changes feed: a column, a revision, and the reading of a page."""

from __future__ import annotations

from sqlalchemy import Table

from meishi.context import current_scope
from meishi.database.change_tracking import (
    CHANGED,
    change_column,
    change_index,
    track_changes,
    untrack_changes,
)
from meishi.database.changes import ChangedRows, keeps_rows, page_of, page_statement
from meishi.database.identity import EVERYTHING
from meishi.sdk.contract import ChangeQuery
from meishi.sdk.database import past_readers

__all__ = [
    "CHANGED",
    "ChangedRows",
    "change_column",
    "change_index",
    "changed_rows",
    "track_changes",
    "untrack_changes",
]


def changed_rows(wanted: ChangeQuery, table: Table, shown: str = "NULL") -> ChangedRows:
    """Return a page of what has changed in a table of the running plugin.

    `shown` is the SQL of what is wanted of each row, which is called `c`; it comes as text. Of rows
    that are gone, having a `deleted_at`, it is not asked; so also of those that are kept from who
    acts, which are gone for them. Raises `SyncTokenExpired`.
    """
    work = current_scope().work
    reader = work.readers.of(work.plugin)
    if not keeps_rows(table) or reader == EVERYTHING:
        return page_of(wanted, work.execute(*page_statement(wanted, table, shown)))
    with past_readers():
        return page_of(wanted, work.execute(*page_statement(wanted, table, shown, reader=reader)))
