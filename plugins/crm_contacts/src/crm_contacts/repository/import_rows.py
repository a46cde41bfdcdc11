"""What became of the rows of imports, and rejected ones as they were."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import select

from crm_contacts.contract import CardOutcome, CardStatus, ImportRow
from crm_contacts.models import import_row
from crm_contacts.repository.copying import copy_rows
from meishi.sdk.database import current_connection

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
    import_id: UUID, statuses: Collection[CardStatus], after: int, limit: int
) -> list[ImportRow]:
    """Return rows with one of the statuses, or all, in the order of the file."""
    statement = (
        select(*(import_row.c[name] for name in _SHOWN))
        .where(import_row.c.import_id == import_id, import_row.c.index > after)
        .order_by(import_row.c.index)
        .limit(limit)
    )
    if statuses:
        names = [status.value for status in statuses]
        statement = statement.where(import_row.c.status.in_(names))
    found = current_connection().execute(statement)
    return [ImportRow(**{**row._mapping, "status": CardStatus(row.status)}) for row in found]


def rejects(import_id: UUID, after: int) -> list[tuple[int, bytes]]:
    """Return the next rejected rows: their indexes and originals."""
    values = {"id": import_id, "after": after, "rows": _PAGE_ROWS, "octets": _PAGE_BYTES}
    found = current_connection().exec_driver_sql(_REJECTS, values)
    return [(index, original) for index, original in found]
