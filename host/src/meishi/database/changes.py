"""Reading what has changed in a table since a mark.

Nothing is missed, whatever transactions overlap: a row carries the transaction that changed it
last, and a mark says which transactions were over when it was drawn. No clock decides, and nobody
waits for a transaction that is open: its rows come in the first round after its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from meishi.database.change_tracking import CHANGED
from meishi.sdk.contract import ChangeMark, ChangePage, ChangeQuery, SyncTokenExpired, Tombstone

MAX_PAGE = 200

#: Whose numbers these are: a copy that was restored, a server that was promoted or went back in
#: time, all count on from somewhere else.
_CLUSTER = "system_identifier || '/' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)"

#: A crash takes back commits that did not wait for the disk, and gives their numbers to others:
#: what a mark shows has to be there.
_ON_DISK = (
    "CASE WHEN pg_current_wal_flush_lsn() < pg_current_wal_insert_lsn()"
    " THEN pg_logical_emit_message(false, 'meishi', '', true) END"
)

#: Whether a row that is kept from some is seen by who reads.
_SEEN = "(c.readers IS NULL OR nullif(%(reader)s, '')::uuid = ANY (c.readers) IS TRUE)"

# ruff: noqa: S608 (names of tables and columns; values are parameters)

Values = dict[str, object]


@dataclass(frozen=True, slots=True)
class ChangedRows:
    """A page of what has changed: the ids of rows that are there, and what is shown of each."""

    ids: tuple[UUID, ...]
    shown: tuple[str, ...]
    page: ChangePage

    def documents(self) -> ChangePage:
        """Return the page with what is shown, which is JSON text, as its items."""
        return replace(self.page, items=tuple(document.encode() for document in self.shown))


def keeps_rows(table: Table) -> bool:
    """Whether rows of a table are kept from some members."""
    return "readers" in table.columns


def page_statement(
    wanted: ChangeQuery, table: Table, shown: str, *, reader: str | None = None
) -> tuple[str, Values]:
    """Return the statement of a page and its values; it answers at least with the mark.

    Of a table that keeps rows from a `reader`, those that changed are shown as gone: the statement
    has to see them.
    """
    values: Values = {"limit": _size(wanted) + 1}
    if reader is not None:
        values["reader"] = reader
    if wanted.since is None:
        rows, order = _present(wanted, table, values), "r.id"
    else:
        rows, order = _delta(wanted.since, wanted, table, values), f"r.{CHANGED}, r.id"
    deleted_at = "c.deleted_at" if "deleted_at" in table.columns else "NULL::timestamptz"
    if reader is not None:
        kept = f"CASE WHEN NOT {_SEEN} THEN c.updated_at END"
        deleted_at = f"coalesce({deleted_at}, {kept})"
    written = _ON_DISK if wanted.until is None else "NULL"
    statement = (
        f"WITH mark AS MATERIALIZED (SELECT {_CLUSTER} AS cluster,"
        " extract(epoch FROM statement_timestamp())::bigint AS at,"
        f" pg_current_snapshot() AS snapshot, {written} AS on_disk FROM pg_control_system())"
        " SELECT mark.cluster, mark.at, pg_snapshot_xmax(mark.snapshot)::text,"
        " ARRAY(SELECT pg_snapshot_xip(mark.snapshot)::text), mark.on_disk::text,"
        f" r.id, r.{CHANGED}::text, r.deleted_at, r.shown FROM mark LEFT JOIN LATERAL"
        f" (SELECT c.id, c.{CHANGED}, {deleted_at} AS deleted_at,"
        f" CASE WHEN {deleted_at} IS NULL THEN ({shown})::text END AS shown"
        f" FROM ({rows}) c) r ON true ORDER BY {order}"
    )
    return statement, values


def page_of(wanted: ChangeQuery, answer: Sequence[tuple[Any, ...]]) -> ChangedRows:
    """Return the page that `page_statement` was answered with.

    Raises `SyncTokenExpired` if a mark is not of this database, or not of its past.
    """
    now = _mark(*answer[0][:4])
    for mark in (wanted.since, wanted.until):
        _check(mark, now)
    found = [row[5:] for row in answer if row[5] is not None]
    rows = found[: _size(wanted)]
    there = [row for row in rows if row[2] is None]
    gone = [Tombstone(id=row[0], deleted_at=row[2]) for row in rows if row[2] is not None]
    place = _place(wanted, rows[-1]) if len(found) > len(rows) else None
    return ChangedRows(
        ids=tuple(row[0] for row in there),
        shown=tuple(row[3] for row in there),
        page=ChangePage(deleted=tuple(gone), until=wanted.until or now, position=place),
    )


def _size(wanted: ChangeQuery) -> int:
    return max(1, min(wanted.limit, MAX_PAGE))


def _mark(cluster: str, at: int, following: str, running: Sequence[str]) -> ChangeMark:
    return ChangeMark(
        cluster=cluster,
        at=at,
        next_transaction=int(following),
        open_transactions=tuple(sorted(map(int, running))),
    )


def _check(mark: ChangeMark | None, now: ChangeMark) -> None:
    if mark is None:
        return
    if mark.cluster != now.cluster or mark.next_transaction > now.next_transaction:
        raise SyncTokenExpired(
            "The database was restored or moved since the token was given. Read the feed again "
            "without `since`, and keep nothing that it does not tell."
        )


def _place(wanted: ChangeQuery, row: Sequence[Any]) -> tuple[str, ...]:
    return (str(row[0]),) if wanted.since is None else (row[1], str(row[0]))


def _present(wanted: ChangeQuery, table: Table, values: Values) -> str:
    """Return the rows that are there, by their ids; a restored row may have any number."""
    conditions = ["c.deleted_at IS NULL"] if "deleted_at" in table.columns else []
    if "reader" in values:
        conditions.append(_SEEN)
    if wanted.after is not None:
        (values["id"],) = wanted.after
        conditions.append("c.id > %(id)s::text::uuid")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT c.* FROM {table.fullname} c{where} ORDER BY c.id LIMIT %(limit)s"


def _delta(since: ChangeMark, wanted: ChangeQuery, table: Table, values: Values) -> str:
    """Return the rows that `since` did not show, in an order that an index has.

    Those that change once more leave the round, and come with the next one. A round ends at its
    mark, however much is written meanwhile.
    """
    now = "pg_snapshot_xmax(pg_current_snapshot())"
    values["since"] = str(since.next_transaction)
    if wanted.until is not None:
        values["until"], now = str(wanted.until.next_transaction), "%(until)s::text::xid8"
    conditions = [f"c.{CHANGED} >= %(since)s::text::xid8 AND c.{CHANGED} < {now}"]
    if since.open_transactions:
        values["open"] = [str(number) for number in since.open_transactions]
        conditions.insert(0, f"c.{CHANGED} = ANY(%(open)s::text[]::xid8[])")
    behind = ""
    if wanted.after is not None:
        values["changed"], values["id"] = wanted.after
        behind = f" AND (c.{CHANGED}, c.id) > (%(changed)s::text::xid8, %(id)s::text::uuid)"
    order = f"ORDER BY c.{CHANGED}, c.id LIMIT %(limit)s"
    parts = [
        f"(SELECT c.* FROM {table.fullname} c WHERE {condition}{behind} {order})"
        for condition in conditions
    ]
    return f"SELECT c.* FROM ({' UNION ALL '.join(parts)}) c {order}"
