"""The contract of operations: how far work has come that a request began, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, Event, atomic, command, query


class OperationState(StrEnum):
    """Where an operation stands; the last three are final."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        """Whether nothing can follow."""
        return self not in {OperationState.WAITING, OperationState.RUNNING}


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationError:
    """Why an operation failed: what a problem (RFC 9457) would say of it."""

    code: str
    title: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Work that goes on after its request was answered.

    `kind` is the full name of the job that does it, `crm_contacts.run_import`; `subject` is the
    path of the resource that it is about, if there is one. `done` of `total` counts in `unit`s,
    `total` is None as long as nobody knows. `result` is JSON text. `version` grows with every
    change.
    """

    id: UUID
    kind: str
    subject: str | None
    state: OperationState
    done: int
    total: int | None
    unit: str | None
    result: str | None
    error: OperationError | None
    cancel_requested: bool
    attempts: int
    created_by: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationPage:
    """Operations, newest first; `next_after` is None on the last page.

    `missing` are the plugins that run as services which did not answer: theirs are not there, and
    nobody knows the `total`.
    """

    items: tuple[Operation, ...]
    next_after: UUID | None
    total: int | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationCancelled(Event):
    """Somebody asked that the work stops."""

    event_type: ClassVar[str] = "operation.cancelled.v1"
    subject: ClassVar[str] = "operation_id"

    operation_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationFinished(Event):
    """An operation came to its end, well or not."""

    event_type: ClassVar[str] = "operation.finished.v1"
    subject: ClassVar[str] = "operation_id"

    operation_id: UUID
    kind: str
    state: OperationState


class OperationNotFound(DomainError):
    """There is no such operation in this workspace."""

    code = "operation-not-found"
    title = "Operation not found"
    status = 404


class OperationEnded(DomainError):
    """What has ended cannot be cancelled."""

    code = "operation-finished"
    title = "Operation finished"
    status = 409


class OperationOvertaken(DomainError):
    """Another attempt at the operation has begun, or it has ended: this one has no say any more."""

    code = "operation-overtaken"
    title = "Operation overtaken"
    status = 409


class Operations(Protocol):
    """The operations of the current workspace.

    Those who do the work call `begin`, `start`, `advance`, `finish`, `fail` and `stop`, in the
    transaction of what they did: progress is true, whatever is killed.
    """

    @atomic()
    def begin(self, operation_id: UUID, *, kind: str, subject: str | None = None) -> Operation:
        """Note that work was asked for, by who acts now; it waits.

        What was noted before stays as it is.
        """
        ...

    @atomic(errors=(OperationOvertaken,))
    def start(self, operation_id: UUID, *, attempt: int) -> Operation:
        """Note that an attempt at the work begins; those with a lower number have no say now.

        :raises OperationOvertaken: if a later attempt has begun, or the operation has ended
        """
        ...

    @atomic(errors=(OperationOvertaken,))
    def check(self, operation_id: UUID, *, attempt: int) -> Operation:
        """Return the operation, locked until the transaction ends.

        :raises OperationOvertaken: as `start` does, or if a later attempt has begun
        """
        ...

    @atomic(errors=(OperationOvertaken,))
    def advance(
        self,
        operation_id: UUID,
        *,
        attempt: int,
        done: int,
        total: int | None = None,
        unit: str | None = None,
    ) -> Operation:
        """Note how far the work has come."""
        ...

    @atomic(errors=(OperationOvertaken,))
    def finish(self, operation_id: UUID, *, attempt: int, result: str | None = None) -> Operation:
        """Note that the work is done; emits `operation.finished.v1`."""
        ...

    @atomic(errors=(OperationOvertaken,))
    def fail(self, operation_id: UUID, *, attempt: int, error: OperationError) -> Operation:
        """Note that the work failed for good; emits `operation.finished.v1`."""
        ...

    @atomic(errors=(OperationOvertaken,))
    def stop(self, operation_id: UUID, *, attempt: int | None = None) -> Operation:
        """Note that the work was stopped as was asked; emits `operation.finished.v1`.

        Without an attempt: whoever is at it, they have no say any more.
        """
        ...

    @command(errors=(OperationNotFound, OperationEnded))
    def cancel(self, operation_id: UUID) -> Operation:
        """Ask that the work stops: at once while it waits, between two of its steps otherwise.

        Emits `operation.cancelled.v1`, which the queue of jobs hears.
        """
        ...

    @atomic(errors=(OperationNotFound,))
    def get(self, operation_id: UUID) -> Operation:
        """Return one operation, also one that was begun in this transaction."""
        ...

    @query(errors=(OperationNotFound,))
    def find(self, operation_id: UUID) -> Operation:
        """Return one operation, wherever its work is done."""
        ...

    @query()
    def list(
        self,
        *,
        kind: str | None = None,
        state: OperationState | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> OperationPage:
        """Return operations, newest first, from behind the operation `after`.

        Those of plugins that run as services stand among them. `with_total` counts all of them.
        """
        ...

    @command()
    def forget(self, *, days: int) -> None:
        """Delete what ended more than so many days ago."""
        ...
