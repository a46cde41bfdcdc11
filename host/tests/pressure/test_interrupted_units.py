"""Units of work that are ended from outside: by the server, by an administrator, by Ctrl-C."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from meishi.sdk.context import aside
from meishi.sdk.database import current_connection, execute

from .conftest import Stage
from .leavings import Left, comes_true, litter
from .ledgers import FIRST, SECOND, bodies, identity, write


def test_a_unit_of_work_that_idles_too_long_is_ended_alone(
    stage: Stage, left: Left, home: UUID
) -> None:
    """The server ends it; its next statement says so, and the next unit of work is well."""
    with pytest.raises(OperationalError) as caught, stage.acting_as(FIRST, home):
        write("lost")
        execute("SET idle_in_transaction_session_timeout = '10ms'")
        wait_for_end_of(stage, left)
        bodies()
    assert caught.value.connection_invalidated
    left.check(same=False)
    assert stage.notes(home) == []


def wait_for_end_of(stage: Stage, left: Left) -> None:
    """Wait until the server process of the pool's connection is gone."""
    query, pid = b"SELECT 1 FROM pg_stat_activity WHERE pid = %s", int(str(left.before[-1]))
    comes_true(lambda: stage.admin.execute(query, [pid]).fetchone() is None)


@contextmanager
def once_asleep(stage: Stage, left: Left, act: Callable[[int], object]) -> Iterator[None]:
    """Do something, in another thread, as soon as the block's connection sleeps in a statement."""
    pid = int(str(left.before[-1]))
    query = b"SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"

    def wait() -> None:
        comes_true(lambda: stage.admin.execute(query, [pid]).fetchone())
        act(pid)

    thread = threading.Thread(target=wait)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_a_connection_killed_during_a_statement_is_not_used_again(
    stage: Stage, left: Left, home: UUID
) -> None:
    """The unit of work fails with what happened, and nothing of it is kept."""

    def kill(pid: int) -> None:
        stage.admin.execute("SELECT pg_terminate_backend(%s)", [pid])

    with (
        once_asleep(stage, left, kill),
        pytest.raises(OperationalError) as caught,
        stage.acting_as(FIRST, home),
    ):
        write("lost")
        execute("SELECT pg_sleep(30)")
    assert caught.value.connection_invalidated
    left.check(same=False)
    assert stage.notes(home) == []


def test_a_connection_killed_while_idle_is_replaced(stage: Stage, left: Left, home: UUID) -> None:
    """Whoever comes next does not notice."""
    stage.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [int(str(left.before[-1]))])
    with stage.acting_as(FIRST, home):
        litter()
    left.check(same=False)
    assert stage.notes(home) == [(FIRST, "note")]


@pytest.mark.parametrize("statement", ["execute", "connection"])
def test_an_interrupt_during_a_statement_leaves_nothing(
    stage: Stage, left: Left, home: UUID, statement: str
) -> None:
    """Ctrl-C ends the statement and the unit of work; the answer does not reach the next one."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    def press(_pid: int) -> None:
        signal.pthread_kill(main, signal.SIGALRM)

    main, before = threading.get_ident(), signal.signal(signal.SIGALRM, interrupt)
    try:
        with (
            once_asleep(stage, left, press),
            pytest.raises(KeyboardInterrupt),
            stage.acting_as(FIRST, home),
        ):
            write("lost")
            if statement == "execute":
                execute("SELECT pg_sleep(30)")
            else:
                current_connection().execute(text("SELECT pg_sleep(30)"))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert stage.notes(home) == []
    with stage.acting_as(SECOND, home):
        assert identity() == (stage.role(SECOND), str(home))
    assert left.now()[:-1] == left.before[:-1]


def test_a_connection_that_was_killed_costs_no_other(stage: Stage, home: UUID) -> None:
    """The one that was idle meanwhile stays in use; the dead one does not come back."""
    stage.limit_connections(2)
    with stage.acting_as(FIRST, home):
        idle = backend()
        with pytest.raises(OperationalError), aside():
            stage.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [backend()])
            bodies()
    used = list[object]()
    for _ in range(4):
        with stage.acting_as(FIRST, home):
            used.append(backend())
    assert idle in used[:2]
    assert idle in used[2:]


def test_who_replaces_a_dead_connection_leaves_others_where_they_were(
    stage: Stage, home: UUID
) -> None:
    """What is in use meanwhile goes back to the pool, and stays in use: none is forgotten open."""
    stage.limit_connections(2)
    with stage.acting_as(FIRST, home):
        known = {backend()}
        with aside():
            known.add(backend())
    with stage.acting_as(FIRST, home):
        ours = backend()
        (idle,) = known - {ours}
        stage.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [idle])
        with aside():
            fresh = backend()
    used = set[object]()
    for _ in range(4):
        with stage.acting_as(FIRST, home):
            used.add(backend())
    assert used == {ours, fresh}


def backend() -> object:
    """Return which process of the server works for the innermost unit of work."""
    ((pid,),) = execute("SELECT pg_backend_pid()")
    return pid
