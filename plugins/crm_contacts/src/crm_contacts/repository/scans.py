"""Scans for duplicates: how far each is, and how common names are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contacts.contract import DuplicateScan
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_TABLE = "crm_contacts.duplicate_scan"
_COLUMNS = "id, done, total, found, certain, operation_id, started_at, completed_at"

#: The given name is the first of several, as in the forms that are compared.
_NAMES = {
    "given": "split_part(given_name_key, ' ', 1)",
    "family": "family_name_key",
    "organisation": "organisation_key",
}
_COUNT = """
    SELECT {form}, count(*) FROM crm_contacts.contact
    WHERE deleted_at IS NULL AND {form} <> '' GROUP BY 1 HAVING count(*) > 2
    ORDER BY 2 DESC LIMIT 5000
"""
_COUNT_TOWNS = """
    SELECT lower(locality), count(DISTINCT contact_id) FROM crm_contacts.address
    WHERE locality <> '' GROUP BY 1 HAVING count(DISTINCT contact_id) > 2 ORDER BY 2 DESC LIMIT 5000
"""
_PUT_COUNTS = """
    INSERT INTO crm_contacts.name_count (workspace_id, field, form, contacts)
    SELECT %(workspace)s, * FROM
        unnest(%(fields)s::text[], %(forms)s::text[], %(counts)s::integer[])
    ON CONFLICT (workspace_id, field, form) DO UPDATE SET contacts = excluded.contacts
"""
_COUNTS = """
    SELECT n.field, n.form, n.contacts FROM crm_contacts.name_count n
    JOIN unnest(%(fields)s::text[], %(forms)s::text[]) AS w(field, form)
        ON n.field = w.field AND n.form = w.form COLLATE "C"
"""
#: What counts all contacts.
ALL = ("all", "")


def count_names() -> dict[tuple[str, str], int]:
    """Count the contacts with each of the commonest names, by field and stored form."""
    rows = execute("SELECT count(*) FROM crm_contacts.contact WHERE deleted_at IS NULL")
    counted: dict[tuple[str, str], int] = {ALL: int(rows[0][0])}
    for field, form in _NAMES.items():
        for found, number in execute(_COUNT.format(form=form)):
            counted[field, found] = number
    for found, number in execute(_COUNT_TOWNS):
        counted["locality", found] = number
    return counted


def put_counts(counted: Mapping[tuple[str, str], int]) -> None:
    """Store how common names are, in the place of what was known."""
    execute("DELETE FROM crm_contacts.name_count")
    values = {
        "workspace": current_workspace(),
        "fields": [field for field, _ in counted],
        "forms": [form for _, form in counted],
        "counts": list(counted.values()),
    }
    execute(_PUT_COUNTS, values)


def counts(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return how many contacts have some names, by field and form; what is rare is missing."""
    values = {"fields": [field for field, _ in wanted], "forms": [form for _, form in wanted]}
    return {(field, form): number for field, form, number in execute(_COUNTS, values)}


def add(scan_id: UUID, total: int, at: datetime) -> None:
    """Insert a scan in the place of those that have come to their end."""
    execute(f"DELETE FROM {_TABLE} WHERE completed_at IS NOT NULL")
    execute(
        f"INSERT INTO {_TABLE} (workspace_id, id, last_id, done, total, found, certain, started_at)"
        " VALUES (%(workspace)s, %(id)s, %(zero)s, 0, %(total)s, 0, 0, %(at)s)",
        {
            "workspace": current_workspace(), "id": scan_id, "zero": UUID(int=0),
            "total": total, "at": at,
        },
    )  # fmt: skip


def unfinished() -> DuplicateScan | None:
    """Return the scan that has not come to its end, if there is one."""
    rows = execute(
        f"SELECT {_COLUMNS} FROM {_TABLE} WHERE completed_at IS NULL ORDER BY id DESC LIMIT 1"
    )
    return _scan(rows[0]) if rows else None


def get(scan_id: UUID) -> DuplicateScan | None:
    """Return a scan."""
    rows = execute(f"SELECT {_COLUMNS} FROM {_TABLE} WHERE id = %(id)s", {"id": scan_id})
    return _scan(rows[0]) if rows else None


def lock(scan_id: UUID) -> UUID | None:
    """Return the last contact that a scan has seen; nobody else works on it until the commit."""
    rows = execute(f"SELECT last_id FROM {_TABLE} WHERE id = %(id)s FOR UPDATE", {"id": scan_id})
    return rows[0][0] if rows else None


def advance(scan_id: UUID, last_id: UUID, numbers: tuple[int, int, int]) -> None:
    """Write down how far a scan has come: more contacts, pairs, and certain ones among these."""
    done, found, certain = numbers
    execute(
        f"UPDATE {_TABLE} SET last_id = %(last)s, done = done + %(done)s,"
        " total = greatest(total, done + %(done)s), found = found + %(found)s,"
        " certain = certain + %(certain)s WHERE id = %(id)s",
        {"id": scan_id, "last": last_id, "done": done, "found": found, "certain": certain},
    )


def complete(scan_id: UUID, at: datetime) -> None:
    """Write down that a scan has come to its end."""
    execute(
        f"UPDATE {_TABLE} SET completed_at = %(at)s, total = done WHERE id = %(id)s",
        {"id": scan_id, "at": at},
    )


def set_operation(scan_id: UUID, operation_id: UUID) -> None:
    """Write down which operation works on a scan."""
    execute(
        f"UPDATE {_TABLE} SET operation_id = %(operation)s WHERE id = %(id)s",
        {"id": scan_id, "operation": operation_id},
    )


def _scan(row: tuple[Any, ...]) -> DuplicateScan:
    found, done, total, pairs, certain, operation_id, started_at, completed_at = row
    return DuplicateScan(
        id=found,
        done=done,
        total=total,
        found=pairs,
        certain=certain,
        operation_id=operation_id,
        started_at=started_at,
        completed_at=completed_at,
    )
