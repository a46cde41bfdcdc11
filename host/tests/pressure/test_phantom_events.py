"""No event is logged of what was not kept, whichever way it was lost."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

import threading
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from meishi.events.signals import EventHandlerFailed
from meishi.sdk.context import aside, beside, publish
from meishi.sdk.database import execute, savepoint

from .conftest import Stage
from .ledgers import FIRST, SECOND, bodies, contract_of, told, write

KILL = """
    CREATE FUNCTION {plugin}.kill() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
    CREATE CONSTRAINT TRIGGER kill AFTER INSERT ON {plugin}.note DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW WHEN (NEW.body = 'fatal') EXECUTE FUNCTION {plugin}.kill();
"""


class Undo(Exception):
    """Ends a block."""


def announce(subject: str) -> None:
    """Store a note and publish an event about it, which nobody hears."""
    write(subject)
    publish(contract_of(FIRST).Filed(note=subject))


def test_a_commit_that_a_deferred_constraint_refuses_logs_nothing(stage: Stage, home: UUID) -> None:
    """The events were sent with the commit, and are undone with it."""
    with pytest.raises(IntegrityError), stage.acting_as(FIRST, home):
        announce("lost")
        write("doomed", parent=uuid4())
    assert stage.left(home) == ([], [])
    with stage.acting_as(FIRST, home):
        announce("kept")
    assert stage.left(home) == (["kept"], ["kept"])


def test_a_commit_that_is_not_serialisable_logs_nothing(stage: Stage, home: UUID) -> None:
    """Of two units of work that read what the other writes, one is kept with its event."""
    serialisable = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
    with pytest.raises(DBAPIError, match="could not serialize"), stage.acting_as(FIRST, home):
        execute(serialisable)
        assert bodies() == []
        with aside():
            execute(serialisable)
            assert bodies() == []
            announce("kept")
        announce("lost")
    assert stage.left(home) == (["kept"], ["kept"])


@pytest.mark.parametrize("how", ["execute", "session"])
def test_a_server_process_that_dies_at_the_commit_logs_nothing(
    stage: Stage, home: UUID, how: str
) -> None:
    """The error says that the connection is gone; the next unit of work has another one."""
    stage.admin.execute(KILL.format(plugin=FIRST).encode())
    try:
        with pytest.raises(OperationalError) as caught, stage.acting_as(FIRST, home):
            announce("lost")
            write("fatal", how)
        assert caught.value.connection_invalidated
    finally:
        stage.admin.execute(f"DROP FUNCTION {FIRST}.kill CASCADE".encode())
    with stage.acting_as(FIRST, home):
        announce("kept")
    assert stage.left(home) == (["kept"], ["kept"])


def test_a_connection_killed_before_the_commit_logs_nothing(stage: Stage, home: UUID) -> None:
    """A unit of work that has nothing more to say to the server still learns that it is gone."""
    with pytest.raises(OperationalError), stage.acting_as(FIRST, home):
        announce("lost")
        ((pid,),) = execute("SELECT pg_backend_pid()")
        stage.admin.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    assert stage.left(home) == ([], [])


@pytest.mark.parametrize("nested", [True, False])
def test_a_listener_that_failed_leaves_no_event_even_where_the_error_is_caught(
    stage: Stage, home: UUID, *, nested: bool
) -> None:
    """Neither what it heard nor what it published itself is logged; the rest is."""

    def listen(_events: object) -> None:
        write("heard")
        publish(contract_of(SECOND).Filed(note="by the listener"))
        raise Undo

    with stage.acting_as(FIRST, home):
        announce("before")
        with pytest.raises(EventHandlerFailed), told(hear=listen):
            if nested:
                with savepoint():
                    publish(contract_of(FIRST).Noted(note="heard"))
            else:
                publish(contract_of(FIRST).Noted(note="heard"))
        announce("after")
    assert stage.left(home) == (["after", "before"], ["before", "after"])


@pytest.mark.parametrize("begun", [True, False])
def test_an_undone_savepoint_logs_nothing_whenever_it_began(
    stage: Stage, home: UUID, *, begun: bool
) -> None:
    """It may be the whole transaction: what was published before that began stays."""
    with stage.acting_as(FIRST, home):
        publish(contract_of(FIRST).Filed(note="before"))
        if begun:
            bodies()
        with pytest.raises(Undo), savepoint():
            announce("inside")
            raise Undo
        with savepoint():
            announce("after")
    assert stage.left(home) == (["after"], ["before", "after"])


@pytest.mark.parametrize("failing", ["an error", "the commit"])
def test_what_failed_aside_logs_nothing(stage: Stage, home: UUID, failing: str) -> None:
    """The unit of work around it goes on, with its own events alone."""
    with stage.acting_as(FIRST, home):
        announce("before")
        with pytest.raises((Undo, IntegrityError)), aside():
            announce("aside")
            if failing == "an error":
                raise Undo
            write("doomed", parent=uuid4())
        announce("after")
    assert stage.left(home) == (["after", "before"], ["before", "after"])


def test_what_failed_beside_logs_nothing(stage: Stage, home: UUID) -> None:
    """A thread's error undoes what the thread did, and nothing else."""
    caught: list[type] = []

    def fail() -> None:
        announce("beside")
        raise Undo

    def run() -> None:
        with pytest.raises(Undo) as error:
            failing()
        caught.append(error.type)

    with stage.acting_as(FIRST, home):
        failing = beside(fail)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        announce("here")
    assert caught == [Undo]
    assert stage.left(home) == (["here"], ["here"])
