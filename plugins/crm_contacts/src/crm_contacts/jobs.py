"""What a worker does for the contact service, step by step."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import CardStatus, Imports, ImportState
from meishi.sdk.context import service
from meishi.sdk.plugin import JobProgress, JobResult


def run_import(*, import_id: UUID) -> JobProgress | JobResult:
    """Go on with an import, and return how far it is; at its end, what became of its rows."""
    found = service(Imports).run(import_id)
    if found.state is not ImportState.COMPLETED:
        return JobProgress(done=found.done, total=found.size, unit="bytes")
    counts = {status.value: getattr(found.counts, status.value) for status in CardStatus}
    return JobResult(
        value={"rows": found.counts.rows, **counts, "duplicates": found.counts.duplicates}
    )
