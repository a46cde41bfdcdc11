"""Savepoints: what they undo in the database, in sessions and in the list of events."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from meishi.context import current_scope
from meishi.database.identity import TransactionUndone
from meishi.sdk.context import aside
from meishi.sdk.database import current_connection, current_session, savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Card, Fingerprint, WireLog, new_card, orphan_code, role_of, workspace_of

Titles = Callable[[], set[str]]


class Undo(Exception):
    """Ends a savepoint."""


@pytest.mark.parametrize("opened_before", [True, False])
def test_what_stands_in_an_undone_savepoint_is_not_kept(
    workspace: WorkspaceUnderTest, titles: Titles, *, opened_before: bool
) -> None:
    """Sessions and plain statements are undone, whenever the session was opened."""
    with workspace.acting_as("qr"):
        if opened_before:
            current_session().add(new_card(workspace, "before"))
        with pytest.raises(Undo), savepoint():
            current_session().add(new_card(workspace, "inside"))
            current_session().flush()
            current_connection().execute(text("UPDATE qr.card SET title = 'changed'"))
            raise Undo
        current_session().add(new_card(workspace, "after"))
    assert titles() == ({"before", "after"} if opened_before else {"after"})


def test_plain_statements_are_undone_beside_an_idle_session(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """A session that is not used inside the savepoint does not keep it from being one."""
    with workspace.acting_as("qr"):
        current_session().add(new_card(workspace, "before"))
        current_session().flush()
        with pytest.raises(Undo), savepoint():
            current_connection().execute(text("UPDATE qr.card SET title = 'changed'"))
            raise Undo
    assert titles() == {"before"}


def test_what_stands_in_a_released_savepoint_is_kept(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """Nested savepoints that end well change nothing."""
    with workspace.acting_as("qr"):
        with savepoint():
            current_session().add(new_card(workspace, "one"))
            with savepoint():
                current_session().add(new_card(workspace, "two"))
        current_session().add(new_card(workspace, "three"))
    assert titles() == {"one", "two", "three"}


def test_an_outer_savepoint_undoes_a_released_inner_one(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """What came in through the inner savepoint leaves the session with the outer one."""
    with workspace.acting_as("qr"):
        card = new_card(workspace, "inner")
        with pytest.raises(Undo), savepoint():
            with savepoint():
                current_session().add(card)
            raise Undo
        assert card not in current_session()
        current_session().add(new_card(workspace, "kept"))
    assert titles() == {"kept"}


@pytest.mark.parametrize("opened_before", [True, False])
def test_a_flush_that_fails_inside_leaves_the_outer_transaction_well(
    workspace: WorkspaceUnderTest, titles: Titles, *, opened_before: bool
) -> None:
    """A refused row undoes its savepoint alone, also with sessions of two plugins."""
    with workspace.acting_as("qr") as scope:
        current_session().add(new_card(workspace, "before"))
        with scope.work.entered("crm_contacts"):
            if opened_before:
                current_session().execute(text("SELECT 1"))
        with pytest.raises(IntegrityError), savepoint():
            current_session().add(new_card(workspace, "inside"))
            with scope.work.entered("crm_contacts"):
                current_session().add(Fingerprint(workspace.id, workspace.id))
        with scope.work.entered("crm_contacts"):
            assert current_session().execute(text("SELECT 1")).scalar() == 1
        current_session().add(new_card(workspace, "after"))
    assert titles() == {"before", "after"}


def test_a_flush_that_fails_at_the_end_of_a_savepoint_undoes_all_sessions(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """What other sessions wrote out before the failure is undone with it."""
    with workspace.acting_as("crm_contacts") as scope:
        current_session().execute(text("SELECT 1"))
        with pytest.raises(IntegrityError), savepoint():
            with scope.work.entered("qr"):
                current_session().add(new_card(workspace, "inside"))
            current_session().add(Fingerprint(workspace.id, workspace.id))
        with scope.work.entered("qr"):
            current_session().add(new_card(workspace, "after"))
    assert titles() == {"after"}


def test_a_failure_that_is_caught_inside_undoes_the_savepoint_all_the_same(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """The savepoint cannot be kept, nothing more runs in it, the outer transaction goes on."""
    with workspace.acting_as("qr"):
        with pytest.raises(TransactionUndone), savepoint():
            current_session().add(new_card(workspace, "inside"))
            current_session().add(orphan_code(workspace))
            with pytest.raises(IntegrityError):
                current_session().flush()
            current_session().rollback()
            with pytest.raises(TransactionUndone):
                current_connection().execute(text("UPDATE qr.card SET title = 'late'"))
        with pytest.raises(TransactionUndone), savepoint(), pytest.raises(DBAPIError):
            current_connection().execute(text("SELECT 1/0"))
        current_session().add(new_card(workspace, "after"))
    assert titles() == {"after"}


def test_objects_from_before_are_read_anew_and_still_written(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """After an undone savepoint an object shows what is stored, and changes to it are kept."""
    with workspace.acting_as("qr"):
        session = current_session()
        changed, deleted = new_card(workspace, "first"), new_card(workspace, "second")
        session.add_all([changed, deleted])
        with pytest.raises(Undo), savepoint():
            changed.title = "inside"
            session.delete(deleted)
            session.flush()
            raise Undo
        assert (changed.title, deleted.title) == ("first", "second")
        changed.title, deleted.title = "third", "fourth"
    assert titles() == {"third", "fourth"}


def test_an_object_from_inside_can_be_added_again(
    workspace: WorkspaceUnderTest, titles: Titles
) -> None:
    """What an undone savepoint held is detached; a copy of it may be stored later."""
    with workspace.acting_as("qr"):
        card = new_card(workspace, "again")
        with pytest.raises(Undo), savepoint():
            current_session().add(card)
            current_session().flush()
            raise Undo
        assert current_session().get(Card, (workspace.id, card.id)) is None
        current_session().add(Card(workspace.id, card.id, card.title))
    assert titles() == {"again"}


@pytest.mark.parametrize("undone", [True, False])
def test_role_and_workspace_are_right_after_a_savepoint(
    workspace: WorkspaceUnderTest, *, undone: bool
) -> None:
    """However a savepoint ends, the server has the role of the code that runs next."""
    with workspace.acting_as("qr") as scope:
        try:
            with savepoint(), scope.work.entered("crm_contacts"):
                assert role_of(scope) == "meishi_test_crm_contacts_run"
                if undone:
                    raise Undo
        except Undo:
            assert undone
        assert role_of(scope) == "meishi_test_qr_run"
        with scope.work.entered("crm_contacts"):
            with pytest.raises(Undo), savepoint():
                with scope.work.entered("qr"):
                    role_of(scope)
                    scope.work.bind_workspace(None)
                    assert workspace_of(scope) == ""
                raise Undo
            scope.work.bind_workspace(workspace.id)
            assert role_of(scope) == "meishi_test_crm_contacts_run"
            assert workspace_of(scope) == str(workspace.id)


def test_a_savepoint_costs_two_round_trips(workspace: WorkspaceUnderTest, wire: WireLog) -> None:
    """Whatever the number of sessions, one savepoint is set and released."""
    with workspace.acting_as("qr") as scope:
        current_session().execute(text("SELECT 1"))
        with scope.work.entered("crm_contacts"):
            current_session().execute(text("SELECT 1"))
        role_of(scope)
        wire.lines()
        with savepoint():
            role_of(scope)
        assert sum("ReadyForQuery" in line for line in wire.lines()) == 3


def test_what_is_done_aside_survives(workspace: WorkspaceUnderTest, titles: Titles) -> None:
    """A block aside commits by itself, as the same plugin in the same workspace."""
    with pytest.raises(Undo), workspace.acting_as("qr") as scope:
        current_session().add(new_card(workspace, "lost"))
        with aside():
            assert current_scope().work is not scope.work
            assert role_of(current_scope()) == "meishi_test_qr_run"
            current_session().add(new_card(workspace, "aside"))
        assert current_scope() is scope
        raise Undo
    assert titles() == {"aside"}
