"""Reports of runs."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from crm_enrichment.contract import Run
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = (
    "id, contacts, missing, proposed, applied, failed, started_at, completed_at, requested_by"
)


def add(run: Run) -> None:
    """Store the report of a run."""
    execute(
        f"INSERT INTO crm_enrichment.run (workspace_id, {_COLUMNS}) VALUES (%(workspace)s, %(id)s,"
        " %(contacts)s, %(missing)s, %(proposed)s, %(applied)s, %(failed)s, %(started_at)s,"
        " %(completed_at)s, %(requested_by)s)",
        {**asdict(run), "failed": list(run.failed), "workspace": current_workspace()},
    )


def get(run_id: UUID) -> Run | None:
    """Return the report of a run."""
    rows = execute(f"SELECT {_COLUMNS} FROM crm_enrichment.run WHERE id = %(id)s", {"id": run_id})
    if not rows:
        return None
    names = _COLUMNS.split(", ")
    values = dict(zip(names, rows[0], strict=True))
    return Run(**{**values, "failed": tuple(values["failed"])})
