"""Whether a plugin's run role can neither change structure nor become somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from psycopg import sql

from meishi.database.provision import VERSION_TABLE
from meishi.testing.conformance.acting import Administrator, acting_as, is_denied
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_RELATIONS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = to_regnamespace(quote_ident(%s)) AND relkind IN ('r', 'p') ORDER BY 1
"""
#: The plugin's own, those of others, that of extensions and `public`.
_SCHEMAS = """
    SELECT nspname FROM pg_namespace
    WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' ORDER BY 1
"""
_IN_SCHEMAS = (
    "CREATE TABLE {}.meishi_probe (id integer)",
    "CREATE VIEW {}.meishi_probe AS SELECT 1 AS id",
    "CREATE FUNCTION {}.meishi_probe() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
    "CREATE TYPE {}.meishi_probe AS ENUM ('a')",
)
#: Of every table of its own.
_ON_TABLES = (
    "ALTER TABLE {} ADD COLUMN meishi_probe integer",
    "ALTER TABLE {} DISABLE ROW LEVEL SECURITY",
    "CREATE POLICY meishi_probe ON {} USING (true)",
    "TRUNCATE {}",
    "DROP TABLE {}",
)
_ON_VERSIONS = (
    "INSERT INTO {} VALUES ('x')",
    "UPDATE {} SET version_num = 'x'",
    "DELETE FROM {}",
)
_AT_LARGE = (
    "CREATE SCHEMA meishi_probe",
    "CREATE ROLE meishi_probe",
    "CREATE EXTENSION hstore SCHEMA public",
    "SET LOCAL session_replication_role = replica",
)
_LOGIN = """
    SELECT 'is a superuser' FROM pg_roles WHERE rolname = %(login)s AND rolsuper
    UNION ALL SELECT 'bypasses row security' FROM pg_roles
        WHERE rolname = %(login)s AND rolbypassrls
    UNION ALL SELECT 'may create roles' FROM pg_roles WHERE rolname = %(login)s AND rolcreaterole
    UNION ALL SELECT 'inherits the rights of ' || roleid::regrole FROM pg_auth_members
        WHERE member = %(login)s::regrole AND inherit_option
            AND roleid::regrole::text = ANY (%(roles)s)
    UNION ALL SELECT 'may hand on ' || roleid::regrole FROM pg_auth_members
        WHERE member = %(login)s::regrole AND admin_option
            AND roleid::regrole::text = ANY (%(roles)s)
    UNION ALL SELECT 'may become ' || %(owner)s WHERE pg_has_role(%(login)s, %(owner)s, 'SET')
"""
_REMEDY = "Structure is made by revisions alone; take back whatever was granted past the host."


def structure_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each statement by which a plugin's code could change structure or its own identity."""
    stateful = bench.stateful()
    if plugin not in stateful:
        return
    roles = bench.roles
    others = [role for name in stateful for role in (roles.owner(name), roles.run(name))]
    others.remove(roles.run(plugin))
    with bench.undone() as administrator:
        schemas = [name for (name,) in administrator.execute(_SCHEMAS)]
        tables = [name for (name,) in administrator.execute(_RELATIONS, [plugin])]
        with acting_as(administrator, roles.run(plugin)):
            for statement in (*_statements(plugin, schemas, tables), *_becoming(others)):
                if not is_denied(administrator, statement):
                    text = statement.as_string(administrator)
                    yield Fault(f"Its role may run: {text}.", _REMEDY)
        values = {
            "login": roles.runtime,
            "owner": roles.owner(plugin),
            "roles": [roles.owner(plugin), roles.run(plugin)],
        }
        yield from _login_faults(administrator, values)


def _statements(plugin: str, schemas: list[str], tables: list[str]) -> Iterator[sql.Composed]:
    for schema in schemas:
        for text in _IN_SCHEMAS:
            yield sql.SQL(text).format(sql.Identifier(schema))
    for table in tables:
        for text in _ON_TABLES:
            yield sql.SQL(text).format(sql.Identifier(plugin, table))
    for text in _ON_VERSIONS:
        yield sql.SQL(text).format(sql.Identifier(plugin, VERSION_TABLE))
    for text in _AT_LARGE:
        yield sql.Composed([sql.SQL(text)])


def _becoming(roles: list[str]) -> Iterator[sql.Composed]:
    for role in roles:
        yield sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role))


def _login_faults(administrator: Administrator, values: Mapping[str, object]) -> Iterator[Fault]:
    for (what,) in administrator.execute(_LOGIN, values).fetchall():
        yield Fault(f"The runtime login {what}.", "Revoke it: a login takes run roles, no more.")
