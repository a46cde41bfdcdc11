"""Savepoints around statements of the short way: no trips of their own, and no less undone."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import DBAPIError

from meishi.database.identity import TransactionUndone
from meishi.sdk.database import current_session, execute, savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import WireLog, new_card

Titles = Callable[[], set[str]]


class Undo(Exception):
    """Ends a savepoint."""


def write(workspace: WorkspaceUnderTest, title: str) -> None:
    """Store a card by a statement as it stands."""
    statement = """
        INSERT INTO qr.card (workspace_id, id, contact_id, title, fields, slug, version,
                             created_at, updated_at)
        VALUES (%(workspace)s, %(id)s, %(id)s, %(title)s, '{}', %(slug)s, 1, now(), now())
    """
    card = workspace.host.new_id()
    values = {"workspace": workspace.id, "id": card, "title": title, "slug": card.hex}
    execute(statement, values)


def role() -> str:
    """Return the role that the server has."""
    return str(execute("SELECT current_user")[0][0])


def test_they_go_out_with_the_statements_around_them(
    workspace: WorkspaceUnderTest, wire: WireLog
) -> None:
    """However many there are, within each other or empty, each statement is one trip."""
    with workspace.acting_as("qr"):
        execute("SELECT 1")
        wire.lines()
        for _ in range(3):
            with savepoint(), savepoint():
                execute("SELECT 2")
            with savepoint():
                pass
        execute("SELECT 3")
        assert sum("ReadyForQuery" in line for line in wire.lines()) == 4


@pytest.mark.parametrize("inner", [True, False])
@pytest.mark.parametrize("by_session", ["before", "inside", "behind", ""])
def test_what_is_undone_is_what_stands_inside(
    workspace: WorkspaceUnderTest, titles: Titles, *, inner: bool, by_session: str
) -> None:
    """Of two savepoints either may be undone, whether and wherever a session comes in."""

    def maybe(place: str) -> None:
        if by_session == place:
            current_session().add(new_card(workspace, f"session {place}"))

    with workspace.acting_as("qr") as scope:
        write(workspace, "first")
        with pytest.raises(Undo), savepoint():
            write(workspace, "outer")
            maybe("before")
            try:
                with savepoint(), scope.work.entered("crm_contacts"):
                    assert role() == "meishi_test_crm_contacts_run"
                    with scope.work.entered("qr"):
                        maybe("inside")
                        write(workspace, "inner")
                        raise Undo
            except Undo:
                if not inner:
                    raise
            assert role() == "meishi_test_qr_run"
            maybe("behind")
            write(workspace, "behind")
            raise Undo
        assert role() == "meishi_test_qr_run"
        maybe("behind")
        write(workspace, "last")
    expected = {"first", "last", "session behind"}
    assert titles() == (expected if by_session == "behind" else expected - {"session behind"})


def test_an_undone_inner_one_leaves_the_outer_one(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """What failed in the inner one is gone, what stands around it is kept."""
    with workspace.acting_as("qr"):
        with savepoint():
            write(workspace, "before")
            with pytest.raises(DBAPIError), savepoint():
                write(workspace, "failed")
                execute("SELECT 1 / 0")
            with pytest.raises(Undo), savepoint():
                raise Undo
            write(workspace, "behind")
        write(workspace, "last")
    assert titles() == {"before", "behind", "last"}


def test_a_failure_that_somebody_caught_is_not_kept(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """The savepoint says so when it should end well, and the unit of work goes on."""
    with workspace.acting_as("qr"):
        write(workspace, "first")
        with pytest.raises(TransactionUndone), savepoint():
            write(workspace, "lost")
            with pytest.raises(DBAPIError):
                execute("SELECT 1 / 0")
        write(workspace, "last")
    assert titles() == {"first", "last"}


@pytest.mark.parametrize("value", ["a\0b", object()], ids=["no text", "no type"])
@pytest.mark.parametrize("inner", [True, False])
def test_a_statement_that_never_goes_out_leaves_its_savepoint(
    workspace: WorkspaceUnderTest, titles: Titles, value: object, *, inner: bool
) -> None:
    """A value that the driver refuses is undone alone, or caught, like any other error."""
    with workspace.acting_as("qr"):
        write(workspace, "first")
        if inner:
            with savepoint():
                with pytest.raises(DBAPIError):
                    execute("SELECT %(a)s::text", {"a": value})
                write(workspace, "inside")
        else:
            with pytest.raises(DBAPIError), savepoint():
                execute("SELECT %(a)s::text", {"a": value})
        write(workspace, "last")
    assert titles() == {"first", "last"} | ({"inside"} if inner else set())
