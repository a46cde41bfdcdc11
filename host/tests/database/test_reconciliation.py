"""Whatever a revision granted or forgot, a plugin's db_schema ends as it must be."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from meishi.database.location import Location
from meishi.database.migrations import MigratedPlugin, MigrationFailed, MigrationRunner
from meishi.database.roles import RoleNames

from .conftest import Administrator

pytestmark = pytest.mark.no_calls

OURS, THEIRS = uuid4(), uuid4()
TABLE = "CREATE TABLE shop.thing (workspace_id uuid NOT NULL, note text)"
UNIQUE = "ALTER TABLE shop.thing ADD UNIQUE (note)"
TRIGGER = "BEFORE UPDATE ON qr.card EXECUTE FUNCTION suppress_redundant_updates_trigger()"
TIE_IN = "FOREIGN KEY (title) REFERENCES shop.thing (note)"
TIE_OUT = "FOREIGN KEY (note) REFERENCES meishi.plugin (name)"


@pytest.fixture
def upgrade(database: Location, tmp_path: Path) -> Upgrade:
    """Run statements as the only revision of a plugin named shop."""
    return Upgrade(database, tmp_path)


class Upgrade:
    """A plugin named shop whose revision runs some statements."""

    def __init__(self, location: Location, folder: Path) -> None:
        self._location = location
        self._folder = folder

    def __call__(self, *statements: str) -> None:
        """Write the revision and run it."""
        lines = [f"    op.execute({statement!r})" for statement in statements]
        head = "from alembic import op\nrevision = 'shop_0001'\ndown_revision = None\n"
        body = "\n".join(["def upgrade():", *lines, ""])
        self._folder.joinpath("shop_0001.py").write_text(head + body)
        url = self._location.administrator_url()
        runner = MigrationRunner(url, self._location.runtime_url, RoleNames("test"))
        try:
            runner.upgrade(MigratedPlugin(name="shop", versions=self._folder, metadata=None))
        finally:
            runner.close()


def visible(admin: Administrator, relation: str, *, plugin: str = "shop") -> int:
    """Return how many rows a plugin's code reads in our workspace."""
    with admin.transaction(force_rollback=True):
        role = sql.Identifier(RoleNames("test").run(plugin))
        admin.execute(sql.SQL("SET LOCAL ROLE {}").format(role))
        admin.execute("SELECT set_config('meishi.workspace', %s, true)", [str(OURS)])
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier("shop", relation))
        row = admin.execute(query).fetchone()
        assert row is not None
        return int(row[0])


def fill(admin: Administrator, table: str = "thing") -> None:
    """Store one row of ours and two of another workspace."""
    query = sql.SQL("INSERT INTO {} VALUES (%s, 'secret')").format(sql.Identifier("shop", table))
    for workspace in (OURS, THEIRS, THEIRS):
        admin.execute(query, [workspace])


def test_a_view_shows_the_rows_of_its_reader_only(upgrade: Upgrade, admin: Administrator) -> None:
    """A view runs with its reader's rights, not past row security as its owner."""
    upgrade(TABLE, "CREATE VIEW shop.note AS SELECT note FROM shop.thing")
    fill(admin)
    assert visible(admin, "note") == 1


def test_to_what_is_marked_rows_are_only_added(upgrade: Upgrade, admin: Administrator) -> None:
    """The plugin's code reads and adds; it changes and deletes nothing, whatever was granted."""
    upgrade(
        TABLE,
        "COMMENT ON TABLE shop.thing IS 'append-only'",
        "GRANT UPDATE, DELETE ON shop.thing TO meishi_test_shop_run",
    )
    granted = {
        right
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE")
        if admin.execute(
            "SELECT has_table_privilege('meishi_test_shop_run', 'shop.thing', %s)", [right]
        ).fetchone()
        == (True,)
    }
    assert granted == {"SELECT", "INSERT"}


def test_a_rule_is_refused(upgrade: Upgrade, admin: Administrator) -> None:
    """It would act as the owner, whom no policy binds: on rows of all workspaces."""
    with pytest.raises(MigrationFailed, match=r"shop: the rule spread of shop\.bell acts with"):
        upgrade(
            TABLE,
            "CREATE TABLE shop.bell (workspace_id uuid NOT NULL)",
            "CREATE RULE spread AS ON INSERT TO shop.bell DO ALSO UPDATE shop.thing SET note = ''",
        )
    assert admin.execute("SELECT to_regclass('shop.bell')").fetchone() == (None,)


