"""Dry runs: what an import would do, without doing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ImportNotFound
from crm_contacts.contract.import_errors import DryRunNotFound, ImportMappingNeeded, ImportStarted
from crm_contacts.contract.imports import ImportCounts, ImportRow
from meishi.sdk.contract import command, query

#: Rows of which a dry run keeps the reasons.
MAX_REASONS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """How far a dry run has come, and what would have become of the rows up to there.

    `size` and `done` are octets. `rejected` are the first rows that would be rejected,
    then such as would come in without all that they say, as their statuses tell.
    """

    import_id: UUID
    size: int
    done: int
    counts: ImportCounts
    rejected: tuple[ImportRow, ...]
    operation_id: UUID | None
    completed_at: datetime | None

    @property
    def progress(self) -> float:
        """The part of the file that is done, from 0 to 1."""
        return 1.0 if self.completed_at is not None else self.done / self.size


class DryRuns(Protocol):
    """Dry runs of imports that have not begun; each import has one, the last."""

    @command(errors=(ImportMappingNeeded, ImportNotFound, ImportStarted))
    def start(self, import_id: UUID) -> UUID:
        """Have a worker do a dry run from the beginning, and return the operation.

        While one is under way, that is the one.
        """
        ...

    @command(errors=(ImportMappingNeeded, ImportNotFound, ImportStarted))
    def step(self, import_id: UUID) -> DryRun:
        """Go on with a dry run for some time, a chunk at least; no contact is written.

        Without one, it begins. Rows are matched with contacts as they are at that moment, and with
        rows before them.
        """
        ...

    @query(errors=(DryRunNotFound, ImportNotFound))
    def get(self, import_id: UUID) -> DryRun:
        """Return the last dry run of an import with the mapping that it has."""
        ...
