"""Texts that were read, and what was read of them, until their time is over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from crm_enrichment.contract import Extract, Extraction
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = "id, contact_id, extracts, read_by_model, created_at, expires_at, content"


def add(extraction: Extraction, text: str) -> None:
    """Store a text and what was read of it."""
    execute(
        f"INSERT INTO crm_enrichment.extraction (workspace_id, {_COLUMNS}) VALUES (%(workspace)s,"
        " %(id)s, %(contact_id)s, %(extracts)s, %(read_by_model)s, %(created_at)s, %(expires_at)s,"
        " %(content)s)",
        {
            "workspace": current_workspace(),
            "id": extraction.id,
            "contact_id": extraction.contact_id,
            "extracts": _encoded(extraction),
            "read_by_model": extraction.read_by_model,
            "created_at": extraction.created_at,
            "expires_at": extraction.expires_at,
            "content": text,
        },
    )


def update(extraction: Extraction) -> None:
    """Store what was read of a text this time."""
    execute(
        "UPDATE crm_enrichment.extraction SET extracts = %(extracts)s,"
        " read_by_model = %(read_by_model)s WHERE id = %(id)s",
        {
            "id": extraction.id,
            "extracts": _encoded(extraction),
            "read_by_model": extraction.read_by_model,
        },
    )


def get(extraction_id: UUID, now: datetime) -> tuple[Extraction, str] | None:
    """Return what was read of a text, and the text; None once its time is over."""
    rows = execute(
        f"SELECT {_COLUMNS} FROM crm_enrichment.extraction WHERE id = %(id)s"
        " AND expires_at > %(now)s",
        {"id": extraction_id, "now": now},
    )
    if not rows:
        return None
    *values, content = rows[0]
    names = _COLUMNS.split(", ")[:-1]
    stored = dict(zip(names, values, strict=True))
    extracts = msgspec.json.decode(stored["extracts"], type=tuple[Extract, ...])
    return Extraction(**{**stored, "extracts": extracts}), content


def remove_expired(now: datetime) -> int:
    """Remove the texts whose time is over; return how many there were."""
    rows = execute(
        "DELETE FROM crm_enrichment.extraction WHERE expires_at <= %(now)s RETURNING 1",
        {"now": now},
    )
    return len(rows)


def _encoded(extraction: Extraction) -> str:
    return msgspec.json.encode(extraction.extracts).decode()