def test_a_stored_view_is_not_readable(upgrade: Upgrade, admin: Administrator) -> None:
    """It holds rows of all workspaces and can have no policy."""
    upgrade(
        TABLE,
        "CREATE MATERIALIZED VIEW shop.note AS SELECT note FROM shop.thing",
        "GRANT SELECT ON shop.note TO meishi_test_shop_run",
    )
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        visible(admin, "note")


def test_policies_of_a_revision_are_dropped(upgrade: Upgrade, admin: Administrator) -> None:
    """A policy that lets everything through is gone after the upgrade."""
    upgrade(
        TABLE,
        "ALTER TABLE shop.thing ENABLE ROW LEVEL SECURITY",
        'CREATE POLICY "all of it" ON shop.thing USING (true) WITH CHECK (true)',
    )
    fill(admin)
    assert visible(admin, "thing") == 1


def test_rows_without_a_workspace_are_refused(upgrade: Upgrade, admin: Administrator) -> None:
    """No policy can protect them; the message names the table, and nothing of it is kept."""
    with pytest.raises(MigrationFailed, match=r'shop: "shop"\."thing" .* without a workspace'):
        upgrade("CREATE TABLE shop.thing (workspace_id uuid, note text)")
    assert admin.execute("SELECT to_regclass('shop.thing')").fetchone() == (None,)


@pytest.mark.parametrize(
    "grants",
    [
        ("GRANT ALL ON shop.thing TO meishi_test_qr_run",),
        ("GRANT SELECT (workspace_id, note) ON shop.thing TO meishi_test_qr_run",),
        ("GRANT SELECT ON shop.thing TO PUBLIC",),
    ],
)
def test_rights_of_other_roles_are_revoked(
    upgrade: Upgrade, admin: Administrator, grants: tuple[str, ...]
) -> None:
    """A revision cannot open its tables to another plugin."""
    upgrade(TABLE, "GRANT USAGE ON SCHEMA shop TO meishi_test_qr_run", *grants)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="schema shop"):
        visible(admin, "thing", plugin="qr")
    admin.execute("GRANT USAGE ON SCHEMA shop TO meishi_test_qr_run")
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="table thing"):
        visible(admin, "thing", plugin="qr")


def test_rights_to_functions_and_sequences_are_revoked(
    upgrade: Upgrade, admin: Administrator
) -> None:
    """Only the plugin's own code runs its functions and draws its numbers."""
    upgrade(
        "CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SEQUENCE shop.s",
        "GRANT EXECUTE ON FUNCTION shop.f() TO meishi_test_qr_run",
        "GRANT USAGE ON SEQUENCE shop.s TO meishi_test_qr_run",
    )
    query = (
        "SELECT has_function_privilege(%(role)s, 'shop.f()', 'EXECUTE'), "
        "has_sequence_privilege(%(role)s, 'shop.s', 'USAGE')"
    )
    for plugin, has in (("qr", False), ("shop", True)):
        role = RoleNames("test").run(plugin)
        assert admin.execute(query, {"role": role}).fetchone() == (has, has)


def test_a_partition_is_reached_through_its_parent_only(
    upgrade: Upgrade, admin: Administrator
) -> None:
    """The parent's policy decides; the partition itself takes no statement."""
    upgrade(
        TABLE + " PARTITION BY LIST (workspace_id)",
        "CREATE TABLE shop.rest PARTITION OF shop.thing DEFAULT",
    )
    fill(admin)
    assert visible(admin, "thing") == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        visible(admin, "rest")


@pytest.mark.parametrize(
    "create", [TABLE, "CREATE FUNCTION shop.thing() RETURNS int LANGUAGE sql AS 'SELECT 1'"]
)
def test_an_object_of_somebody_else_is_refused(upgrade: Upgrade, create: str) -> None:
    """What a revision creates past its owner role, its owner role could not reconcile."""
    with pytest.raises(MigrationFailed, match=r"shop\.thing.* does not belong to the plugin's"):
        upgrade("RESET ROLE", create, "SET LOCAL ROLE meishi_test_shop_owner")


