"""Deleted contacts that are to be purged, and what is merged into them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from meishi.sdk.database import execute

_DELETED = "deleted_at IS NOT NULL AND merged_into IS NULL AND erased_at IS NULL"
_BEFORE = f"{_DELETED} AND deleted_at < %(before)s"
_AMONG = f"SELECT id FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[]) AND {_DELETED}"
#: Whoever restores one of them waits, and finds it purged; or was first, and it is not among them.
_HOLD = f"{_AMONG} ORDER BY id FOR UPDATE"
_HOLD_BEFORE = f"""
    SELECT id FROM crm_contacts.contact WHERE {_BEFORE} ORDER BY id LIMIT %(limit)s FOR UPDATE
"""
_HOLD_LED = """
    SELECT id FROM crm_contacts.contact
    WHERE merged_into = ANY(%(ids)s::uuid[]) AND erased_at IS NULL ORDER BY id FOR UPDATE
"""


def among(contact_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of some contacts that are deleted, and neither merged nor erased."""
    return _ids(_AMONG, {"ids": list(contact_ids)})


def count(before: datetime) -> int:
    """Return how many contacts were deleted before a moment."""
    statement = f"SELECT count(*) FROM crm_contacts.contact WHERE {_BEFORE}"
    return int(execute(statement, {"before": before})[0][0])


def any_before(before: datetime) -> bool:
    """Whether a contact was deleted before a moment."""
    statement = f"SELECT EXISTS (SELECT FROM crm_contacts.contact WHERE {_BEFORE})"
    return bool(execute(statement, {"before": before})[0][0])


def hold(contact_ids: Sequence[UUID]) -> list[UUID]:
    """Let nobody else change those of some contacts that can be purged, and return them."""
    return _ids(_HOLD, {"ids": list(contact_ids)})


def hold_before(before: datetime, limit: int) -> list[UUID]:
    """Do the same with contacts that were deleted before a moment, as many as `limit`."""
    return _ids(_HOLD_BEFORE, {"before": before, "limit": limit})


def hold_led(contact_ids: Sequence[UUID]) -> list[UUID]:
    """Let nobody else change what is merged into contacts, and return it."""
    return _ids(_HOLD_LED, {"ids": list(contact_ids)})


def _ids(statement: str, values: dict[str, object]) -> list[UUID]:
    return [found for (found,) in execute(statement, values)]
