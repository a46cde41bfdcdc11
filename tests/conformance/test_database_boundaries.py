"""The database states the boundaries between plugins and between workspaces."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from meishi.database.provision import VERSION_TABLE
from meishi.database.roles import RoleNames
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.manifest import PluginScope

from .conftest import Administrator

ROLES = RoleNames("test")

TABLES = """
    SELECT c.relname, c.relrowsecurity FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""

WORKSPACE_TABLES = """
    SELECT n.nspname, c.relname, c.relrowsecurity, array_agg(
        p.polname::text || ' ' || p.polcmd::text || ' ' || p.polpermissive::text
            || ' ' || pg_get_expr(p.polqual, c.oid) || ' ' || pg_get_expr(p.polwithcheck, c.oid))
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull
    LEFT JOIN pg_policy p ON p.polrelid = c.oid
    WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY (%s)
    GROUP BY 1, 2, 3 ORDER BY 1, 2
"""


def names(contributions: list[Contribution]) -> list[str]:
    """Return the plugins that have a db_schema."""
    return [item.plugin for item in contributions if item.versions is not None]


def become(admin: Administrator, plugin: str, workspace: UUID | None = None) -> None:
    """Go on under a plugin's run role, in a workspace."""
    admin.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(ROLES.run(plugin))))
    admin.execute("SELECT set_config('meishi.workspace', %s, true)", [str(workspace or "")])


def refused(admin: Administrator, statement: sql.Composed) -> bool:
    """Whether the server denies a statement; the transaction goes on."""
    try:
        with admin.transaction():
            admin.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def insert_default_row(admin: Administrator, table: sql.Identifier, workspace: UUID) -> None:
    """Insert a row of any table: every column gets some value that its type takes."""
    schema, name = table._obj
    query = """
        SELECT column_name, data_type FROM information_schema.columns
        WHERE (table_schema, table_name) = (%s, %s) AND is_nullable = 'NO'
            AND is_identity = 'NO' AND column_name <> 'workspace_id'
    """
    values = {"uuid": "gen_random_uuid()", "ARRAY": "'{}'", "json": "'{}'", "boolean": "false"}
    values |= {"timestamp with time zone": "now()", "smallint": "1", "integer": "1", "bigint": "1"}
    columns = admin.execute(query, [schema, name]).fetchall()
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        table,
        sql.SQL(", ").join(sql.Identifier(item) for item in ("workspace_id", *dict(columns))),
        sql.SQL(", ").join([
            sql.Literal(workspace),
            *(sql.SQL(values.get(kind, "gen_random_uuid()::text::bytea" if kind == "bytea"
                                 else "'x'")) for _, kind in columns),
        ]),
    )  # fmt: skip
    admin.execute(statement)


def test_every_workspace_table_is_protected(
    admin: Administrator, contributions: list[Contribution]
) -> None:
    """Row security is on, with the one policy that compares the row's workspace."""
    found = admin.execute(WORKSPACE_TABLES, [names(contributions)]).fetchall()
    assert len(found) >= 10
    condition = "(workspace_id = (NULLIF(current_setting('meishi.workspace'::text, true), "
    condition += "''::text))::uuid)"
    for schema, table, enabled, policies in found:
        assert enabled, f"{schema}.{table}"
        assert policies == [f"workspace * true {condition} {condition}"], f"{schema}.{table}"


def test_rows_show_in_their_own_workspace_only(
    admin: Administrator, contributions: list[Contribution]
) -> None:
    """Nothing shows without a workspace, nothing of another one, and neither takes new rows."""
    ours, theirs = uuid4(), uuid4()
    admin.execute("SET LOCAL session_replication_role = replica")
    for schema, name, *_ in admin.execute(WORKSPACE_TABLES, [names(contributions)]).fetchall():
        table = sql.Identifier(schema, name)
        count = sql.SQL("SELECT count(*) FROM {}").format(table)
        insert_default_row(admin, table, ours)
        for workspace, visible in ((None, 0), (theirs, 0), (ours, 1)):
            with admin.transaction(force_rollback=True):
                become(admin, schema, workspace)
                assert admin.execute(count).fetchone() == (visible,), f"{schema}.{name}"
                if workspace != ours:
                    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level"):
                        insert_default_row(admin, table, ours)


