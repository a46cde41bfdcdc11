"""Revisions that cannot be applied: nothing of them is kept, and all other plugins are upgraded."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from meishi.cli import main
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

pytestmark = pytest.mark.once

PLUGIN = """
from meishi.sdk.plugin import Migrations, hookimpl
@hookimpl
def migrations():
    return Migrations("{name}.versions")
"""
REVISION = """
from alembic import op
revision = "{name}_0001"
down_revision = None
def upgrade():
    op.execute("CREATE TABLE {name}.first (id integer PRIMARY KEY)")
    for statement in {statements!r}:
        op.execute(statement)
    {code}
"""
HALT = "raise type('Halt', (BaseException,), {})('now')"
OWN = "meishi_test_notes_owner"
UNDONE = "Nothing of it was kept."
PLACE = f"{UNDONE} A revision has rights in its own db_schema only, which it names: schema='notes'."
KEY = "FOREIGN KEY (plugin) REFERENCES meishi.plugin"
MADE = "DbSchemaLeft: outside of its db_schema it made"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenRevision:
    """A revision of the plugin `notes`, and what an operator reads of it."""

    what: str
    says: str
    statements: tuple[str, ...] = ()
    code: str = "pass"
    hint: str = UNDONE

    @property
    def message(self) -> str:
        """The line with which the upgrade ends."""
        return f"notes: revision notes_0001 failed: {self.says}"


REVISIONS = (
    BrokenRevision(
        what="a statement is wrong",
        statements=("SELECT nonsense",),
        says='column "nonsense" does not exist [in: SELECT nonsense]',
    ),
    BrokenRevision(
        what="it ends the process",
        code="raise SystemExit(0)",
        says="SystemExit: 0",
    ),
    BrokenRevision(
        what="it raises what is no Exception",
        code=HALT,
        says="Halt: now",
    ),
    BrokenRevision(
        what="it ends the transaction of all revisions",
        statements=("COMMIT",),
        says="TransactionLeft: the host begins and commits, once for all revisions",
    ),
    BrokenRevision(
        what="its table is in the db_schema of another plugin",
        statements=("CREATE TABLE meishi_events.note (id integer)",),
        says=(
            "permission denied for schema meishi_events "
            "[in: CREATE TABLE meishi_events.note (id integer)]"
        ),
        hint=PLACE,
    ),
    BrokenRevision(
        what="its table is in no db_schema",
        statements=("CREATE TABLE note (id integer)",),
        says="no schema has been selected to create in [in: CREATE TABLE note (id integer)]",
        hint=PLACE,
    ),
    BrokenRevision(
        what="it makes a db_schema",
        statements=("CREATE SCHEMA more",),
        says="permission denied for database {database} [in: CREATE SCHEMA more]",
        hint=PLACE,
    ),
    BrokenRevision(
        what="its foreign key leads to another plugin",
        statements=("CREATE TABLE notes.note (plugin text REFERENCES meishi.plugin)",),
        says=(
            "permission denied for schema meishi "
            "[in: CREATE TABLE notes.note (plugin text REFERENCES meishi.plugin)]"
        ),
        hint=PLACE,
    ),
    BrokenRevision(
        what="it leaves its role to make a table elsewhere",
        statements=("RESET ROLE", "CREATE TABLE public.note (id int)", f"SET LOCAL ROLE {OWN}"),
        says=f"{MADE} public.note",
    ),
    BrokenRevision(
        what="it leaves its role to make a foreign key",
        statements=(
            "CREATE TABLE notes.note (plugin text)",
            "RESET ROLE",
            f"ALTER TABLE notes.note ADD CONSTRAINT tie {KEY}",
            f"SET LOCAL ROLE {OWN}",
        ),
        says=f"{MADE} the foreign key tie from notes.note to meishi.plugin",
    ),
)


@pytest.fixture
def plugins(packages: PluginPackages, monkeypatch: pytest.MonkeyPatch) -> PluginPackages:
    """The plugin `notes`, `memos` that needs it, and `zebra` that needs nobody."""
    monkeypatch.chdir(packages.folder)
    monkeypatch.setenv("MEISHI_PLUGINS", "memos,notes,zebra")
    for name, requires in (("memos", {"notes": "*"}), ("notes", {}), ("zebra", {})):
        add(packages, name, requires=requires)
    return packages


def add(
    packages: PluginPackages,
    name: str,
    statements: tuple[str, ...] = (),
    code: str = "pass",
    requires: dict[str, str] | None = None,
) -> None:
    """Write a plugin with one revision."""
    packages.add(
        name,
        plugin=PLUGIN.format(name=name),
        files={
            "versions/__init__.py": "",
            "versions/0001.py": REVISION.format(name=name, statements=statements, code=code),
        },
        requires=requires or {},
    )


@pytest.fixture
def database(database: Location, monkeypatch: pytest.MonkeyPatch) -> Location:
    """The database of commands."""
    monkeypatch.setenv("MEISHI_DATABASE_URL", database.runtime_url)
    monkeypatch.setenv("MEISHI_DATABASE_ADMIN_URL", database.administrator_url())
    monkeypatch.setenv("MEISHI_DEPLOYMENT", "test")
    return database


def run(*arguments: str) -> int | str | None:
    """Run a command to its end; return the exit code."""
    with pytest.raises(SystemExit) as end:
        main(list(arguments))
    return end.value.code


def states(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """Return what `meishi plugins` shows."""
    assert run("plugins", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    return {item["name"]: (item["state"], item["reason"]) for item in listed}


@pytest.mark.parametrize("entry", REVISIONS, ids=lambda entry: entry.what)
def test_a_revision_is_undone_and_told_in_one_line(
    entry: BrokenRevision,
    plugins: PluginPackages,
    database: Location,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Plugin, revision and statement are named; what needs the plugin waits, the rest goes on."""
    add(plugins, "notes", entry.statements, entry.code)
    assert run("db", "upgrade") == 5
    printed = capsys.readouterr()
    with psycopg.connect(database.administrator_url()) as connection:
        message = entry.message.format(database=connection.info.dbname)
        names = [[f"{name}.first"] for name in ("memos", "notes", "zebra")]
        found = [connection.execute("SELECT to_regclass(%s)", name).fetchone() for name in names]
    assert printed.err.splitlines() == [f"Error: {message}", f"Hint: {entry.hint}"]
    assert found == [(None,), (None,), ("zebra.first",)]
    shown = states(capsys)
    for name in ("memos", "notes"):
        pending = f"pending: {name}_0001; run `meishi db upgrade`"
        assert shown[name] == ("needs_migration", pending)
    assert shown["zebra"] == ("active", "")


def test_on_the_embedded_database_the_plugin_is_broken(
    plugins: PluginPackages,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It is migrated by itself, so what an operator sees is not what to do, but what failed."""
    monkeypatch.setenv("MEISHI_HOME", str(tmp_path / "home"))
    add(plugins, "notes", ("SELECT nonsense",))
    with EmbeddedPostgres(tmp_path / "home", durable=False):
        shown = states(capsys)
        assert shown["notes"] == ("broken", REVISIONS[0].message)
        assert shown["memos"] == ("missing_dependency", "skipped: needs notes")
        assert shown["zebra"] == ("active", "")
        monkeypatch.setenv("MEISHI_BOOT_POLICY", "strict")
        assert run("init") == 4
        assert capsys.readouterr().err.splitlines()[0] == (
            f"Error: The plugin notes is broken: {REVISIONS[0].message}"
        )
