"""Bringing a plugin's db_schema to the rights and policies that it must have.

It is repeated after every change of structure, so whatever a revision granted is taken back.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from meishi.database.identity import WORKSPACE_SETTING
from meishi.database.migration_failure import MigrationFailed
from meishi.database.provision import VERSION_TABLE
from meishi.database.reader_policies import reader_policies
from meishi.database.roles import RoleNames, quoted
from meishi.database.surroundings import crossing_keys
from meishi.events.log import DB_SCHEMA as EVENT_LOG

#: Policy of every table that belongs to workspaces; without a workspace it shows nothing.
WORKSPACE_POLICY = f"workspace_id = nullif(current_setting('{WORKSPACE_SETTING}', true), '')::uuid"

EVERYTHING = "SELECT, INSERT, UPDATE, DELETE"

#: The comment of a table to which rows are only added: its plugin's code may not change them.
APPEND_ONLY = "append-only"

#: Tables whose rows a plugin's code may not change: the event log and the audit are records.
NARROWER = {
    (EVENT_LOG, "event"): "SELECT, INSERT",
    (EVENT_LOG, "epoch"): "SELECT",
    (EVENT_LOG, "decision"): "SELECT, INSERT",
    ("audit", "entry"): "SELECT, INSERT",
}

_GRANTEES = """
    SELECT DISTINCT grantee FROM (
        SELECT (aclexplode(nspacl)).grantee FROM pg_namespace WHERE nspname = :schema
        UNION ALL SELECT (aclexplode(relacl)).grantee FROM pg_class
            WHERE relnamespace = to_regnamespace(:quoted)
        UNION ALL SELECT (aclexplode(attacl)).grantee FROM pg_attribute
            WHERE attrelid IN (SELECT oid FROM pg_class
                               WHERE relnamespace = to_regnamespace(:quoted))
        UNION ALL SELECT (aclexplode(proacl)).grantee FROM pg_proc
            WHERE pronamespace = to_regnamespace(:quoted)
    ) AS granted WHERE grantee <> 0 AND grantee <> (:owner)::text::regrole
"""

_OF_OTHERS = """
    SELECT name FROM (
        SELECT oid::regclass::text AS name, relowner AS owner FROM pg_class
            WHERE relnamespace = to_regnamespace(:quoted)
        UNION ALL SELECT oid::regprocedure::text, proowner FROM pg_proc
            WHERE pronamespace = to_regnamespace(:quoted)
    ) AS object WHERE owner <> (:owner)::text::regrole ORDER BY name LIMIT 1
"""

_RELATIONS = """
    SELECT c.relname AS name, c.relkind::text AS kind, c.relispartition AS is_partition,
        obj_description(c.oid, 'pg_class') IS NOT DISTINCT FROM :append_only AS append_only,
        a.attname IS NOT NULL AS of_workspaces, coalesce(a.attnotnull, false) AS always
    FROM pg_class c
    LEFT JOIN pg_attribute a
        ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    WHERE c.relnamespace = to_regnamespace(:quoted) AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
    ORDER BY c.relname
"""

#: What a view shows is a rule, too, which its `security_invoker` reaches.
_RULES = """
    SELECT rulename || ' of ' || ev_class::regclass::text FROM pg_rewrite
    JOIN pg_class AS relation ON relation.oid = ev_class
    WHERE relnamespace = to_regnamespace(:quoted) AND rulename <> '_RETURN' ORDER BY 1
"""


def reconcile(connection: Connection, roles: RoleNames, plugin: str) -> None:
    """Set grants, policies and views of a plugin's db_schema to what they must be.

    The connection acts as the plugin's owner role. Raises `MigrationFailed` for what no grant
    or policy could mend.
    """
    schema, run = quoted(plugin), quoted(roles.run(plugin))
    owner = quoted(roles.owner(plugin))
    values = {"schema": plugin, "quoted": schema, "owner": owner}
    stranger = connection.execute(text(_OF_OTHERS), values).scalar()
    if stranger is not None:
        raise MigrationFailed(f"{plugin}: {stranger} does not belong to the plugin's owner role.")
    for key in crossing_keys(connection, plugin):
        raise MigrationFailed(
            f"{plugin}: {key} ties two plugins together.",
            hint="Drop it; the other plugin's id and its events are enough.",
        )
    for rule in connection.execute(text(_RULES), values).scalars():
        raise MigrationFailed(
            f"{plugin}: the rule {rule} acts with its owner's rights, past row security.",
            hint="Drop it; a trigger acts with those of the plugin's code.",
        )
    _revoke_all(connection, schema, values)
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {run}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {run}",
        f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {schema} TO {run}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
    ):
        connection.execute(text(statement))
    of_each = values | {"append_only": APPEND_ONLY}
    for relation in connection.execute(text(_RELATIONS), of_each).all():
        table = f"{schema}.{quoted(relation.name)}"
        # A partition is reached through its parent only, which has the policy; a stored or
        # foreign copy of rows can have none.
        if relation.kind in "rpv" and not relation.is_partition:
            rights = rights_on(plugin, relation.name, append_only=relation.append_only)
            connection.execute(text(f"GRANT {rights} ON TABLE {table} TO {run}"))
        if relation.kind == "v":
            connection.execute(text(f"ALTER VIEW {table} SET (security_invoker = true)"))
        elif relation.kind in "rp" and relation.of_workspaces and relation.always:
            _protect(connection, plugin, relation.name)
        elif relation.kind in "rp" and relation.of_workspaces and plugin != EVENT_LOG:
            raise MigrationFailed(
                f"{plugin}: {table} has rows without a workspace, which no policy protects.",
                hint="Declare workspace_id NOT NULL.",
            )
    _keep_from_others(connection, plugin)


def rights_on(plugin: str, table: str, *, append_only: bool) -> str:
    """Return what a plugin's code may do with the rows of a table."""
    if table == VERSION_TABLE:
        return "SELECT"
    return NARROWER.get((plugin, table), "SELECT, INSERT" if append_only else EVERYTHING)


def _revoke_all(connection: Connection, schema: str, values: dict[str, str]) -> None:
    """Take every right from everybody but the owner."""
    query = f"SELECT grantee::regrole::text FROM ({_GRANTEES}) AS found"  # noqa: S608 (constant)
    roles = ", ".join(["PUBLIC", *connection.execute(text(query), values).scalars()])
    for what in (
        f"SCHEMA {schema}",
        f"ALL TABLES IN SCHEMA {schema}",
        f"ALL SEQUENCES IN SCHEMA {schema}",
        f"ALL ROUTINES IN SCHEMA {schema}",
    ):
        connection.execute(text(f"REVOKE ALL ON {what} FROM {roles} CASCADE"))


def _protect(connection: Connection, plugin: str, name: str) -> None:
    """Give a table the one policy that compares the row's workspace."""
    table = f"{quoted(plugin)}.{quoted(name)}"
    query = "SELECT polname FROM pg_policy WHERE polrelid = (:table)::text::regclass"
    for policy in connection.execute(text(query), {"table": table}).scalars().all():
        connection.execute(text(f"DROP POLICY {quoted(policy)} ON {table}"))
    connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    connection.execute(
        text(
            f"CREATE POLICY workspace ON {table} USING ({WORKSPACE_POLICY}) "
            f"WITH CHECK ({WORKSPACE_POLICY})"
        )
    )


def _keep_from_others(connection: Connection, plugin: str) -> None:
    """Narrow the policies of tables with `readers`, and of what refers to their rows."""
    for policy in reader_policies(lambda query: connection.execute(text(query)).all(), plugin):
        connection.execute(text(policy.statement(plugin)))
