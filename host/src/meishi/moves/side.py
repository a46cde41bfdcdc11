"""One side of a move: a database, reached as its administrator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import psycopg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from meishi.database.engine import driver_url
from meishi.events.ticks import LOCK, Ticker
from meishi.moves.refusals import MoveRefused

if TYPE_CHECKING:
    from meishi.context import Scope
    from meishi.database.unit_of_work import UnitOfWork

#: Rows are written the same on both sides, and row security hides none of them silently.
_SETTINGS = """
    SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET IntervalStyle = 'postgres';
    SET extra_float_digits = 1; SET bytea_output = 'hex'; SET row_security = off;
    SET search_path = pg_catalog, pg_temp
"""

_SECONDS = 5


class AdministratorWork:
    """Runs statements of the event log on a connection, as a unit of work would."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(
        self, statement: str, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[tuple[Any, ...]]:
        """Run a statement and return its rows."""
        cursor = self._connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []


def work_of(connection: psycopg.Connection[Any]) -> UnitOfWork:
    """Return what takes a unit of work for a connection, as far as reading the log goes."""
    return cast("UnitOfWork", AdministratorWork(connection))


@dataclass(frozen=True, slots=True)
class _Scope:
    work: AdministratorWork


@dataclass(frozen=True, slots=True)
class Side:
    """A database: what it is called in messages, and the URL of its administrator."""

    name: str
    url: str = field(repr=False)

    @contextmanager
    def connected(self, *, autocommit: bool = False) -> Iterator[psycopg.Connection[Any]]:
        """Run a block with a connection; what is not committed at its end is undone.

        :raises MoveRefused: if there is none to be had
        """
        connection = self._connection()
        try:
            connection.execute(_SETTINGS)
            connection.autocommit = autocommit
            yield connection
        finally:
            connection.close()

    def _connection(self) -> psycopg.Connection[Any]:
        try:
            plain = make_url(driver_url(self.url)).set(drivername="postgresql")
            return psycopg.connect(
                plain.render_as_string(hide_password=False),
                connect_timeout=_SECONDS,
                autocommit=True,
                application_name="meishi extract",
            )
        except (ArgumentError, ValueError, psycopg.ProgrammingError):
            # What these say may repeat the address, and the password in it.
            raise MoveRefused(
                f"The administrator's address of the database of {self.name} is none.",
                hint="It is written like postgresql://user:password@host/database.",
            ) from None
        except psycopg.OperationalError as error:
            reason = " ".join(str(error).split())
            raise MoveRefused(
                f"The administrator cannot reach the database of {self.name}: {reason}",
                hint="Look at the address, the login and the password.",
            ) from error

    def tick(self) -> None:
        """Have the log show all that is committed by now."""

        @contextmanager
        def within(_plugin: str) -> Iterator[Scope]:
            with self.connected() as connection:
                # Who ticks at this moment may not see all that there is now.
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
                yield cast("Scope", _Scope(AdministratorWork(connection)))
                connection.commit()

        Ticker(within).tick()
