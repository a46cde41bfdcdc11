"""Which role and workspace the server has while code of a plugin runs."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from meishi.context import NoScope, current_scope
from meishi.database.identity import CommitMisplaced, TransactionUndone
from meishi.database.plugin_session import SessionMisplaced
from meishi.database.unit_of_work import NoPlugin
from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Card, WireLog, new_card, orphan_code, role_of, workspace_of

CLEAN = (
    "RESET ROLE; CLOSE ALL; UNLISTEN *; DISCARD TEMP; RESET ALL; SELECT pg_advisory_unlock_all()"
)

TERMINATE = """
    SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_the_role_follows_the_plugin_whose_code_runs(workspace: WorkspaceUnderTest) -> None:
    """Entering another plugin switches the role, leaving it switches back."""
    with workspace.acting_as("crm_contacts") as scope:
        before = role_of(scope)
        with scope.work.entered("qr"):
            inside = role_of(scope)
        after = role_of(scope)
    assert (before, inside, after) == (
        "meishi_test_crm_contacts_run",
        "meishi_test_qr_run",
        "meishi_test_crm_contacts_run",
    )


def test_code_outside_of_any_plugin_has_no_rights(workspace: WorkspaceUnderTest) -> None:
    """Without a plugin the bare login runs, which may read no table; there is no session."""
    with workspace.host.scope(workspace=workspace.id) as scope:
        assert role_of(scope) == "meishi_test_app"
        with pytest.raises(NoPlugin):
            scope.work.session()
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        workspace.host.scope(workspace=workspace.id) as scope,
    ):
        scope.work.connection().execute(text("SELECT * FROM qr.card"))


def test_each_plugin_has_a_session_of_its_own(workspace: WorkspaceUnderTest) -> None:
    """Sessions of two plugins share the transaction, and each works in its turn."""
    with workspace.acting_as("qr") as scope:
        mine = scope.work.session()
        mine.execute(text("SELECT 1"))
        with scope.work.entered("crm_contacts"):
            theirs = scope.work.session()
            assert theirs.execute(text("SELECT current_user")).scalar() == (
                "meishi_test_crm_contacts_run"
            )
        assert mine.execute(text("SELECT current_user")).scalar() == "meishi_test_qr_run"
        assert scope.work.session() is mine is not theirs


def test_a_misplaced_session_is_refused(workspace: WorkspaceUnderTest) -> None:
    """A plugin's session neither reads nor writes while another plugin's code runs."""
    with workspace.acting_as("qr") as scope:
        session = scope.work.session()
        session.add(new_card(workspace))
        with scope.work.entered("crm_contacts"):
            with pytest.raises(SessionMisplaced, match=r"of qr .* of crm_contacts"):
                session.execute(text("SELECT 1"))
            with pytest.raises(SessionMisplaced):
                session.flush()
            with pytest.raises(SessionMisplaced):
                session.get(Card, (workspace.id, workspace.id))
        session.expunge_all()


def test_leaving_a_plugin_writes_what_its_session_holds(workspace: WorkspaceUnderTest) -> None:
    """Objects of a plugin are in the database before the caller's code goes on."""
    with workspace.acting_as("crm_contacts") as scope:
        with scope.work.entered("qr"):
            scope.work.session().add(new_card(workspace))
        with scope.work.entered("qr"):
            count = scope.work.connection().execute(text("SELECT count(*) FROM qr.card"))
            assert count.scalar_one() == 1


def test_nothing_is_left_on_a_pooled_connection(workspace: WorkspaceUnderTest) -> None:
    """The next user of a connection has no role and no workspace, whatever happened before."""
    with workspace.acting_as("qr") as scope:
        pid = scope.work.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
    for statement in ("SELECT 1/0", "SET LOCAL statement_timeout = 1; SELECT pg_sleep(1)"):
        with pytest.raises(DBAPIError), workspace.acting_as("qr") as scope:
            scope.work.connection().exec_driver_sql(statement)
    with pytest.raises(KeyError), workspace.acting_as("qr") as scope:
        assert role_of(scope) == "meishi_test_qr_run"
        raise KeyError
    with workspace.host.scope() as scope:
        found = scope.work.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
        assert (found, role_of(scope), workspace_of(scope)) == (pid, "meishi_test_app", "")


def test_connections_that_died_in_the_pool_are_replaced(
    workspace: WorkspaceUnderTest, admin: psycopg.Connection[Any]
) -> None:
    """After the server ended every idle connection, the next unit of work just works."""
    with workspace.acting_as("qr") as outer:
        role_of(outer)
        with workspace.acting_as("qr") as inner:
            role_of(inner)
    killed = admin.execute(TERMINATE).fetchone()
    assert killed is not None
    assert killed[0] >= 2
    with workspace.acting_as("qr") as scope:
        assert role_of(scope) == "meishi_test_qr_run"


