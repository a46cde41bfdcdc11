"""What a plugin's statements may neither end, nor leave behind, nor change for others."""

# ruff: noqa: PT012 (a unit of work that must fail is a block)

from __future__ import annotations

import traceback
from collections.abc import Callable

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import IntegrityError

from meishi.database.engine import driver_of, driver_url
from meishi.database.identity import CommitMisplaced, SavepointMisplaced, TransactionUndone
from meishi.database.location import Location
from meishi.errors import DatabaseUnavailable
from meishi.host import Host
from meishi.sdk.database import current_connection, current_session, savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Administrator, WireLog, new_card, role_of, workspace_of

LEAVINGS = [
    "CREATE TEMP TABLE leaving AS SELECT 'secret' AS value",
    "SET statement_timeout = 0",
    "SET default_transaction_read_only = on",
    "SET search_path = pg_temp",
    "SET ROLE meishi_test_qr_run",
    "LISTEN leaving",
    "DECLARE leaving CURSOR WITH HOLD FOR SELECT 'secret'",
    "SELECT pg_advisory_lock(1)",
]

LEFT = """
    SELECT to_regclass('pg_temp.leaving') IS NOT NULL, current_setting('statement_timeout'),
        current_setting('default_transaction_read_only'), current_setting('search_path'),
        current_user::text, (SELECT count(*) FROM pg_listening_channels()),
        (SELECT count(*) FROM pg_cursors),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()),
        pg_backend_pid()
"""


@pytest.mark.parametrize("fails", [False, True])
def test_nothing_of_a_session_reaches_the_next_workspace(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest, fails: bool
) -> None:
    """Temporary tables, settings, locks, cursors and channels end with the unit of work."""
    workspace.host.engine.dispose()
    with workspace.host.scope() as scope:
        before = scope.work.connection().execute(text(LEFT)).one()
    try:
        with workspace.acting_as("qr"):
            for statement in LEAVINGS:
                current_connection().execute(text(statement))
            if fails:
                # A session-level lock or setting outlives what is undone, unlike a table.
                raise KeyError
    except KeyError:
        assert fails
    with other_workspace.host.scope() as scope:
        assert scope.work.connection().execute(text(LEFT)).one() == before


def test_statements_stay_prepared_over_units_of_work(
    workspace: WorkspaceUnderTest, wire: WireLog
) -> None:
    """Cleaning a connection costs no prepared statement: the server still knows them."""
    for _ in range(8):
        with workspace.acting_as("qr"):
            current_connection().execute(text("SELECT :a + 1"), {"a": 1})
    wire.lines()
    with workspace.acting_as("qr"):
        current_connection().execute(text("SELECT :a + 1"), {"a": 1})
    sent = wire.lines()
    assert not any("\tParse\t" in line for line in sent)
    assert any("\tBind\t" in line for line in sent)


