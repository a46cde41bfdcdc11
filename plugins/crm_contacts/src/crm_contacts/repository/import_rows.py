"""What became of the rows of imports, and rejected ones as they were."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select

from crm_contacts.contract import CardOutcome, CardStatus, ImportRow
from crm_contacts.models import import_row
from crm_contacts.repository.copying import copy_rows
from meishi.sdk.database import current_connection, execute

#: Octets of rejected rows that are read at a time, unless a single one has more, and rows.
_PAGE_BYTES = 1024 * 1024
_PAGE_ROWS = 500

_COLUMNS = ("import_id", "index", "line", "status", "name", "contact_id", "reason", "original")
_SHOWN = ("index", "line", "status", "name", "contact_id", "reason")
_REJECTS = """
    SELECT index, original FROM (
        SELECT index, original,
            sum(octet_length(original)) OVER (ORDER BY index) - octet_length(original) AS before
        FROM (
            SELECT index, original FROM crm_contacts.import_row
            WHERE import_id = %(id)s AND status = 'rejected' AND index > %(after)s
            ORDER BY index LIMIT %(rows)s
        ) AS rejected
    ) AS summed WHERE before < %(octets)s ORDER BY index
"""


_WITH_REASON = """
    SELECT index, contact_id FROM crm_contacts.import_row
    WHERE import_id = %(id)s AND index > %(after)s AND status <> 'rejected'
        AND contact_id IS NOT NULL AND strpos(reason, %(reason)s) > 0
    ORDER BY index LIMIT %(limit)s
"""
_TAKE_REASON = """
    UPDATE crm_contacts.import_row
    SET reason = nullif(btrim(replace(reason, %(reason)s, '')), '')
    WHERE import_id = %(id)s AND index = ANY(%(rows)s::integer[])
"""


def add(import_id: UUID, outcomes: Iterable[tuple[CardOutcome, bytes | None]]) -> None:
    """Insert what became of rows, and of rejected ones the octets."""
    copy_rows(
        import_row,
        _COLUMNS,
        (
            (import_id, *(getattr(outcome, name) for name in _SHOWN), original)
            for outcome, original in outcomes
        ),
    )


def page(
    import_id: UUID,
    statuses: Collection[CardStatus],
    after: int,
    limit: int,
    *,
    with_reason: bool = False,
) -> list[ImportRow]:
    """Return rows with one of the statuses, or all, in the order of the file; or with a reason."""
    statement = (
        select(*(import_row.c[name] for name in _SHOWN))
        .where(import_row.c.import_id == import_id, import_row.c.index > after)
        .order_by(import_row.c.index)
        .limit(limit)
    )
    if statuses:
        names = [status.value for status in statuses]
        statement = statement.where(import_row.c.status.in_(names))
    if with_reason:
        statement = statement.where(import_row.c.reason.is_not(None))
    found = current_connection().execute(statement)
    return [ImportRow(**{**row._mapping, "status": CardStatus(row.status)}) for row in found]


def with_reason(import_id: UUID, reason: str, after: int, limit: int) -> list[tuple[int, UUID]]:
    """Return the next rows that came in and of which this is said, with their contacts."""
    asked = {"id": import_id, "reason": reason, "after": after, "limit": limit}
    return [(index, contact_id) for index, contact_id in execute(_WITH_REASON, asked)]


def take_reason(import_id: UUID, reason: str, rows: Sequence[int]) -> None:
    """Do not say this of some rows any more."""
    if rows:
        execute(_TAKE_REASON, {"id": import_id, "reason": reason, "rows": list(rows)})


def rejects(import_id: UUID, after: int) -> list[tuple[int, bytes]]:
    """Return the next rejected rows: their indexes and originals."""
    values = {"id": import_id, "after": after, "rows": _PAGE_ROWS, "octets": _PAGE_BYTES}
    found = current_connection().exec_driver_sql(_REJECTS, values)
    return [(index, original) for index, original in found]
