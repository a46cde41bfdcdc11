"""Statements that take the short way to the driver keep to every rule of the long one."""

# ruff: noqa: PT012 (a unit of work that must fail is a block)

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from meishi.database.identity import CommitMisplaced, TransactionUndone
from meishi.database.location import Location
from meishi.sdk.context import beside
from meishi.sdk.database import current_connection, current_session, execute, savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

WHO = "SELECT current_user::text, current_setting('meishi.workspace')"
ADD = """
    INSERT INTO qr.card_probe (workspace_id, id, note) VALUES (%(workspace)s, %(id)s, %(note)s)
"""


@pytest.fixture(autouse=True)
def probe(database: Location) -> None:
    """A table of the QR generator, under row security, for these tests alone."""
    assert database.admin_url is not None
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("""
            CREATE TABLE qr.card_probe (
                workspace_id uuid NOT NULL, id uuid NOT NULL PRIMARY KEY, note text NOT NULL
            );
            ALTER TABLE qr.card_probe ENABLE ROW LEVEL SECURITY;
            CREATE POLICY workspace ON qr.card_probe USING (
                workspace_id = nullif(current_setting('meishi.workspace', true), '')::uuid
            );
            GRANT SELECT, INSERT ON qr.card_probe TO meishi_test_qr_run;
        """)


def notes(workspace: WorkspaceUnderTest) -> list[str]:
    """Return what is committed in a workspace."""
    with workspace.acting_as("qr"):
        return sorted(row[0] for row in execute("SELECT note FROM qr.card_probe"))


def add(workspace: WorkspaceUnderTest, note: str) -> None:
    """Insert a row by the short way."""
    execute(ADD, {"workspace": workspace.id, "id": uuid4(), "note": note})


def test_role_and_workspace_are_in_step_on_both_ways(workspace: WorkspaceUnderTest) -> None:
    """Whichever way a statement takes, the plugin's role and the workspace are the server's."""
    with workspace.acting_as("qr") as scope:
        expected = ("meishi_test_qr_run", str(workspace.id))
        assert execute(WHO) == [expected]
        assert current_connection().execute(text(WHO)).one() == expected
        with scope.work.entered("crm_contacts"):
            assert execute(WHO) == [("meishi_test_crm_contacts_run", str(workspace.id))]
        assert execute(WHO) == [expected]
        with pytest.raises(ZeroDivisionError), savepoint():
            execute("SET LOCAL ROLE NONE")
            raise ZeroDivisionError
        assert execute(WHO) == [expected]


def test_both_ways_are_one_transaction(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """What one way writes the other sees, and both are committed or undone together."""
    with workspace.acting_as("qr"):
        add(workspace, "short")
        seen = current_connection().execute(text("SELECT note FROM qr.card_probe")).scalars().all()
        assert seen == ["short"]
    with pytest.raises(ZeroDivisionError), workspace.acting_as("qr"):
        current_connection().execute(text("SELECT 1"))
        add(workspace, "undone")
        raise ZeroDivisionError
    assert notes(workspace) == ["short"]
    assert notes(other_workspace) == []


def test_a_savepoint_undoes_the_short_way_too(workspace: WorkspaceUnderTest) -> None:
    """An error inside a savepoint leaves what was before it, and nothing of itself."""
    with workspace.acting_as("qr"):
        add(workspace, "before")
        with pytest.raises(IntegrityError), savepoint():
            add(workspace, "inside")
            execute(ADD, {"workspace": workspace.id, "id": None, "note": "x"})
        add(workspace, "after")
    assert notes(workspace) == ["after", "before"]


@pytest.mark.parametrize(
    "statement", ["COMMIT", " -- now\nrollback", "BEGIN", "SAVEPOINT s", "SELECT 1; COMMIT; BEGIN"]
)
def test_transactions_are_the_hosts_on_the_short_way(
    workspace: WorkspaceUnderTest, statement: str
) -> None:
    """No statement begins or ends a transaction, and nothing of the unit of work is kept."""
    with pytest.raises(CommitMisplaced), workspace.acting_as("qr"):
        add(workspace, "lost")
        execute(statement)
    assert notes(workspace) == []


def test_an_error_that_somebody_caught_undoes_all(workspace: WorkspaceUnderTest) -> None:
    """A failed statement without a savepoint is not committed around."""
    with pytest.raises(TransactionUndone), workspace.acting_as("qr"):
        add(workspace, "lost")
        with pytest.raises(ProgrammingError):
            execute("SELECT nothing FROM nowhere")
    assert notes(workspace) == []


def test_errors_carry_no_values(workspace: WorkspaceUnderTest) -> None:
    """The row that the server quotes is neither in the message nor behind it."""
    with pytest.raises(IntegrityError) as refused, workspace.acting_as("qr"):
        execute(ADD, {"workspace": workspace.id, "id": None, "note": "a secret"})
    assert "a secret" not in f"{refused.value}{refused.value.orig}"


def test_a_connection_that_died_in_the_pool_is_replaced(
    workspace: WorkspaceUnderTest, database: Location
) -> None:
    """The next unit of work gets a fresh one; one that dies in use fails as what it is."""
    assert database.admin_url is not None
    kill = """
        SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
    """
    with workspace.acting_as("qr"):
        add(workspace, "first")
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        admin.execute(kill)
        assert notes(workspace) == ["first"]
        with pytest.raises(OperationalError), workspace.acting_as("qr"):
            execute("SELECT 1")
            admin.execute(kill)
            execute("SELECT 1")
    assert notes(workspace) == ["first"]


def test_another_thread_works_beside_in_its_own_transaction(workspace: WorkspaceUnderTest) -> None:
    """It has the plugin's role and the workspace, and what it writes stays whatever comes here."""
    with (
        pytest.raises(ZeroDivisionError),
        workspace.acting_as("qr"),
        ThreadPoolExecutor(1) as thread,
    ):
        add(workspace, "here")
        thread.submit(beside(lambda: add(workspace, "there"))).result()
        seen = thread.submit(beside(lambda: execute(WHO))).result()
        assert seen == [("meishi_test_qr_run", str(workspace.id))]
        failed = thread.submit(beside(lambda: execute("SELECT 1 / 0")))
        with pytest.raises(DataError):
            failed.result()
        raise ZeroDivisionError
    assert notes(workspace) == ["there"]


def test_the_first_savepoint_is_the_transaction(workspace: WorkspaceUnderTest) -> None:
    """Before anything was done nothing needs to be kept: undone, the work begins anew."""
    with workspace.acting_as("qr"):
        with pytest.raises(ZeroDivisionError), savepoint():
            add(workspace, "undone")
            current_session().execute(text("SELECT 1"))
            raise ZeroDivisionError
        add(workspace, "kept")
        with savepoint():
            add(workspace, "kept, too")
    with workspace.acting_as("qr"), savepoint():
        add(workspace, "alone")
        assert execute(WHO) == [("meishi_test_qr_run", str(workspace.id))]
    assert notes(workspace) == ["alone", "kept", "kept, too"]


def test_an_error_caught_inside_the_first_savepoint_keeps_nothing(
    workspace: WorkspaceUnderTest,
) -> None:
    """A block that a failed statement has undone cannot be kept."""
    with workspace.acting_as("qr"):
        with pytest.raises(TransactionUndone), savepoint():
            add(workspace, "lost")
            with pytest.raises(ProgrammingError):
                execute("SELECT nothing FROM nowhere")
        add(workspace, "kept")
    assert notes(workspace) == ["kept"]
