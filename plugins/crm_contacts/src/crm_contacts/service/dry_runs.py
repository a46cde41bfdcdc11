"""Dry runs: every row is read and matched as in the run, and nothing of it is stored."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from uuid import UUID

from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    DryRun,
    DryRunNotFound,
    ImportRow,
)
from crm_contacts.contract.dry_runs import MAX_REASONS
from crm_contacts.importing import ContactBatch
from crm_contacts.repository import dry_runs
from crm_contacts.repository.dry_runs import StoredDryRun
from crm_contacts.repository.imports import StoredImport
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.service.import_chunks import (
    check_mapped,
    check_waiting,
    chunk_at,
    is_under_way,
    known_import,
)
from crm_contacts.service.imports import added
from crm_contacts.service.regions import default_region
from meishi.sdk.jobs import JobOptions, request
from meishi.sdk.plugin import PluginContext

#: The job that does dry runs.
JOB = "try_import"


class DryRunService:
    """Implements `DryRuns`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._max_row_bytes: int = context.settings["max_card_bytes"]
        self._seconds: int = context.settings["import_step_seconds"]

    def start(self, import_id: UUID) -> UUID:
        """Have a worker do a dry run, unless one is at it."""
        stored = known_import(import_id, lock=True)
        check_waiting(stored)
        check_mapped(stored)
        current = dry_runs.get(import_id)
        if current is not None and current.completed_at is None:
            operation_id = current.operation_id
            if operation_id is not None and is_under_way(operation_id):
                return operation_id
        dry_runs.add(import_id)
        subject = f"/api/v1/contacts/imports/{import_id}/dry-run"
        operation_id = request(JOB, JobOptions(subject=subject), import_id=import_id)
        dry_runs.set_operation(import_id, operation_id)
        return operation_id

    def step(self, import_id: UUID) -> DryRun:
        """Go on with a dry run for some time."""
        hold_off_erasing()
        stored = known_import(import_id, lock=True)
        end = self._clock() + timedelta(seconds=self._seconds)
        check_mapped(stored)
        if dry_runs.get(import_id) is None:
            check_waiting(stored)
            dry_runs.add(import_id)
        found = _known(stored)
        while found.completed_at is None:
            found = self._step(stored, found)
            if self._clock() >= end:
                break
        return _shown(stored, found)

    def get(self, import_id: UUID) -> DryRun:
        """Return the last dry run."""
        stored = known_import(import_id)
        return _shown(stored, _known(stored))

    def _step(self, stored: StoredImport, found: StoredDryRun) -> StoredDryRun:
        chunk = chunk_at(stored, found.following, most=self._max_row_bytes)
        batch = ContactBatch(chunk.sources, default_region(), self._new_id)
        import_id, now = stored.shown.id, self._clock()
        outcomes = batch.try_out(import_id, now)
        told = [item for item in outcomes if item.reason is not None]
        # Those that are rejected come first, so that others leave them room.
        reasons = sorted((*found.reasons, *map(_row, told)), key=_comes_in)[:MAX_REASONS]
        counts = added(found.counts, Counter(outcome.status for outcome in outcomes))
        dry_runs.advance(import_id, counts, reasons, chunk.following, now)
        return _known(stored)


def _known(stored: StoredImport) -> StoredDryRun:
    found = dry_runs.get(stored.shown.id)
    if found is None:
        raise DryRunNotFound("Nobody has tried this import with the mapping that it has now.")
    return found


def _comes_in(row: ImportRow) -> bool:
    return row.status is not CardStatus.REJECTED


def _row(outcome: CardOutcome) -> ImportRow:
    return ImportRow(
        index=outcome.index,
        line=outcome.line,
        status=outcome.status,
        name=outcome.name,
        reason=outcome.reason,
    )


def _shown(stored: StoredImport, found: StoredDryRun) -> DryRun:
    size = stored.shown.size
    ended = found.completed_at is not None
    return DryRun(
        import_id=stored.shown.id,
        size=size,
        done=size if ended else min(found.following.offset, size),
        counts=found.counts,
        rejected=found.reasons,
        operation_id=found.operation_id,
        completed_at=found.completed_at,
    )
