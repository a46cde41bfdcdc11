"""What a worker does for the contact service, step by step."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import CardStatus, Imports, ImportState
from meishi.sdk.context import service
from meishi.sdk.plugin import JobProgress, JobResult


def run_import(*, import_id: UUID) -> JobProgress | JobResult:
    """Go on with an import, and return how far it is; at its end, what became of its rows.

    The step that comes to the end says so; the one behind it, which finds nothing to do, tells the
    result. So also an import that takes a single step shows how much it was.
    """
    found = service(Imports).get(import_id)
    if found.state is not ImportState.COMPLETED:
        found = service(Imports).run(import_id)
        completed = found.state is ImportState.COMPLETED
        done = found.size if completed else found.done
        return JobProgress(done=done, total=found.size, unit="bytes")
    counts = {status.value: getattr(found.counts, status.value) for status in CardStatus}
    return JobResult(
        value={"rows": found.counts.rows, **counts, "duplicates": found.counts.duplicates}
    )
