"""What a unit of work may leave behind on its connection, and looking for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlalchemy import text

from meishi.sdk.database import current_connection

from .ledgers import identity, write

if TYPE_CHECKING:
    from .conftest import Stage

#: Seconds that a test waits for what must come; nothing is measured by them.
PATIENCE = 60.0

LEAVINGS = [
    "CREATE TEMP TABLE leaving AS SELECT 'secret' AS value",
    "SET statement_timeout = '30s'",
    "SET lock_timeout = '30s'",
    "SET idle_in_transaction_session_timeout = '30s'",
    "SET search_path = pg_temp",
    "SET meishi.workspace = '{workspace}'",
    "SET ROLE {role}",
    "LISTEN leaving",
    "DECLARE leaving CURSOR WITH HOLD FOR SELECT 'secret'",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_advisory_lock_shared(2)",
]

#: What the next user of a connection sees of its session, and the process that serves it.
LEFT = """
    SELECT to_regclass('pg_temp.leaving') IS NOT NULL, current_setting('statement_timeout'),
        current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),
        current_setting('search_path'), current_setting('timezone'),
        coalesce(current_setting('meishi.workspace', true), ''),
        current_user::text, session_user::text,
        (SELECT count(*) FROM pg_listening_channels()), (SELECT count(*) FROM pg_cursors),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
        pg_backend_pid()
"""


class Left:
    """What there is on the only connection of the pool, seen as the bare login."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.before = self.now()

    def now(self) -> list[object]:
        """Return what the next unit of work finds when it begins."""
        with self._stage.host.scope() as scope:
            return list(scope.work.execute(LEFT)[0])

    def check(self, *, same: bool = True) -> None:
        """Fail if anything is left, or open; `same` wants the same connection as before."""
        pool = self._stage.host.engine.pool
        assert pool.checkedout() == 0  # type: ignore[attr-defined]
        now = self.now()
        assert now[:-1] == self.before[:-1]
        assert (now[-1] == self.before[-1]) is same
        open_ones = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'meishi'"
        wanted = f"{open_ones} AND datname = current_database() AND xact_start IS NOT NULL"
        # The server cleans a connection that came back while we go on.
        comes_true(lambda: self._stage.admin.execute(wanted.encode()).fetchone() == (0,))


def comes_true(condition: Callable[[], object]) -> None:
    """Return once something is so that comes by itself; fail if it never does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


def litter() -> None:
    """Store a note, and leave behind whatever a session can hold."""
    write("note")
    role, workspace = identity()
    for statement in LEAVINGS:
        filled = statement.format(role=role, workspace=workspace)
        current_connection().execute(text(filled))
