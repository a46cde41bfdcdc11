"""Migrations: whole or not at all, one at a time, and equal to the models."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table

from meishi.database.location import Location
from meishi.database.migrations import MigratedPlugin, MigrationFailed, MigrationRunner
from meishi.database.revisions import RevisionError, pending_after, read_revisions
from meishi.database.roles import RoleNames
from meishi.errors import DatabaseUnavailable
from meishi.testing.databases import TestDatabases

REVISION = """
from alembic import op

revision = "{name}"
down_revision = {parent!r}


def upgrade() -> None:
    for statement in {statements!r}:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE throwaway.thing")
"""


@pytest.fixture
def empty(meishi_databases: TestDatabases) -> Iterator[Location]:
    """A database in which nothing was ever migrated."""
    with meishi_databases.empty() as location:
        yield location


@pytest.fixture
def runner(empty: Location) -> Iterator[MigrationRunner]:
    """A migration runner."""
    found = new_runner(empty)
    yield found
    found.close()


def new_runner(location: Location) -> MigrationRunner:
    """Return a runner for a database."""
    return MigrationRunner(location.administrator_url(), location.runtime_url, RoleNames("test"))


def write(folder: Path, name: str, parent: str | None, *statements: str) -> None:
    """Write a revision that runs some statements."""
    content = REVISION.format(name=name, parent=parent, statements=statements)
    folder.joinpath(f"{name}.py").write_text(content)


def throwaway(folder: Path) -> MigratedPlugin:
    """Return a plugin whose revisions are in a folder; its model has one column."""
    metadata = MetaData(schema="throwaway")
    Table("thing", metadata, Column("id", Integer, nullable=False, primary_key=True))
    return MigratedPlugin(name="throwaway", versions=folder, metadata=metadata)


GOOD = "CREATE TABLE throwaway.thing (id integer PRIMARY KEY)"


def tables(location: Location) -> set[str]:
    """Return the tables of the throw-away plugin."""
    query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = (SELECT oid FROM "
    with psycopg.connect(location.administrator_url()) as connection:
        found = connection.execute(query + "pg_namespace WHERE nspname = 'throwaway')")
        return {row[0] for row in found}


def test_a_failing_revision_is_undone_whole_and_named(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """The message names plugin, revision and statement, and nothing of it is left."""
    write(tmp_path, "throwaway_0001", None, GOOD, "CREATE TABLE throwaway.other (id nonsense)")
    with pytest.raises(MigrationFailed) as caught:
        runner.upgrade(throwaway(tmp_path))
    for part in ("throwaway_0001", "nonsense", "CREATE TABLE throwaway.other"):
        assert part in caught.value.message
    assert tables(empty) == set()


def test_revisions_applied_before_a_failing_one_are_undone_too(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """One upgrade is one transaction."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    write(tmp_path, "throwaway_0002", "throwaway_0001", "SELECT 1/0")
    with pytest.raises(MigrationFailed, match=r"throwaway_0002 .*SELECT 1/0"):
        runner.upgrade(throwaway(tmp_path))
    assert tables(empty) == set()


def test_a_revision_that_cannot_get_a_lock_is_no_lost_connection(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """What the server refuses for a moment is reported as the revision's failure."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    runner.upgrade(throwaway(tmp_path))
    lock = "LOCK TABLE throwaway.thing IN ACCESS EXCLUSIVE MODE"
    write(tmp_path, "throwaway_0002", "throwaway_0001", f"{lock} NOWAIT")
    with psycopg.connect(empty.administrator_url()) as connection:
        connection.execute(lock)
        with pytest.raises(MigrationFailed, match="throwaway_0002"):
            runner.upgrade(throwaway(tmp_path))


def test_a_server_that_does_not_answer_is_named_as_such(tmp_path: Path) -> None:
    """Without a server the operator reads which setting to check."""
    nowhere = f"postgresql://nobody@localhost/nothing?host={tmp_path}"
    runner = MigrationRunner(nowhere, nowhere, RoleNames("test"))
    with pytest.raises(DatabaseUnavailable):
        runner.upgrade(throwaway(tmp_path))


def test_two_upgrades_at_once_apply_everything_once(empty: Location, tmp_path: Path) -> None:
    """The second waits for the first and finds nothing to do."""
    write(tmp_path, "throwaway_0001", None, GOOD)

    def upgrade(_number: int) -> list[str]:
        runner = new_runner(empty)
        try:
            return runner.upgrade(throwaway(tmp_path))
        finally:
            runner.close()

    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(upgrade, range(3)))
    assert sorted(done) == [[], [], ["throwaway_0001"]]
    assert tables(empty) == {"thing", "alembic_version"}


def test_revisions_that_fork_are_refused(runner: MigrationRunner, tmp_path: Path) -> None:
    """Two revisions after the same one have no order: neither is run."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    write(tmp_path, "throwaway_0002", "throwaway_0001", "SELECT 1")
    write(tmp_path, "throwaway_0003", "throwaway_0001", "SELECT 1")
    with pytest.raises(RevisionError, match=r"throwaway_0003\.py and throwaway_0002\.py"):
        read_revisions(tmp_path)
    with pytest.raises(MigrationFailed, match=r"throwaway: Multiple head"):
        runner.upgrade(throwaway(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "names no revision"),
        ("revision = 'b'\ndown_revision = ('a', 'c')", "more than one before it"),
        ("revision = 'b'\ndown_revision = 'gone'", "do not form one line"),
    ],
)
def test_revisions_that_form_no_line_are_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    """A file without a place in the line is named before anything runs."""
    write(tmp_path, "a", None)
    tmp_path.joinpath("b.py").write_text(content)
    with pytest.raises(RevisionError, match=message):
        read_revisions(tmp_path)


def test_what_is_pending_follows_what_is_applied(tmp_path: Path) -> None:
    """Pending are the revisions behind the applied one; an unknown one is an error."""
    write(tmp_path, "a", None)
    write(tmp_path, "b", "a")
    line = read_revisions(tmp_path)
    assert [pending_after(line, at) for at in (None, "a", "b")] == [["a", "b"], ["b"], []]
    with pytest.raises(RevisionError, match="'c'"):
        pending_after(line, "c")


def test_a_table_that_differs_from_its_model_is_reported(
    runner: MigrationRunner, tmp_path: Path
) -> None:
    """The comparison names the difference."""
    write(tmp_path, "throwaway_0001", None, "CREATE TABLE throwaway.thing (id bigint PRIMARY KEY)")
    runner.upgrade(throwaway(tmp_path))
    (difference,) = runner.differences(throwaway(tmp_path))
    assert "BIGINT" in difference
