"""Migrations: whole or not at all, one at a time, and equal to the models."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, make_url

from meishi.database.engine import driver_url
from meishi.database.location import Location
from meishi.database.migrations import MigratedPlugin, MigrationFailed, MigrationRunner
from meishi.database.revisions import RevisionError, read_revisions
from meishi.database.roles import RoleNames
from meishi.database.shape_lock import SHAPE_LOCK
from meishi.database.standing import DatabaseAhead, Stored, standing
from meishi.errors import DatabaseUnavailable
from meishi.testing.databases import TestDatabases

pytestmark = pytest.mark.no_calls

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
    with pytest.raises(MigrationFailed, match=r"throwaway: throwaway_0003\.py and"):
        runner.upgrade(throwaway(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "names no revision"),
        ("revision = 'b'\ndown_revision = ('a', 'c')", "more than one before it"),
        ("revision = 'b'\ndown_revision = 'gone'", "do not form one line: b.py follows 'gone'"),
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
    found = [standing(line, Stored(at)).pending for at in (None, "a", "b")]
    assert [[item.revision for item in items] for items in found] == [["a", "b"], ["b"], []]
    with pytest.raises(DatabaseAhead, match="'c'"):
        standing(line, Stored("c"))


def test_a_table_that_differs_from_its_model_is_reported(
    runner: MigrationRunner, tmp_path: Path
) -> None:
    """The comparison names the difference."""
    write(tmp_path, "throwaway_0001", None, "CREATE TABLE throwaway.thing (id bigint PRIMARY KEY)")
    runner.upgrade(throwaway(tmp_path))
    (difference,) = runner.differences(throwaway(tmp_path))
    assert "BIGINT" in difference


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise SystemExit(0)", "SystemExit"),
        ("def upgrade():\n    raise SystemExit(0)", "SystemExit"),
        ("def upgrade():\n    op.execute('COMMIT')", "the host begins and commits"),
        ("def upgrade():\n    op.get_bind().connection.commit()", "left the host's transaction"),
        ("def upgrade():\n    op.execute('RESET ROLE')", "left the host's transaction"),
        (
            "def upgrade():\n    with op.get_context().autocommit_block():\n        pass",
            "one transaction: no autocommit_block",
        ),
    ],
)
def test_a_revision_that_leaves_its_place_is_refused(
    runner: MigrationRunner, tmp_path: Path, body: str, message: str
) -> None:
    """Ending the process, the transaction or the owner role is reported as a failure."""
    head = "from alembic import op\nrevision = 'throwaway_0001'\ndown_revision = None\n"
    tmp_path.joinpath("throwaway_0001.py").write_text(head + body + "\n")
    with pytest.raises(MigrationFailed, match=message) as caught:
        runner.upgrade(throwaway(tmp_path))
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("extension", ["dblink", "file_fdw", "plpython3u", "nonsense"])
def test_an_extension_that_reaches_too_far_is_refused_by_name(
    runner: MigrationRunner, empty: Location, tmp_path: Path, extension: str
) -> None:
    """The host creates only what it knows; the hint lists it."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    with pytest.raises(MigrationFailed, match=f"throwaway: .*'{extension}'") as caught:
        runner.upgrade(replace(throwaway(tmp_path), extensions=(extension,)))
    assert "pg_trgm" in caught.value.hint
    assert tables(empty) == set()


def test_an_extension_that_plugins_may_have_is_created(
    runner: MigrationRunner, tmp_path: Path
) -> None:
    """A revision can use it from the host's schema of extensions."""
    write(tmp_path, "throwaway_0001", None, GOOD, "SELECT meishi_extensions.similarity('a', 'b')")
    plugin = replace(throwaway(tmp_path), extensions=("pg_trgm",))
    assert runner.upgrade(plugin) == ["throwaway_0001"]


