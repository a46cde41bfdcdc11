"""However a unit of work ends, the next user of its connection finds nothing of it."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

import contextvars
import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Response
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from meishi.context import NoScope, current_scope
from meishi.database.driver import DriverConnection
from meishi.database.identity import TransactionUndone
from meishi.database.unit_of_work import NoPlugin
from meishi.database.wire import post, settle
from meishi.sdk.context import aside, beside
from meishi.sdk.database import current_connection, current_session, execute, savepoint
from meishi.testing.fixtures import found_workspace

from .conftest import Stage
from .leavings import Left, litter
from .ledgers import FIRST, bodies, identity, told, write


def fail(error: BaseException) -> Callable[[], None]:
    """Return what raises an error."""

    def run() -> None:
        raise error

    return run


def _statement_timeout() -> None:
    execute("SET LOCAL statement_timeout = '10ms'")
    execute("SELECT pg_sleep(30)")


def _caught_error() -> None:
    with suppress(DBAPIError):
        execute("SELECT 1 / 0")


def _in_savepoint() -> None:
    with suppress(KeyError), savepoint():
        execute("SET statement_timeout = '20s'")
        execute("SELECT pg_advisory_lock(3)")
        raise KeyError


def _session_rolled_back() -> None:
    current_session().rollback()
    raise KeyError


#: How a unit of work ends, and what reaches who opened it.
ENDINGS: dict[str, tuple[Callable[[], object], type[BaseException] | None]] = {
    "well": (lambda: None, None),
    "an error": (fail(KeyError()), KeyError),
    "an interrupt": (fail(KeyboardInterrupt()), KeyboardInterrupt),
    "an exit": (fail(SystemExit()), SystemExit),
    "a closed generator": (fail(GeneratorExit()), GeneratorExit),
    "a statement time-out": (_statement_timeout, OperationalError),
    "a caught error": (_caught_error, TransactionUndone),
    "a refused commit": (lambda: write("doomed", parent=uuid4()), IntegrityError),
    "an undone savepoint": (_in_savepoint, None),
    "a session rolled back": (_session_rolled_back, KeyError),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_is_left_on_the_connection(
    stage: Stage, left: Left, home: UUID, ending: str
) -> None:
    """Role, workspace, settings, tables, locks, cursors and channels end with the unit of work."""
    act, error = ENDINGS[ending]
    with ended_by(error), stage.acting_as(FIRST, home):
        litter()
        act()
    left.check()


def test_a_connection_that_could_not_be_cleaned_is_not_used_again(
    stage: Stage, left: Left, home: UUID
) -> None:
    """What the server answers to the cleaning is read before the next use, and heeded."""

    def spoil(driver: DriverConnection, _record: object) -> None:
        settle(driver)
        post(driver, "SELECT 1 / 0")

    event.listen(stage.host.engine, "checkin", spoil)
    with stage.acting_as(FIRST, home):
        bodies()
    event.remove(stage.host.engine, "checkin", spoil)
    left.check(same=False)


@contextmanager
def ended_by(error: type[BaseException] | None) -> Iterator[None]:
    """Expect a block to end with an error, or without any."""
    if error is None:
        yield
    else:
        with pytest.raises(error):
            yield


def test_a_lock_that_is_not_had_in_time_leaves_nothing(
    stage: Stage, left: Left, home: UUID
) -> None:
    """The time-out is the connection's own again, and the connection stays in use."""
    lock = f"LOCK TABLE {FIRST}.note IN SHARE MODE".encode()
    with stage.admin.transaction(), pytest.raises(DBAPIError, match="lock timeout"):
        stage.admin.execute(lock)
        with stage.acting_as(FIRST, home):
            execute("SET lock_timeout = '10ms'")
            write("locked")
    left.check()


def test_an_abandoned_generator_leaves_nothing(stage: Stage, left: Left, home: UUID) -> None:
    """A unit of work that is open in one is undone when the generator goes."""

    def rows() -> Iterator[str]:
        with stage.acting_as(FIRST, home):
            litter()
            yield from bodies()

    generator = contextvars.copy_context().run(iter, rows())
    contextvars.copy_context().run(next, generator)
    with suppress(ValueError):
        # Its scope was entered in another context, which is left to itself.
        generator.close()  # type: ignore[attr-defined]
    gc.collect()
    left.check()
    assert stage.notes(home) == []
    with pytest.raises(NoScope):
        current_scope()


@pytest.mark.parametrize("read", [True, False])
def test_an_answer_in_pieces_has_no_unit_of_work_any_more(
    stage: Stage, left: Left, *, read: bool
) -> None:
    """What is made while an answer is sent, or never read, runs outside; nothing stays open."""
    workspace = found_workspace(stage.host, uuid4().hex)
    left.before = left.now()

    def pieces() -> Iterator[str]:
        yield "first"
        with pytest.raises(NoScope):
            execute("SELECT 1")
        yield "second"

    def view() -> Any:
        litter()
        return Response(pieces())

    with told(act=view):
        url, client = f"/api/v1/{FIRST}/notes", stage.app.test_client()
        answer = client.get(url, headers=workspace.headers, buffered=False)
        first = next(answer.iter_encoded())
        assert first == b"first"
        if read:
            assert answer.get_data() == b"second"
        answer.close()
    left.check()
    assert stage.notes(workspace.id) == [(FIRST, "note")]


def test_a_copied_context_cannot_go_on_with_a_unit_of_work_that_has_ended(
    stage: Stage, left: Left, home: UUID
) -> None:
    """Code that comes too late is told so; it opens no transaction that nobody would end."""
    with stage.acting_as(FIRST, home):
        write("kept")
        context = contextvars.copy_context()
    for late in (current_connection, lambda: execute("SELECT 1")):
        with pytest.raises(TransactionUndone, match="ended"):
            context.run(late)
    with pytest.raises(NoPlugin):
        context.run(current_session)
    left.check()
    assert stage.notes(home) == [(FIRST, "kept")]


def test_a_thread_that_failed_beside_leaves_nothing(stage: Stage, left: Left, home: UUID) -> None:
    """Its connection is as clean as that of the unit of work which started it."""
    raised: list[type[BaseException]] = []

    def work() -> None:
        litter()
        raise KeyError

    def run() -> None:
        try:
            failing()
        except KeyError as error:
            raised.append(type(error))

    with stage.acting_as(FIRST, home):
        identity()
        failing = beside(work)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert raised == [KeyError]
    for _ in range(4):
        assert left.now()[:-1] == left.before[:-1]
    assert stage.notes(home) == []


def test_what_was_left_aside_does_not_come_back(stage: Stage, left: Left, home: UUID) -> None:
    """A second connection is as clean as the first."""
    with stage.acting_as(FIRST, home):
        identity()
        with aside():
            litter()
        with aside():
            assert identity() == (stage.role(FIRST), str(home))
            assert execute("SELECT to_regclass('pg_temp.leaving')") == [(None,)]
        litter()
    for _ in range(4):
        assert left.now()[:-1] == left.before[:-1]
