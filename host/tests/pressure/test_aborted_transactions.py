"""What goes on after an error that somebody caught: nothing in here, everything outside."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InternalError, PendingRollbackError

from meishi.calls.failures import CallFailed
from meishi.database.identity import TransactionUndone
from meishi.sdk.context import publish, service
from meishi.sdk.database import current_connection, current_session, execute, savepoint

from .conftest import Stage
from .ledgers import FIRST, SECOND, contract_of, identity, note, told, write

#: How it is told that a transaction has failed: by the host, by the server, by the session.
UNDONE = (TransactionUndone, InternalError, PendingRollbackError)


def fail_by(how: str) -> None:
    """Let a statement fail, and catch the error."""
    with suppress(DBAPIError):
        if how == "execute":
            execute("SELECT 1 / 0")
        elif how == "connection":
            current_connection().execute(text("SELECT 1 / 0"))
        else:
            current_session().add(note(""))
            current_session().flush()


def _call(method: str) -> Callable[[], object]:
    def call() -> object:
        with told(act=bodiless):
            return getattr(service(contract_of(SECOND).Notes), method)()

    return call


def bodiless() -> str:
    """Write a note and answer nothing."""
    write("called")
    return ""


def _publish() -> None:
    publish(contract_of(FIRST).Noted(note="late"))


def _nest() -> None:
    with savepoint():
        write("nested")


def _flush() -> None:
    current_session().add(note("late"))
    current_session().flush()


#: What cannot work in a transaction that has failed.
LATE: dict[str, Callable[[], object]] = {
    "execute": lambda: write("late", "execute"),
    "connection": lambda: write("late", "connection"),
    "flush": _flush,
    "savepoint": _nest,
    "listened event": _publish,
    "atomic call": _call("join"),
}
HOW = pytest.mark.parametrize("how", ["execute", "connection", "flush"])


@HOW
@pytest.mark.parametrize("late", LATE)
def test_nothing_works_after_a_caught_error_and_nothing_is_kept(
    stage: Stage, home: UUID, how: str, late: str
) -> None:
    """Every way to go on says that the transaction is gone, and so does the commit."""
    with pytest.raises(UNDONE), stage.acting_as(FIRST, home):
        write("before", "session")
        publish(contract_of(FIRST).Filed(note="before"))
        fail_by(how)
        with pytest.raises((*UNDONE, CallFailed)):
            LATE[late]()
    assert stage.left(home) == ([], [])
    with stage.acting_as(FIRST, home):
        assert identity() == (stage.role(FIRST), str(home))


@HOW
@pytest.mark.parametrize("late", LATE)
def test_an_aborted_savepoint_goes_on_well_outside(
    stage: Stage, home: UUID, how: str, late: str
) -> None:
    """The role is the plugin's, what stood before is kept, and so is everything done after."""
    with stage.acting_as(FIRST, home) as scope:
        write("before", "session")
        with pytest.raises(UNDONE), savepoint():
            publish(contract_of(FIRST).Filed(note="inside"))
            with scope.work.entered(SECOND):
                write("inside", "session")
                fail_by(how)
        assert identity() == (stage.role(FIRST), str(home))
        LATE[late]()
        with scope.work.entered(SECOND):
            assert identity() == (stage.role(SECOND), str(home))
            write("after", "session")
    bodies, events = stage.left(home)
    extra = {"savepoint": ["nested"], "listened event": [], "atomic call": ["called"]}
    assert bodies == sorted(["after", "before", *extra.get(late, ["late"])])
    assert events == (["late"] if late == "listened event" else [])


@HOW
@pytest.mark.parametrize("method", ["write", "join"])
def test_a_call_that_failed_inside_leaves_its_caller_well(
    stage: Stage, home: UUID, how: str, method: str
) -> None:
    """A service that catches its own error and goes on has not done anything."""

    def act() -> str:
        write("called")
        publish(contract_of(SECOND).Filed(note="called"))
        fail_by(how)
        return ""

    notes = stage.host.service(contract_of(SECOND).Notes)
    with stage.acting_as(FIRST, home):
        write("before")
        with told(act=act), pytest.raises(CallFailed) as caught:
            getattr(notes, method)()
        assert isinstance(caught.value.__cause__, UNDONE)
        assert identity() == (stage.role(FIRST), str(home))
        write("after")
    assert stage.left(home) == (["after", "before"], [])


def test_a_lock_that_is_not_had_in_time_costs_its_savepoint_only(stage: Stage, home: UUID) -> None:
    """Time-outs are errors like others: the unit of work can go on without what it waited for."""
    with stage.admin.transaction(), stage.acting_as(FIRST, home):
        stage.admin.execute(f"LOCK TABLE {FIRST}.note IN SHARE MODE".encode())
        execute("SET LOCAL lock_timeout = '10ms'")
        with pytest.raises(DBAPIError, match="lock timeout"), savepoint():
            write("locked")
        publish(contract_of(FIRST).Filed(note="after"))
    assert stage.left(home) == ([], ["after"])
