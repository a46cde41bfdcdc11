"""Two versions of a plugin's code on one database: which of them runs on which tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from meishi.database.engine import driver_url
from meishi.database.location import Location
from meishi.database.migrations import (
    MigratedPlugin,
    MigrationFailed,
    MigrationRunner,
    NewerDatabase,
)
from meishi.database.revisions import Phase, RevisionError, RevisionFile, read_revisions
from meishi.database.roles import RoleNames
from meishi.database.standing import (
    DatabaseAhead,
    Reach,
    Standing,
    Stored,
    standing,
    stored_in,
)
from meishi.testing.databases import TestDatabases

pytestmark = pytest.mark.no_calls

REVISION = """
from alembic import op
revision = "{name}"
down_revision = {parent!r}
{phase}
def upgrade():
    op.execute("CREATE TABLE throwaway.{name} (id integer)")
def downgrade():
    op.execute("DROP TABLE throwaway.{name}")
"""
EXPAND, CONTRACT = Phase.EXPAND, Phase.CONTRACT


@pytest.fixture
def empty(meishi_databases: TestDatabases) -> Iterator[Location]:
    """A database in which nothing was ever migrated."""
    with meishi_databases.empty() as location:
        yield location


@pytest.fixture
def runner(empty: Location) -> Iterator[MigrationRunner]:
    """A migration runner."""
    found = MigrationRunner(empty.administrator_url(), empty.runtime_url, RoleNames("test"))
    yield found
    found.close()


def code(folder: Path, *phases: Phase | None) -> MigratedPlugin:
    """Return a version of a plugin: its revisions r1, r2 and so on, each of a phase."""
    folder.mkdir()
    for number, phase in enumerate(phases, 1):
        said = f'phase = "{phase}"' if phase else ""
        parent = f"r{number - 1}" if number > 1 else None
        text = REVISION.format(name=f"r{number}", parent=parent, phase=said)
        (folder / f"r{number}.py").write_text(text, "utf-8")
    return MigratedPlugin(name="throwaway", versions=folder, metadata=None)


def stored(location: Location) -> Stored:
    """Return what the database says of the plugin."""
    engine = create_engine(driver_url(location.administrator_url()))
    with engine.connect() as connection:
        found = stored_in(connection, "throwaway")
    engine.dispose()
    return found


@pytest.mark.parametrize(
    ("phases", "needed", "expand"),
    [
        ([None, None], 2, 2),
        ([EXPAND, EXPAND], 2, 2),
        ([EXPAND, CONTRACT], 1, 1),
        ([CONTRACT], 0, 0),
        ([CONTRACT, EXPAND], 2, 0),
        ([EXPAND, CONTRACT, None, CONTRACT], 3, 1),
        ([], 0, 0),
    ],
)
def test_how_far_an_upgrade_goes(phases: list[Phase | None], needed: int, expand: int) -> None:
    """What code needs ends with its last revision that is no contract; older code bears none."""
    pending = tuple(
        RevisionFile(f"r{place}", None, Path(), phase) for place, phase in enumerate(phases)
    )
    found = Standing(pending)
    assert found.within(Reach.ALL) == pending
    assert found.within(Reach.NEEDED) == pending[:needed]
    assert found.within(Reach.EXPAND) == pending[:expand]
    assert Standing(pending, fresh=True).within(Reach.EXPAND) == pending


def test_older_code_runs_until_the_contract(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """It runs on tables that were expanded, is let alone by its own upgrade, and ends after."""
    old = code(tmp_path / "old", None)
    new = code(tmp_path / "new", None, EXPAND, EXPAND, CONTRACT)
    line = read_revisions(old.versions)
    assert runner.upgrade(old) == ["r1"]
    assert runner.upgrade(new, Reach.EXPAND) == ["r2", "r3"]
    assert standing(line, stored(empty)).ahead
    with pytest.raises(NewerDatabase):
        runner.upgrade(old)
    assert runner.upgrade(new) == ["r4"]
    with pytest.raises(DatabaseAhead, match="'r4'"):
        standing(line, stored(empty))
    with pytest.raises(MigrationFailed, match="'r4', which the package does not have"):
        runner.upgrade(old)


def test_newer_code_runs_before_the_contract(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """What it takes away is pending, and not needed."""
    runner.upgrade(code(tmp_path / "old", None))
    new = code(tmp_path / "new", None, EXPAND, CONTRACT)
    runner.upgrade(new, Reach.NEEDED)
    found = standing(read_revisions(new.versions), stored(empty))
    assert [item.revision for item in found.pending] == ["r3"]
    assert found.within(Reach.NEEDED) == ()


def test_a_revision_that_says_nothing_is_for_its_own_code(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """Older code does not run on it, even where an expansion follows."""
    old = code(tmp_path / "old", None)
    runner.upgrade(old)
    runner.upgrade(code(tmp_path / "new", None, None, EXPAND))
    with pytest.raises(DatabaseAhead):
        standing(read_revisions(old.versions), stored(empty))


def test_a_downgrade_lets_older_code_run_again(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """What the database says of older code follows the tables down as well."""
    old = code(tmp_path / "old", None)
    new = code(tmp_path / "new", None, EXPAND, CONTRACT)
    runner.upgrade(new)
    runner.downgrade(new, "r2")
    assert standing(read_revisions(old.versions), stored(empty)).ahead
    runner.downgrade(new)
    assert stored(empty) == Stored()


def test_tables_of_an_older_host_say_nothing_of_other_code(
    runner: MigrationRunner, empty: Location, tmp_path: Path
) -> None:
    """Their row has no list; the next upgrade adds it."""
    plugin = code(tmp_path / "code", None)
    runner.upgrade(plugin)
    engine = create_engine(driver_url(empty.administrator_url()), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE throwaway.alembic_version DROP COLUMN runs_on")
    engine.dispose()
    assert stored(empty) == Stored("r1")
    assert runner.upgrade(plugin) == []
    assert stored(empty) == Stored("r1", ("r1",))


def test_a_phase_is_one_of_two(tmp_path: Path) -> None:
    """A misspelt one is refused, and the file named."""
    code(tmp_path / "code", None)
    (tmp_path / "code" / "r1.py").write_text(
        'revision = "r1"\ndown_revision = None\nphase = "shrink"\n', "utf-8"
    )
    with pytest.raises(RevisionError, match=r"r1\.py: `phase` must be 'expand' or 'contract'"):
        read_revisions(tmp_path / "code")
