"""Less time for the statements of a block than they usually have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from meishi.database.unit_of_work import UnitOfWork


@contextmanager
def limited_statements(work: UnitOfWork, seconds: float) -> Iterator[None]:
    """Run a block in which the database breaks off a statement that takes longer.

    The code in it may leave its time to nobody: afterwards statements have what they usually have.
    """
    _set(work, f"SET LOCAL statement_timeout TO {max(1, round(seconds * 1000))}")
    try:
        yield
    finally:
        _set(work, "SET LOCAL statement_timeout TO DEFAULT")


def _set(work: UnitOfWork, statement: str) -> None:
    """Run a statement under no plugin's role: one without tables has none."""
    role, work.identity.role = work.identity.role, None
    try:
        work.execute(statement)
    finally:
        work.identity.role = role
