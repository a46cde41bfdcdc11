"""What a worker does for the contact service, step by step."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import (
    BulkEditNotFound,
    BulkEdits,
    CardStatus,
    DryRunNotFound,
    DryRuns,
    Duplicates,
    ImportCounts,
    ImportNotFound,
    Imports,
    ImportState,
    ImportUndoNotFound,
    ImportUndos,
    PhotoIntakes,
    Purges,
    PurgeStep,
)
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
    return JobResult(value=_counts(found.counts))


def try_import(*, import_id: UUID) -> JobProgress | JobResult | None:
    """Go on with a dry run, and return how far it is; at its end, what there would be."""
    try:
        found = service(DryRuns).get(import_id)
        if found.completed_at is None:
            found = service(DryRuns).step(import_id)
            return JobProgress(done=found.done, total=found.size, unit="bytes")
    except (DryRunNotFound, ImportNotFound):
        return None  # somebody chose otherwise meanwhile
    return JobResult(value=_counts(found.counts))


def undo_import(*, import_id: UUID) -> JobProgress | JobResult | None:
    """Go on with the undo of an import, and return how far it is; at its end, what it did."""
    try:
        found = service(ImportUndos).get(import_id)
        if found.completed_at is None:
            found = service(ImportUndos).step(import_id)
            return JobProgress(done=found.done, total=found.total, unit="contacts")
    except (ImportNotFound, ImportUndoNotFound):
        return None  # somebody has forgotten the import meanwhile
    names = ("deleted", "reverted", "gone", "kept")
    return JobResult(value={name: getattr(found, name) for name in names})


def take_photos(*, import_id: UUID) -> JobProgress | JobResult | None:
    """Take photos in the cards of an import, and tell how many; at the end, what became of all."""
    try:
        found = service(PhotoIntakes).step(import_id)
    except ImportNotFound:
        return None  # somebody has forgotten the import meanwhile
    if found.waiting:
        return JobProgress(done=found.found - found.waiting, total=found.found, unit="photos")
    names = ("found", "taken", "kept", "unfit", "beyond")
    return JobResult(value={name: getattr(found, name) for name in names})


def scan_duplicates(*, scan_id: UUID) -> JobProgress | JobResult:
    """Look at the next contacts of a scan, and return how far it is; at its end, what it found."""
    found = service(Duplicates).get_scan(scan_id)
    if found.completed_at is None:
        found = service(Duplicates).run_scan(scan_id)
        return JobProgress(done=found.done, total=found.total, unit="contacts")
    return JobResult(value={"contacts": found.done, "found": found.found, "certain": found.certain})


def edit_contacts(*, edit_id: UUID) -> JobProgress | JobResult | None:
    """Go on with an edit of many contacts, and return how far it is; at its end, what changed."""
    try:
        found = service(BulkEdits).step(edit_id)
    except BulkEditNotFound:
        return None  # it named somebody who was erased
    if not found.finished:
        return JobProgress(done=found.done, total=found.total, unit="contacts")
    passed_over = dict(found.passed_over)
    return JobResult(
        value={"contacts": found.done, "changed": found.changed, "passed_over": passed_over}
    )


def purge_deleted() -> JobProgress | None:
    """Purge the next of the contacts that have been deleted for as long as the setting says."""
    return _going_on(service(Purges).purge_due(), "contacts")


def forget_words() -> JobProgress | None:
    """Forget the next of the words that no contact has any more."""
    return _going_on(service(Purges).forget_words(), "words")


def _going_on(step: PurgeStep, unit: str) -> JobProgress | None:
    """Return what a step has done, or None if it was the last."""
    return JobProgress(done=step.purged, unit=unit) if step.more else None


def _counts(counts: ImportCounts) -> dict[str, int]:
    each = {status.value: getattr(counts, status.value) for status in CardStatus}
    return {"rows": counts.rows, **each, "duplicates": counts.duplicates}