def test_a_connection_killed_in_use_fails_that_unit_of_work_only(
    workspace: WorkspaceUnderTest, admin: psycopg.Connection[Any]
) -> None:
    """The error says that the connection is gone; the next unit of work is well."""
    with pytest.raises(DBAPIError) as caught, workspace.acting_as("qr") as scope:
        scope.work.session().add(new_card(workspace))
        scope.work.session().flush()
        admin.execute(TERMINATE)
        role_of(scope)
    assert caught.value.connection_invalidated
    with workspace.acting_as("qr") as scope:
        assert role_of(scope) == "meishi_test_qr_run"


def test_a_swallowed_failure_of_a_flush_keeps_nothing(
    workspace: WorkspaceUnderTest, titles: Any
) -> None:
    """A plugin that catches a failed flush cannot commit what it does afterwards."""
    with pytest.raises(TransactionUndone), workspace.acting_as("qr") as scope:
        session = scope.work.session()
        session.add(new_card(workspace, "before"))
        session.flush()
        session.add(orphan_code(workspace))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()
        session.add(new_card(workspace, "after"))
    assert titles() == set()


def test_a_swallowed_failure_of_a_statement_is_reported(workspace: WorkspaceUnderTest) -> None:
    """A commit that the server would turn into a rollback raises instead of losing silently."""
    with (
        pytest.raises(TransactionUndone),
        workspace.acting_as("qr") as scope,
        pytest.raises(DBAPIError),
    ):
        scope.work.connection().execute(text("SELECT 1/0"))


def test_a_rollback_by_a_plugin_undoes_the_whole_unit_of_work(
    workspace: WorkspaceUnderTest, titles: Any
) -> None:
    """What follows the rollback is not kept alone."""
    with pytest.raises(TransactionUndone), workspace.acting_as("qr") as scope:
        scope.work.session().add(new_card(workspace))
        scope.work.session().flush()
        scope.work.session().rollback()
        scope.work.session().add(new_card(workspace))
    assert titles() == set()


def test_only_the_host_commits(workspace: WorkspaceUnderTest, titles: Any) -> None:
    """A plugin that commits is refused, and nothing is kept."""
    with pytest.raises(CommitMisplaced), workspace.acting_as("qr") as scope:
        scope.work.session().add(new_card(workspace))
        scope.work.session().commit()
        scope.work.connection().commit()
    assert titles() == set()


def test_a_thread_has_no_scope_of_its_starter(workspace: WorkspaceUnderTest) -> None:
    """Units of work do not reach other threads; each thread opens its own."""
    seen: list[object] = []

    def run() -> None:
        try:
            current_scope()
        except NoScope as error:
            seen.append(type(error))
        with workspace.acting_as("crm_contacts") as scope:
            seen.append(role_of(scope))

    with workspace.acting_as("qr") as scope:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        assert role_of(scope) == "meishi_test_qr_run"
    assert seen == [NoScope, "meishi_test_crm_contacts_run"]


def test_the_workspace_can_become_known_inside(workspace: WorkspaceUnderTest, host: Host) -> None:
    """Once a unit of work is bound to a workspace, the server follows."""
    with host.scope(plugin="qr") as scope:
        assert workspace_of(scope) == ""
        scope.work.bind_workspace(workspace.id)
        assert workspace_of(scope) == str(workspace.id)


def test_what_is_sent_for_reading_and_one_crossing(
    workspace: WorkspaceUnderTest, wire: WireLog
) -> None:
    """BEGIN carries role and workspace; a crossing costs one message, cleaning the last one.

    The cleaning is not waited for: nothing comes back before the connection is used again.
    """
    for _ in range(2):
        wire.lines()
        with workspace.acting_as("qr") as scope:
            scope.work.session().execute(text("SELECT 1"))
            with scope.work.entered("crm_contacts"):
                scope.work.session().execute(text("SELECT 2"))
    sent = wire.lines()
    queries = [line.split("Query", 1)[1].split('"', 1)[1] for line in sent if "\tQuery\t" in line]
    in_workspace = f"SET LOCAL meishi.workspace = '{workspace.id}'"
    everything = "SET LOCAL meishi.reader = 'all'"
    assert queries == [
        f'BEGIN; SET LOCAL ROLE "meishi_test_qr_run"; {in_workspace}"',
        'SELECT 1"',
        f'SET LOCAL ROLE "meishi_test_crm_contacts_run"; {in_workspace}; {everything}"',
        'SELECT 2"',
        'COMMIT"',
        f'{CLEAN}"',
    ]
    assert CLEAN in sent[-1]