@pytest.mark.parametrize(
    ("statement", "made"),
    [
        ("CREATE TABLE public.stray (id int)", "public.stray"),
        ("CREATE SEQUENCE qr.stray", "qr.stray"),
        ("CREATE TYPE public.stray AS ENUM ('a')", "public.stray"),
        ("CREATE FUNCTION qr.stray() RETURNS int LANGUAGE sql AS 'SELECT 1'", "qr.stray()"),
        (
            "CREATE FUNCTION qr.resolve_card(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "qr.resolve_card(integer)",
        ),
        (f"CREATE TRIGGER stray {TRIGGER}", "the trigger stray on qr.card"),
        ("CREATE POLICY stray ON qr.card USING (true)", "the policy stray on qr.card"),
        ("CREATE SCHEMA stray", "the db_schema stray"),
        (
            f"ALTER TABLE qr.card ADD CONSTRAINT stray {TIE_IN}",
            "the foreign key stray from qr.card to shop.thing",
        ),
        (
            f"ALTER TABLE shop.thing ADD CONSTRAINT stray {TIE_OUT}",
            "the foreign key stray from shop.thing to meishi.plugin",
        ),
    ],
)
def test_what_is_made_elsewhere_is_named_and_undone(
    upgrade: Upgrade, admin: Administrator, statement: str, made: str
) -> None:
    """A revision that steps out of its owner role, and back, has not got away with it."""
    back = "SET LOCAL ROLE meishi_test_shop_owner"
    with pytest.raises(MigrationFailed) as caught:
        upgrade(TABLE, UNIQUE, "RESET ROLE", statement, back)
    assert caught.value.message.startswith(
        "shop: revision shop_0001 failed: DbSchemaLeft: outside of its db_schema it made "
    )
    assert made in caught.value.message
    assert admin.execute("SELECT to_regclass('shop.thing')").fetchone() == (None,)


def test_what_is_dropped_elsewhere_is_named_and_undone(
    upgrade: Upgrade, admin: Administrator
) -> None:
    """The protection of another plugin's rows is no more a revision's than its own tables are."""
    with pytest.raises(MigrationFailed) as caught:
        upgrade(
            TABLE, "RESET ROLE", "DROP POLICY workspace ON qr.card",
            "SET LOCAL ROLE meishi_test_shop_owner",
        )  # fmt: skip
    assert caught.value.message.endswith(
        "outside of its db_schema it dropped the policy workspace on qr.card"
    )
    assert admin.execute("SELECT to_regclass('shop.thing')").fetchone() == (None,)


def test_temporary_tables_are_nobodys_business(upgrade: Upgrade, admin: Administrator) -> None:
    """A revision may put rows aside while it works."""
    upgrade("CREATE TEMPORARY TABLE aside (id serial PRIMARY KEY, note text)", TABLE)
    assert admin.execute("SELECT to_regclass('shop.thing')").fetchone() == ("shop.thing",)


@pytest.mark.parametrize(
    "crossing",
    [
        f"ALTER TABLE qr.card ADD CONSTRAINT tie {TIE_IN}",
        f"ALTER TABLE shop.thing ADD CONSTRAINT tie {TIE_OUT}",
    ],
)
def test_a_key_between_plugins_is_refused_whoever_made_it(
    upgrade: Upgrade, admin: Administrator, crossing: str
) -> None:
    """One that was there before is no fault of a revision; it is named at every upgrade."""
    upgrade(TABLE, UNIQUE)
    admin.execute(crossing)
    with pytest.raises(MigrationFailed, match="shop: the foreign key tie from") as caught:
        upgrade(TABLE)
    assert caught.value.hint.startswith("Drop it")


def test_the_event_log_only_grows(admin: Administrator) -> None:
    """The role that writes events can neither change nor remove them."""
    query = "SELECT has_table_privilege('meishi_test_meishi_events_run', %s::text, %s)"
    for table in ("meishi_events.event", "meishi_events.event_default"):
        for right in ("UPDATE", "DELETE", "TRUNCATE"):
            assert admin.execute(query, [table, right]).fetchone() == (False,), (table, right)
    for right in ("SELECT", "INSERT"):
        assert admin.execute(query, ["meishi_events.event", right]).fetchone() == (True,)
