"""What the administrator sets up: logins, roles, db_schemas, grants, policies, extensions.

All of it is written to be repeated: after every upgrade the host brings the database to this
state again, whatever a migration did.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, make_url, text

from meishi.database.engine import driver_url
from meishi.database.roles import RoleNames, quoted
from meishi.errors import DatabaseUnavailable

REQUIRED_VERSION = 18
EXTENSIONS_SCHEMA = "meishi_extensions"
VERSION_TABLE = "alembic_version"

#: Policy of every table that belongs to workspaces; without a workspace it shows nothing.
WORKSPACE_POLICY = "workspace_id = nullif(current_setting('meishi.workspace', true), '')::uuid"


def require_version(connection: Connection) -> None:
    """Refuse a server older than the only version that is tested."""
    found = connection.connection.driver_connection.info.server_version // 10000  # type: ignore[union-attr]
    if found < REQUIRED_VERSION:
        raise DatabaseUnavailable(
            f"PostgreSQL {found} is too old, Meishi needs {REQUIRED_VERSION}.",
            hint="Leave MEISHI_DATABASE_URL empty to use the embedded one.",
        )


def ensure_runtime_login(connection: Connection, roles: RoleNames, runtime_url: str) -> str:
    """Create or check the runtime login, and return its name; it must not be privileged."""
    url = make_url(driver_url(runtime_url))
    login = url.username or roles.runtime
    created = _create_role(connection, login, "LOGIN NOINHERIT")
    row = connection.execute(
        text("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = :name"), {"name": login}
    ).one()
    if row.rolsuper or row.rolbypassrls:
        raise privileged_login(login)
    if (created or login == roles.runtime) and url.password is not None:
        _execute_literal(connection, f"ALTER ROLE {quoted(login)} PASSWORD", str(url.password))
    connection.execute(text(f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {quoted(login)}"))
    return login


def privileged_login(login: str) -> DatabaseUnavailable:
    """Return what an operator reads when the runtime login stands above row security."""
    return DatabaseUnavailable(
        f"The login {login} of MEISHI_DATABASE_URL is a superuser or bypasses row security.",
        hint="Name a plain login there, and the privileged one in MEISHI_DATABASE_ADMIN_URL.",
    )


def ensure_plugin(
    connection: Connection, roles: RoleNames, plugin: str, login: str, extensions: Sequence[str]
) -> None:
    """Create a plugin's roles, db_schema and extensions, before its migrations run."""
    owner, run = roles.owner(plugin), roles.run(plugin)
    for role in (owner, run):
        _create_role(connection, role, "NOLOGIN")
    connection.execute(text(f"GRANT {quoted(owner)} TO CURRENT_USER WITH SET TRUE"))
    connection.execute(text(f"GRANT {quoted(run)} TO {quoted(login)} WITH INHERIT FALSE, SET TRUE"))
    schema = quoted(plugin)
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {quoted(owner)}"))
    connection.execute(text(f"REVOKE ALL ON SCHEMA {schema} FROM PUBLIC"))
    for extension in extensions:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {EXTENSIONS_SCHEMA}"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {EXTENSIONS_SCHEMA} TO PUBLIC"))
        connection.execute(
            text(f"CREATE EXTENSION IF NOT EXISTS {quoted(extension)} SCHEMA {EXTENSIONS_SCHEMA}")
        )


def reconcile(connection: Connection, roles: RoleNames, plugin: str) -> None:
    """Set grants and policies of a plugin's db_schema to what they must be."""
    schema, run, owner = quoted(plugin), quoted(roles.run(plugin)), quoted(roles.owner(plugin))
    for statement in (
        f"GRANT USAGE ON SCHEMA {schema} TO {run}",
        f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {run}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {run}",
        f"REVOKE ALL ON ALL ROUTINES IN SCHEMA {schema} FROM PUBLIC",
        f"GRANT EXECUTE ON ALL ROUTINES IN SCHEMA {schema} TO {run}",
        f"ALTER DEFAULT PRIVILEGES FOR ROLE {owner} REVOKE EXECUTE ON ROUTINES FROM PUBLIC",
        f"REVOKE ALL ON TABLE {schema}.{VERSION_TABLE} FROM {run}",
        f"GRANT SELECT ON TABLE {schema}.{VERSION_TABLE} TO {run}",
    ):
        connection.execute(text(statement))
    for table in _workspace_tables(connection, plugin):
        _protect(connection, f"{schema}.{quoted(table)}")


def _workspace_tables(connection: Connection, plugin: str) -> list[str]:
    """Return the tables whose rows all belong to a workspace."""
    query = """
        SELECT c.relname FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE n.nspname = :schema AND c.relkind IN ('r', 'p')
          AND a.attname = 'workspace_id' AND a.attnotnull AND NOT a.attisdropped
        ORDER BY c.relname
    """
    return list(connection.execute(text(query), {"schema": plugin}).scalars())


def _protect(connection: Connection, table: str) -> None:
    connection.execute(text(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"))
    connection.execute(text(f"DROP POLICY IF EXISTS workspace ON {table}"))
    connection.execute(
        text(
            f"CREATE POLICY workspace ON {table} USING ({WORKSPACE_POLICY}) "
            f"WITH CHECK ({WORKSPACE_POLICY})"
        )
    )


def _create_role(connection: Connection, name: str, attributes: str) -> bool:
    """Create a role unless it exists, and tell whether we did.

    Roles belong to the cluster: another database may be creating it at this moment.
    """
    known = text("SELECT 1 FROM pg_roles WHERE rolname = :name")
    if connection.execute(known, {"name": name}).first():
        return False
    connection.execute(
        text(
            f"DO $$ BEGIN CREATE ROLE {quoted(name)} {attributes}; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    )
    return True


def _execute_literal(connection: Connection, statement: str, value: str) -> None:
    """Run a statement that takes no parameters, with a value quoted by the server."""
    literal = connection.execute(text("SELECT quote_literal(:value)"), {"value": value}).scalar()
    connection.exec_driver_sql(f"{statement} {literal}".replace("%", "%%"))
