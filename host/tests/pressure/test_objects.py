"""Mapped objects, sessions and connections that are used late, or by somebody else."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import InvalidRequestError, ProgrammingError, ResourceClosedError
from sqlalchemy.orm.exc import DetachedInstanceError

from meishi.context import current_scope
from meishi.database.plugin_session import SessionMisplaced
from meishi.sdk.context import aside
from meishi.sdk.database import current_connection, current_session, savepoint

from .conftest import Stage
from .ledgers import FIRST, SECOND, identity, kind_of, note

REFUSED = f"a session of {FIRST} was used while code of {SECOND} was running"


class Undo(Exception):
    """Ends a savepoint."""


def added(body: str) -> Any:
    """Return a note that was written out."""
    new = note(body)
    current_session().add(new)
    current_session().flush()
    return new


def test_what_was_read_stays_readable_everywhere(stage: Stage, home: UUID) -> None:
    """In another's code, in a savepoint, aside, after the commit: it needs no statement."""
    with stage.acting_as(FIRST, home) as scope:
        new = added("read")
        with savepoint(), scope.work.entered(SECOND):
            assert new.body == "read"
        with aside():
            assert new.body == "read"
    assert (new.body, new.workspace_id) == ("read", home)


@pytest.mark.parametrize("attribute", ["body", "parent"])
def test_reading_late_in_anothers_code_is_refused_by_name(
    stage: Stage, home: UUID, attribute: str
) -> None:
    """A relation, or a value that is not known any more, is not read with another's rights."""
    with stage.acting_as(FIRST, home):
        above = added("above")
        current_session().add(note("below", parent=above.id))
    with stage.acting_as(FIRST, home) as scope:
        kind = kind_of(FIRST)
        below = current_session().scalars(select(kind).where(kind.body == "below")).one()
        current_session().expire(below, [attribute])
        with scope.work.entered(SECOND), pytest.raises(SessionMisplaced, match=REFUSED):
            getattr(below, attribute)
        assert below.body == "below"
        assert below.parent.body == "above"
        assert identity()[0] == stage.role(FIRST)


def test_reading_late_after_the_end_is_refused(stage: Stage, home: UUID) -> None:
    """An object does not open a transaction of its own for what was never read."""
    with stage.acting_as(FIRST, home):
        added("late")
    with stage.acting_as(FIRST, home):
        found = current_session().scalars(select(kind_of(FIRST))).one()
        current_session().expire(found, ["body"])
    for attribute in ("body", "parent"):
        with pytest.raises(DetachedInstanceError):
            getattr(found, attribute)


def test_an_undone_savepoint_is_not_read_anew_in_anothers_code(stage: Stage, home: UUID) -> None:
    """An object from before it is read again by its own plugin only, and shows what is stored."""
    with stage.acting_as(FIRST, home) as scope:
        new = added("before")
        with pytest.raises(Undo), savepoint(), scope.work.entered(SECOND):
            with scope.work.entered(FIRST):
                new.body = "inside"
                current_session().flush()
            raise Undo
        with scope.work.entered(SECOND), pytest.raises(SessionMisplaced, match=REFUSED):
            assert new.body
        assert new.body == "before"


@pytest.mark.parametrize("begun", [True, False])
def test_an_object_of_an_undone_savepoint_belongs_to_nobody(
    stage: Stage, home: UUID, *, begun: bool
) -> None:
    """What came in with it is not written later, and can be read no further than it was."""
    with stage.acting_as(FIRST, home):
        if begun:
            identity()
        with pytest.raises(Undo), savepoint():
            new = added("inside")
            current_session().expire(new, ["parent"])
            raise Undo
        assert new not in current_session()
        new.body = "changed"
        with pytest.raises(DetachedInstanceError):
            assert new.parent
    assert stage.notes(home) == []


def test_an_object_belongs_to_one_unit_of_work(stage: Stage, home: UUID) -> None:
    """One that is in use here cannot be written aside as well."""
    with stage.acting_as(FIRST, home):
        new = added("here")
        with aside(), pytest.raises(InvalidRequestError, match="already attached"):
            current_session().add(new)
    assert stage.notes(home) == [(FIRST, "here")]


def test_another_plugins_objects_are_refused_by_the_server(stage: Stage, home: UUID) -> None:
    """Put into one's own session, they are written under one's own role, which may not."""
    with pytest.raises(ProgrammingError, match="denied"), stage.acting_as(FIRST, home) as scope:
        foreign = note("foreign")
        with scope.work.entered(SECOND):
            current_session().add(foreign)
    assert stage.notes(home) == []


def test_a_connection_that_was_handed_on_has_the_rights_of_whose_code_runs(
    stage: Stage, home: UUID
) -> None:
    """A plugin that keeps its connection for another gives it no rights of its own."""
    query = text(f"SELECT count(*) FROM {FIRST}.note")
    with pytest.raises(ProgrammingError, match="denied"), stage.acting_as(FIRST, home) as scope:
        kept = current_connection()
        assert kept.execute(query).scalar_one() == 0
        with scope.work.entered(SECOND):
            kept.execute(query)


def test_a_session_and_a_connection_end_with_their_unit_of_work(stage: Stage, home: UUID) -> None:
    """Kept beyond it they write nothing, and take no connection of the pool."""
    with stage.acting_as(FIRST, home):
        session, connection, late = current_session(), current_connection(), note("late")
        identity()
    session.add(late)
    with pytest.raises(SessionMisplaced):
        session.flush()
    with pytest.raises(ResourceClosedError):
        connection.execute(text("SELECT 1"))
    with stage.acting_as(FIRST, home):
        assert current_session() is not session
        assert current_scope().work.connection() is not connection
        with pytest.raises(SessionMisplaced):
            session.flush()
    session.close()
    assert stage.notes(home) == []
    assert stage.host.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