def test_the_next_plugin_runs_in_the_unit_of_works_workspace(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """A plugin that sets role and workspace by itself changes nobody else's."""
    steal = text("SELECT set_config('meishi.workspace', :id, true)")
    with workspace.acting_as("qr") as scope:
        current_connection().execute(text("SET LOCAL ROLE meishi_test_identity_run"))
        current_connection().execute(steal, {"id": str(other_workspace.id)})
        with scope.work.entered("crm_contacts"):
            assert workspace_of(scope) == str(workspace.id)
            assert role_of(scope) == "meishi_test_crm_contacts_run"


@pytest.mark.parametrize(
    "begin",
    [
        lambda: current_session().begin_nested(),
        lambda: current_session().begin(nested=True).session.execute(text("SELECT 1")),
        lambda: current_connection().begin_nested(),
    ],
    ids=["session", "session begins", "connection"],
)
def test_a_savepoint_past_the_unit_of_work_is_refused(
    workspace: WorkspaceUnderTest, begin: Callable[[], object], titles: Callable[[], set[str]]
) -> None:
    """Undone by itself it would leave its events behind; the message says what to use."""
    with (
        pytest.raises(SavepointMisplaced, match=r"meishi\.sdk\.database\.savepoint"),
        workspace.acting_as("qr"),
    ):
        current_session().add(new_card(workspace))
        begin()
    assert titles() == set()


@pytest.mark.parametrize(
    "statement",
    [
        "COMMIT",
        "rollback",
        "BEGIN",
        "END",
        "ABORT",
        "START TRANSACTION",
        "SAVEPOINT mine",
        "RELEASE mine",
        "ROLLBACK TO SAVEPOINT mine",
        "PREPARE TRANSACTION 'mine'",
        "PREPARE mine AS SELECT 1",
        "DEALLOCATE ALL",
        "SELECT 1; ROLLBACK; BEGIN",
        "SELECT 1 ;\n-- and now\nCOMMIT",
        " -- a remark\n/* and\nanother */ ; commit and chain",
    ],
)
def test_a_statement_that_ends_the_transaction_is_refused(
    workspace: WorkspaceUnderTest, statement: str, titles: Callable[[], set[str]]
) -> None:
    """Whichever way it is sent, it does not reach the server."""
    for how in ("execute", "exec_driver_sql"):
        with pytest.raises(CommitMisplaced), workspace.acting_as("qr"):
            current_session().add(new_card(workspace))
            current_session().flush()
            sent = text(statement) if how == "execute" else statement
            getattr(current_connection(), how)(sent)
    assert titles() == set()


def test_a_word_that_only_begins_like_one_is_no_control(workspace: WorkspaceUnderTest) -> None:
    """The host's own savepoints, and blocks of code, go on working."""
    with workspace.acting_as("qr"):
        with savepoint():
            current_connection().execute(text("DO $$ BEGIN PERFORM 1; END $$"))
        current_connection().execute(text("SELECT 1 AS commits; SELECT 2 AS prepared"))


def test_a_transaction_that_was_ended_underhand_is_reported(
    workspace: WorkspaceUnderTest, titles: Callable[[], set[str]]
) -> None:
    """No event is logged, and no success told, for what the server no longer holds."""
    ended = pytest.raises(TransactionUndone, match="ended the transaction")
    with ended, workspace.acting_as("qr"):
        current_session().add(new_card(workspace))
        current_session().flush()
        driver_of(current_connection()).execute("ROLLBACK")
    assert titles() == set()


def test_a_failing_commit_says_what_failed(
    workspace: WorkspaceUnderTest, admin: Administrator, titles: Callable[[], set[str]]
) -> None:
    """What the server checks at the end comes as the same error as what it checks at once."""
    admin.execute("ALTER TABLE qr.card ADD UNIQUE (title) DEFERRABLE INITIALLY DEFERRED")
    with pytest.raises(IntegrityError), workspace.acting_as("qr"):
        current_session().add_all([new_card(workspace), new_card(workspace)])
    assert titles() == set()
    with workspace.acting_as("qr"):
        current_session().add(new_card(workspace, "after"))
    assert titles() == {"after"}


def test_an_error_shows_no_values(workspace: WorkspaceUnderTest) -> None:
    """What a statement was given, and the row that failed, do not get into logs."""
    insert = text('INSERT INTO identity."user" (id, email) VALUES (:id, :email)')
    values = {"id": workspace.host.new_id(), "email": "private.person@one.example"}
    expected = pytest.raises(IntegrityError, match="violates not-null")
    with expected as caught, workspace.acting_as("identity"):
        current_connection().execute(insert, values)
    assert "private.person" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("right", ["CREATEROLE", "IN ROLE meishi_test_qr_owner", "BYPASSRLS"])
def test_a_login_that_could_pass_row_security_is_refused_at_boot(
    host: Host, database: Location, admin: Administrator, right: str
) -> None:
    """One login for both URLs, or one that may become an owner, does not serve."""
    url = make_url(driver_url(database.runtime_url)).set(username="mighty", password="x")
    admin.execute(f"CREATE ROLE mighty LOGIN PASSWORD 'x' {right}")
    try:
        host.use_database(url.render_as_string(hide_password=False))
        with pytest.raises(DatabaseUnavailable, match="The login mighty of MEISHI_DATABASE_URL"):
            host.check_migrations()
        host.close()
    finally:
        admin.execute("DROP ROLE mighty")
