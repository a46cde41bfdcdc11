"""Nobody writes what was moved away, whatever they have heard."""

from __future__ import annotations

from threading import Thread
from typing import Any

import pytest
from psycopg import Connection
from sqlalchemy.exc import DBAPIError

from meishi.moves import fence
from meishi.moves.refusals import MoveFailed
from meishi.moves.tables import tables
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Pair

PUT = "INSERT INTO larder.item (workspace_id, name) VALUES (%(w)s, 'late')"


def write(shared: WorkspaceUnderTest, failed: list[str | None]) -> None:
    """Write as the plugin's code, and keep what became of it."""
    try:
        with shared.host.scope(workspace=shared.id, plugin="larder") as scope:
            scope.work.execute(PUT, {"w": shared.id})
        failed.append(None)
    except DBAPIError as error:
        failed.append(getattr(error.orig, "sqlstate", ""))


def test_who_waits_for_the_move_writes_nothing_where_the_plugin_was(
    pair: Pair, shared: WorkspaceUnderTest
) -> None:
    """It waits for the lock, and then has no right to; once it is opened again it has."""
    failed: list[str | None] = []
    with pair.main.connected() as connection:
        found = tables(connection, "larder")
        connection.rollback()
        fence.lock(connection, "larder", found, seconds=20)
        writer = Thread(target=write, args=(shared, failed))
        writer.start()
        with pair.main.connected(autocommit=True) as watching:
            while not waiting(watching):
                assert writer.is_alive()
        fence.empty(connection, found)
        fence.close(connection, "larder", found)
        connection.commit()
        writer.join()
        assert failed == ["42501"]
        assert connection.execute("SELECT count(*) FROM larder.item").fetchone() == (0,)
        fence.open_again(connection, "larder", found)
        connection.commit()
    write(shared, failed)
    assert failed[1:] == [None]


def waiting(connection: Connection[Any]) -> bool:
    """Whether somebody waits for a lock on the larder."""
    query = """
        SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'larder.item'::regclass
                       AND NOT granted)
    """
    row = connection.execute(query).fetchone()
    return bool(row and row[0])


def test_who_does_not_let_go_ends_the_attempt(pair: Pair, shared: WorkspaceUnderTest) -> None:
    """And loses nothing by it."""
    with pair.main.connected() as connection:
        found = tables(connection, "larder")
        connection.rollback()
        with shared.host.scope(workspace=shared.id, plugin="larder") as scope:
            scope.work.execute(PUT, {"w": shared.id})
            with pytest.raises(MoveFailed, match="longer than the pause may last"):
                fence.lock(connection, "larder", found, seconds=1)
        connection.rollback()
        assert connection.execute("SELECT count(*) FROM larder.item").fetchone() == (1,)
