"""Statements about mappings that are kept for the next file with the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec

from crm_contacts.contract import ImportMapping, KeptMapping
from crm_contacts.contract.kept_mappings import MAX_KEPT_MAPPINGS
from crm_contacts.tables.targets import header_key
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_READ = "SELECT id, headings, mapping::text, used_at FROM crm_contacts.kept_mapping"
_PUT = """
    INSERT INTO crm_contacts.kept_mapping (workspace_id, id, key, headings, mapping, used_at)
    VALUES (%(workspace)s, %(id)s, %(key)s, %(headings)s::text[], %(mapping)s::json, %(at)s)
    ON CONFLICT (workspace_id, key) DO UPDATE
        SET headings = excluded.headings, mapping = excluded.mapping, used_at = excluded.used_at
"""
_FORGET_OLDEST = """
    DELETE FROM crm_contacts.kept_mapping WHERE id IN (
        SELECT id FROM crm_contacts.kept_mapping ORDER BY used_at DESC, id DESC OFFSET %(most)s)
"""
_DELETE = "DELETE FROM crm_contacts.kept_mapping WHERE id = %(id)s RETURNING id"


def put(new_id: UUID, headings: Sequence[str], mapping: ImportMapping, at: datetime) -> None:
    """Keep a mapping, in the place of an earlier one for the same columns."""
    values = {
        "workspace": current_workspace(),
        "id": new_id,
        "key": _key(headings),
        "headings": list(headings),
        "mapping": msgspec.json.encode(mapping).decode(),
        "at": at,
    }
    execute(_PUT, values)
    execute(_FORGET_OLDEST, {"most": MAX_KEPT_MAPPINGS})


def of_headings(headings: Sequence[str]) -> KeptMapping | None:
    """Return the mapping of a table with these columns."""
    found = _read(f"{_READ} WHERE key = %(key)s", {"key": _key(headings)})
    return found[0] if found else None


def page(after: UUID | None, limit: int) -> list[KeptMapping]:
    """Return kept mappings in order of their ids."""
    values = {"after": after or UUID(int=0), "limit": limit}
    return _read(f"{_READ} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s", values)


def delete(mapping_id: UUID) -> bool:
    """Delete a mapping; tell whether it was there."""
    return bool(execute(_DELETE, {"id": mapping_id}))


def _key(headings: Sequence[str]) -> str:
    """Return what tables with the same headings have in common: none of these has a NUL."""
    return sha256("\0".join(map(header_key, headings)).encode()).hexdigest()


def _read(statement: str, values: dict[str, Any]) -> list[KeptMapping]:
    return [
        KeptMapping(
            id=found,
            headings=tuple(headings),
            mapping=msgspec.json.decode(mapping, type=ImportMapping),
            used_at=used_at,
        )
        for found, headings, mapping, used_at in execute(statement, values)
    ]