def test_no_plugin_reaches_into_another(
    admin: Administrator, contributions: list[Contribution]
) -> None:
    """A run role may not read any other plugin's tables, nor its list of revisions."""
    plugins = names(contributions)
    for other in plugins:
        for table, _ in admin.execute(TABLES, [other]).fetchall():
            statement = sql.SQL("SELECT FROM {}").format(sql.Identifier(other, table))
            for plugin in plugins:
                become(admin, plugin)
                assert refused(admin, statement) is (plugin != other), f"{plugin}: {other}.{table}"
                admin.execute("RESET ROLE")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE {}.mine (id integer)",
        "CREATE FUNCTION {}.mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        f"INSERT INTO {{}}.{VERSION_TABLE} VALUES ('x')",
        f"DELETE FROM {{}}.{VERSION_TABLE}",
        f"DROP TABLE {{}}.{VERSION_TABLE}",
        "CREATE SCHEMA mine",
        "CREATE TABLE public.mine (id integer)",
        "SET LOCAL session_replication_role = replica",
    ],
)
def test_a_run_role_changes_no_structure(
    admin: Administrator, contributions: list[Contribution], statement: str
) -> None:
    """A plugin's code can neither change its tables' shape nor say which revisions ran."""
    for plugin in names(contributions):
        become(admin, plugin)
        assert refused(admin, sql.SQL(statement).format(sql.Identifier(plugin))), plugin
        admin.execute("RESET ROLE")


def test_the_runtime_login_inherits_nothing(admin: Administrator) -> None:
    """The login is plain, may become run roles only, and has none of their rights before."""
    row = admin.execute(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles "
        "WHERE rolname = %s",
        [ROLES.runtime],
    ).fetchone()
    assert row == (False, False, False, False)
    granted = admin.execute(
        "SELECT roleid::regrole::text, inherit_option, admin_option FROM pg_auth_members "
        "WHERE member = %s::regrole",
        [ROLES.runtime],
    ).fetchall()
    assert granted
    assert all(role.endswith("_run") and not own and not more for role, own, more in granted)


def test_definer_functions_are_pinned_and_private(
    admin: Administrator, contributions: list[Contribution]
) -> None:
    """A function with its owner's rights fixes its search_path, and only its plugin runs it."""
    found = admin.execute(
        """
        SELECT n.nspname, p.proname, pg_get_userbyid(p.proowner), p.proconfig,
            (SELECT array_agg(CASE WHEN a.grantee = 0 THEN 'PUBLIC'
                                   ELSE pg_get_userbyid(a.grantee) END::text)
             FROM aclexplode(p.proacl) a)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND n.nspname !~ '^(pg_|information_schema|meishi_extensions)'
        """
    ).fetchall()
    assert "resolve_token" in {row[1] for row in found}
    for schema, function, owner, config, grantees in found:
        assert schema in names(contributions)
        assert owner == ROLES.owner(schema), function
        assert "search_path=pg_catalog, pg_temp" in config, function
        assert set(grantees) == {ROLES.owner(schema), ROLES.run(schema)}, function


def test_no_foreign_key_leaves_its_db_schema(admin: Administrator) -> None:
    """What belongs to another plugin is named by its UUID."""
    query = """
        SELECT c.conname FROM pg_constraint c
        JOIN pg_class one ON one.oid = c.conrelid JOIN pg_class two ON two.oid = c.confrelid
        WHERE c.contype = 'f' AND one.relnamespace <> two.relnamespace
    """
    assert admin.execute(query).fetchall() == []


def test_tables_stand_where_their_plugin_is(
    admin: Administrator, contributions: list[Contribution]
) -> None:
    """A db_schema holds its plugin's declared tables and the list of revisions, owned by it."""
    for contribution in contributions:
        metadata = contribution.schemas.db
        declared = {table.name for table in metadata.tables.values()} if metadata else set()
        found = {row[0] for row in admin.execute(TABLES, [contribution.plugin]).fetchall()}
        expected = declared | {VERSION_TABLE} if contribution.versions else declared
        assert found == expected, contribution.plugin
    query = "SELECT DISTINCT schemaname::text, tableowner::text FROM pg_tables "
    owners = admin.execute(query + "WHERE schemaname = ANY (%s)", [names(contributions)]).fetchall()
    assert dict(owners) == {plugin: ROLES.owner(plugin) for plugin in names(contributions)}
    assert len(owners) == len(names(contributions))


def test_a_workspace_comes_first_in_every_key_of_a_workspace_plugin(
    contributions: list[Contribution],
) -> None:
    """Keys begin with the workspace, so that every index serves one tenant's rows."""
    for contribution in contributions:
        metadata = contribution.schemas.db
        if metadata is None or contribution.manifest.scope is not PluginScope.WORKSPACE:
            continue
        for table in metadata.tables.values():
            keys = [table.primary_key.columns, *(index.columns for index in table.indexes)]
            firsts = {next(iter(columns)).name for columns in keys}
            assert firsts == {"workspace_id"}, table.fullname
