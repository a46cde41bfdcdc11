"""Every SQL statement of operations."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from meishi.core.operations.contract import Operation, OperationError, OperationState
from meishi.core.operations.models import operation
from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

#: Columns of the record that stand in the table as they are.
_AS_THEY_ARE = (
    "id", "kind", "subject", "done", "total", "unit", "result", "cancel_requested", "attempts",
    "created_by", "created_at", "started_at", "finished_at", "version",
)  # fmt: skip


def add(
    operation_id: UUID, *, kind: str, subject: str | None, by: UUID | None, at: datetime
) -> None:
    """Insert an operation that waits, unless it is there."""
    statement = insert(operation).values(
        workspace_id=current_workspace(),
        id=operation_id,
        kind=kind,
        subject=subject,
        state=OperationState.WAITING.value,
        done=0,
        cancel_requested=False,
        attempts=0,
        created_by=by,
        created_at=at,
        version=1,
    )
    current_connection().execute(statement.on_conflict_do_nothing())


def get(operation_id: UUID, *, lock: bool = False) -> Operation | None:
    """Return an operation; with `lock` nobody else changes it until the transaction ends."""
    statement = select(operation).where(operation.c.id == operation_id)
    if lock:
        statement = statement.with_for_update()
    row = current_connection().execute(statement).first()
    return None if row is None else _from_row(row)


def change(operation_id: UUID, **values: Any) -> Operation:
    """Change an operation that is there, and return it."""
    statement = (
        update(operation)
        .where(operation.c.id == operation_id)
        .values(values | {"version": operation.c.version + 1})
        .returning(operation)
    )
    return _from_row(current_connection().execute(statement).one())


def page(
    kind: str | None, state: OperationState | None, after: UUID | None, limit: int
) -> list[Operation]:
    """Return operations, newest first."""
    conditions = _conditions(kind, state)
    if after is not None:
        conditions.append(operation.c.id < after)
    statement = select(operation).where(*conditions).order_by(operation.c.id.desc()).limit(limit)
    return [_from_row(row) for row in current_connection().execute(statement)]


def count(kind: str | None, state: OperationState | None) -> int:
    """Return how many operations there are."""
    statement = select(func.count()).select_from(operation).where(*_conditions(kind, state))
    return int(current_connection().execute(statement).scalar_one())


def forget(before: datetime) -> None:
    """Delete what ended before a moment."""
    current_connection().execute(delete(operation).where(operation.c.finished_at < before))


def _conditions(kind: str | None, state: OperationState | None) -> list[ColumnElement[bool]]:
    found = []
    if kind is not None:
        found.append(operation.c.kind == kind)
    if state is not None:
        found.append(operation.c.state == state.value)
    return found


def _from_row(row: Row[Any]) -> Operation:
    error = None
    if row.error_code is not None:
        error = OperationError(code=row.error_code, title=row.error_title, detail=row.error_detail)
    values = {name: getattr(row, name) for name in _AS_THEY_ARE}
    return Operation(**values, state=OperationState(row.state), error=error)