def test_an_extension_that_the_server_lacks_fails_in_one_line(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """What the server says of it is the message; no traceback."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    with psycopg.connect(empty.administrator_url()) as connection:
        connection.execute("CREATE SCHEMA meishi_extensions")
        connection.execute("CREATE TABLE meishi_extensions.hstore (id integer)")
    with pytest.raises(MigrationFailed, match=r"throwaway: .*hstore.* \[in: CREATE EXTENSION"):
        runner.upgrade(replace(throwaway(tmp_path), extensions=("hstore",)))


def test_a_plugin_that_was_never_upgraded_fails_in_one_line(
    runner: MigrationRunner, tmp_path: Path
) -> None:
    """Without its roles there is nothing to take back."""
    with pytest.raises(MigrationFailed, match='role "meishi_test_unknown_owner" does not exist'):
        runner.downgrade(MigratedPlugin(name="unknown", versions=tmp_path, metadata=None))


def test_a_downgrade_brings_rights_and_policies_back(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """A table that comes back with the older revision is protected again."""
    create = "CREATE TABLE throwaway.thing (workspace_id uuid NOT NULL)"
    write(tmp_path, "throwaway_0001", None, create)
    write(tmp_path, "throwaway_0002", "throwaway_0001", "DROP TABLE throwaway.thing")
    file = tmp_path / "throwaway_0002.py"
    file.write_text(
        file.read_text().replace('execute("DROP TABLE throwaway.thing")', f'execute("{create}")')
    )
    runner.upgrade(throwaway(tmp_path))
    runner.downgrade(throwaway(tmp_path), "throwaway_0001")
    query = (
        "SELECT relrowsecurity, has_table_privilege('meishi_test_throwaway_run', oid, 'INSERT') "
        "FROM pg_class WHERE oid = 'throwaway.thing'::regclass"
    )
    with psycopg.connect(empty.administrator_url()) as connection:
        assert connection.execute(query).fetchone() == (True, True)


def test_an_upgrade_does_not_wait_for_ever(empty: Location, tmp_path: Path) -> None:
    """While another process holds the lock, the operator is told so."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    runner = MigrationRunner(
        empty.administrator_url(), empty.runtime_url, RoleNames("test"), lock_seconds=0.01
    )
    with psycopg.connect(empty.administrator_url()) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(%s)", [SHAPE_LOCK])
        with pytest.raises(DatabaseUnavailable, match=r"Another process .* 0\.01 s"):
            runner.upgrade(throwaway(tmp_path))
    assert runner.upgrade(throwaway(tmp_path)) == ["throwaway_0001"]
    runner.close()


@pytest.mark.parametrize("attributes", ["CREATEROLE", "IN ROLE meishi_test_throwaway_owner"])
def test_a_runtime_login_that_could_pass_row_security_is_refused(
    runner: MigrationRunner, empty: Location, tmp_path: Path, attributes: str
) -> None:
    """One login for both URLs, or one that may become an owner, is not set up."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    runner.upgrade(throwaway(tmp_path))
    url = make_url(driver_url(empty.runtime_url)).set(username="mighty")
    runtime = url.render_as_string(hide_password=False)
    second = MigrationRunner(empty.administrator_url(), runtime, RoleNames("test"))
    with psycopg.connect(empty.administrator_url(), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE mighty LOGIN {attributes}")
        try:
            with pytest.raises(DatabaseUnavailable, match="The login mighty"):
                second.upgrade(throwaway(tmp_path))
        finally:
            second.close()
            connection.execute("DROP ROLE mighty")


def test_the_administrator_inherits_no_rights_of_owners(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """It may become an owner, and has none of its rights before."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    runner.upgrade(throwaway(tmp_path))
    query = """
        SELECT inherit_option, set_option FROM pg_auth_members
        WHERE roleid = 'meishi_test_throwaway_owner'::regrole AND member = current_user::regrole
    """
    with psycopg.connect(empty.administrator_url()) as connection:
        assert connection.execute(query).fetchall() == [(False, True)]


def test_a_failing_statement_shows_no_values(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """What a revision gave to a statement does not get into logs."""
    write(tmp_path, "throwaway_0001", None, GOOD)
    file = tmp_path / "throwaway_0001.py"
    values = "sa.text('SELECT 1 / :a').bindparams(a=0)"
    changed = file.read_text().replace("for statement", f"op.execute({values})\n    for statement")
    file.write_text("import sqlalchemy as sa\n" + changed)
    with pytest.raises(MigrationFailed) as caught:
        runner.upgrade(throwaway(tmp_path))
    assert "SQL parameters hidden" in str(caught.value.__cause__)


def test_an_identifier_may_begin_with_the_longest_name_of_a_plugin(
    runner: MigrationRunner, tmp_path: Path
) -> None:
    """What `meishi db revision` would call it is kept whole, up and down."""
    identifier = f"{29 * 'a'}_0001"
    write(tmp_path, identifier, None, GOOD)
    assert runner.upgrade(throwaway(tmp_path)) == [identifier]
    assert runner.upgrade(throwaway(tmp_path)) == []
    assert runner.downgrade(throwaway(tmp_path)) == [identifier]
