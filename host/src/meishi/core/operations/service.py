"""The rules of operations: who has a say in one, and what may follow what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from meishi.core.operations import repository
from meishi.core.operations.contract import (
    Operation,
    OperationCancelled,
    OperationEnded,
    OperationError,
    OperationFinished,
    OperationNotFound,
    OperationOvertaken,
    OperationPage,
    OperationState,
)
from meishi.sdk.context import current_actor, publish
from meishi.sdk.plugin import PluginContext

_MAX_PAGE = 200


class OperationService:
    """Implements `Operations`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def begin(self, operation_id: UUID, *, kind: str, subject: str | None = None) -> Operation:
        """Note that work was asked for; it waits."""
        by = current_actor().user_id
        repository.add(operation_id, kind=kind, subject=subject, by=by, at=self._clock())
        return self.get(operation_id)

    def start(self, operation_id: UUID, *, attempt: int) -> Operation:
        """Note that an attempt at the work begins."""
        found = self.check(operation_id, attempt=attempt)
        return repository.change(
            operation_id,
            state=OperationState.RUNNING.value,
            attempts=attempt,
            started_at=found.started_at or self._clock(),
        )

    def check(self, operation_id: UUID, *, attempt: int) -> Operation:
        """Return the operation, locked, if the attempt has a say in it."""
        found = repository.get(operation_id, lock=True)
        if found is None:
            raise OperationOvertaken(f"There is no operation {operation_id} any more.")
        if found.state.final:
            raise OperationOvertaken(f"The operation is {found.state.value}.")
        if found.attempts > attempt:
            raise OperationOvertaken(f"Attempt {found.attempts} at the operation has begun.")
        return found

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
        self.check(operation_id, attempt=attempt)
        return repository.change(operation_id, done=done, total=total, unit=unit)

    def finish(self, operation_id: UUID, *, attempt: int, result: str | None = None) -> Operation:
        """Note that the work is done; all of it is, where its extent is known."""
        found = self.check(operation_id, attempt=attempt)
        done = found.done if found.total is None else found.total
        return self._end(found, OperationState.SUCCEEDED, result=result, done=done)

    def fail(self, operation_id: UUID, *, attempt: int, error: OperationError) -> Operation:
        """Note that the work failed for good."""
        return self._end(
            self.check(operation_id, attempt=attempt),
            OperationState.FAILED,
            error_code=error.code,
            error_title=error.title,
            error_detail=error.detail.replace("\0", "\ufffd"),
        )

    def stop(self, operation_id: UUID, *, attempt: int | None = None) -> Operation:
        """Note that the work was stopped as was asked."""
        if attempt is not None:
            return self._end(self.check(operation_id, attempt=attempt), OperationState.CANCELLED)
        found = repository.get(operation_id, lock=True)
        if found is None or found.state.final:
            raise OperationOvertaken("The operation has ended.")
        return self._end(found, OperationState.CANCELLED)

    def cancel(self, operation_id: UUID) -> Operation:
        """Ask that the work stops; what only waits has ended with that."""
        found = _known(operation_id, repository.get(operation_id, lock=True))
        if found.state.final:
            raise OperationEnded(f"The operation has ended already: {found.state.value}.")
        if found.cancel_requested:
            return found
        publish(OperationCancelled(operation_id=operation_id))
        if found.state is OperationState.WAITING:
            return self._end(found, OperationState.CANCELLED, cancel_requested=True)
        return repository.change(operation_id, cancel_requested=True)

    def get(self, operation_id: UUID) -> Operation:
        """Return one operation."""
        return _known(operation_id, repository.get(operation_id))

    def find(self, operation_id: UUID) -> Operation:
        """Return one operation."""
        return self.get(operation_id)

    def list(
        self,
        *,
        kind: str | None = None,
        state: OperationState | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> OperationPage:
        """Return operations, newest first."""
        size = max(1, min(limit, _MAX_PAGE))
        items = repository.page(kind, state, after, size + 1)
        return OperationPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=repository.count(kind, state) if with_total else None,
        )

    def forget(self, *, days: int) -> None:
        """Delete what ended more than so many days ago."""
        repository.forget(self._clock() - timedelta(days=days))

    def _end(self, found: Operation, state: OperationState, **values: Any) -> Operation:
        ended = repository.change(found.id, state=state.value, finished_at=self._clock(), **values)
        publish(OperationFinished(operation_id=found.id, kind=found.kind, state=state))
        return ended


def _known(operation_id: UUID, found: Operation | None) -> Operation:
    if found is None:
        raise OperationNotFound(f"There is no operation {operation_id} in this workspace.")
    return found
