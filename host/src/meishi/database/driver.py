"""The driver's connection, with the statements that the short way has prepared on it."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import PQGen

from meishi.database.statements import Statements


class DriverConnection(psycopg.Connection[Any]):
    """A connection on which two prepare statements: the driver its own, and the short way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements = Statements()

    def _deallocate(self, name: bytes | None) -> PQGen[None]:
        """Drop a statement of the driver, or, after a rollback, everything that is prepared."""
        if name is None:
            self.statements.forget()
        yield from super()._deallocate(name)
