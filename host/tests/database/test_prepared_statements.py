"""Statements of the short way: one trip each, the frequent ones prepared, whatever else happens."""

# ruff: noqa: PT012 (a savepoint that must fail is a block)

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, ProgrammingError

from meishi.database.statements import MOST_PREPARED, PREPARED_FROM
from meishi.sdk.database import current_connection, execute, savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import WireLog

WHO = "SELECT current_user::text, current_setting('meishi.workspace')"
KEPT = "SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'meishi%%'"


def kept() -> int:
    """Return how many statements of the short way the server keeps on this connection."""
    return int(current_connection().execute(text(KEPT.replace("%%", "%"))).scalar_one())


def test_a_crossing_takes_no_trip_of_its_own(workspace: WorkspaceUnderTest, wire: WireLog) -> None:
    """Role and workspace go out with the statement that needs them, there and back."""
    for _ in range(PREPARED_FROM + 1):
        wire.lines()
        with workspace.acting_as("qr") as scope:
            assert execute(WHO) == [("meishi_test_qr_run", str(workspace.id))]
            with scope.work.entered("crm_contacts"):
                assert execute(WHO) == [("meishi_test_crm_contacts_run", str(workspace.id))]
            assert execute(WHO) == [("meishi_test_qr_run", str(workspace.id))]
    # The first is what came back from the cleaning before; then BEGIN, three times WHO, COMMIT.
    assert sum("ReadyForQuery" in line for line in wire.lines()) == 1 + 5


def test_a_statement_that_comes_again_is_kept_by_the_server(workspace: WorkspaceUnderTest) -> None:
    """Over units of work it is read and planned once; one that is rare is not kept."""
    for number in range(PREPARED_FROM + 2):
        with workspace.acting_as("qr"):
            before = kept()
            execute("SELECT %(value)s::integer", {"value": number})
            assert kept() - before == (number == PREPARED_FROM - 1)


def test_what_the_driver_drops_is_prepared_anew(workspace: WorkspaceUnderTest) -> None:
    """After a rollback the driver drops all that is prepared, ours included."""
    with workspace.acting_as("qr"):
        for _ in range(2 * PREPARED_FROM):
            current_connection().execute(text("SELECT 1"))
            execute(WHO)
        assert kept()
        with pytest.raises(LookupError), savepoint():
            execute(WHO)
            raise LookupError
        for _ in range(2 * PREPARED_FROM):
            assert execute(WHO) == [("meishi_test_qr_run", str(workspace.id))]


def test_a_statement_that_fails_leaves_the_change_of_role_to_the_next_one(
    workspace: WorkspaceUnderTest,
) -> None:
    """Both went out together; after the savepoint neither holds, and the next says both again."""
    with workspace.acting_as("qr") as scope:
        execute(WHO)
        for _ in range(2 * PREPARED_FROM):
            with (
                pytest.raises(DataError),
                savepoint(),
                scope.work.entered("crm_contacts"),
            ):
                execute("SELECT 1 / %(nought)s", {"nought": 0})
            assert execute(WHO) == [("meishi_test_qr_run", str(workspace.id))]


def test_however_many_statements_there_are_the_server_keeps_some(
    workspace: WorkspaceUnderTest,
) -> None:
    """Those that were not used for the longest time make room, and run all the same."""
    with workspace.acting_as("qr"):
        for number in range(MOST_PREPARED + 5):
            for _ in range(PREPARED_FROM):
                assert execute(f"SELECT {number}") == [(number,)]
        assert kept() <= MOST_PREPARED + 1
        assert execute("SELECT 0") == [(0,)]


@pytest.mark.parametrize(
    ("statement", "values", "row"),
    [
        ("SELECT %(a)s::text || %(a)s::text", {"a": "x", "b": 1}, ("xx",)),
        ("SELECT '100 %%', %(a)s::integer", {"a": None}, ("100 %", None)),
        ("SELECT '100 %', '%(a)s'", None, ("100 %", "%(a)s")),
        ("SELECT %(a)s::integer[]", {"a": [1, 2]}, ([1, 2],)),
        ("SELECT %(a)s::text", {"a": "é\\' %s"}, ("é\\' %s",)),
    ],
)
def test_values_arrive_as_they_are(
    workspace: WorkspaceUnderTest, statement: str, values: dict[str, Any] | None, row: tuple[Any]
) -> None:
    """By name, as often as they are named; without values nothing of the text is read."""
    with workspace.acting_as("qr"):
        for _ in range(PREPARED_FROM + 1):
            assert execute(statement, values) == [row]


@pytest.mark.parametrize("statement", ["SELECT %s", "SELECT %(other)s", "SELECT 5 % 2"])
def test_a_value_that_is_not_named_or_not_there_is_refused(
    workspace: WorkspaceUnderTest, statement: str
) -> None:
    """Nothing is sent, so the unit of work goes on."""
    with workspace.acting_as("qr"):
        with pytest.raises(ProgrammingError):
            execute(statement, {"value": 1})
        assert execute("SELECT 1") == [(1,)]


@pytest.mark.parametrize("values", [{"value": 1}, {"other": object()}])
def test_a_statement_that_was_not_sent_has_changed_no_role(
    workspace: WorkspaceUnderTest, values: dict[str, Any]
) -> None:
    """Who catches that goes on under the rights of the plugin whose code runs, not the former's."""
    with workspace.acting_as("qr") as scope:
        execute(WHO)
        with scope.work.entered("crm_contacts"):
            with pytest.raises(ProgrammingError):
                execute("SELECT %(other)s", values)
            assert execute(WHO) == [("meishi_test_crm_contacts_run", str(workspace.id))]
