"""What the administrator sets up before a migration: logins, roles, db_schemas, extensions.

All of it is written to be repeated at every upgrade.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from meishi.database.engine import driver_url
from meishi.database.migration_failure import MigrationFailed, in_one_line, is_away
from meishi.database.roles import RoleNames, quoted
from meishi.errors import DatabaseUnavailable

REQUIRED_VERSION = 18
EXTENSIONS_SCHEMA = "meishi_extensions"
VERSION_TABLE = "alembic_version"

#: What the host creates for plugins; none of them reaches files, other servers or a shell.
EXTENSIONS = frozenset(
    {
        "btree_gin",
        "btree_gist",
        "citext",
        "fuzzystrmatch",
        "hstore",
        "intarray",
        "ltree",
        "pg_trgm",
        "pgcrypto",
        "tablefunc",
        "unaccent",
        "uuid-ossp",
        "vector",
    }
)

#: Logins above row security, or one step from it: who may create roles may join any of them.
_PRIVILEGED = """
    SELECT login.rolname FROM pg_roles login
    WHERE login.rolname = coalesce(:login, session_user) AND (
        login.rolsuper OR login.rolbypassrls OR login.rolcreaterole
        OR EXISTS (
            SELECT FROM pg_roles owner
            WHERE owner.rolname ~ '^meishi_.*_owner$'
                AND pg_has_role(login.oid, owner.oid, 'MEMBER')
        )
    )
"""


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
    refuse_privileged_login(connection, login)
    if (created or login == roles.runtime) and url.password is not None:
        _execute_literal(connection, f"ALTER ROLE {quoted(login)} PASSWORD", str(url.password))
    connection.execute(text(f"REVOKE ALL ON SCHEMA public FROM PUBLIC, {quoted(login)}"))
    return login


def refuse_privileged_login(connection: Connection, login: str | None = None) -> None:
    """Raise if row security would not hold for a login; by default, for the connection's own."""
    found = connection.execute(text(_PRIVILEGED), {"login": login}).scalar()
    if found is not None:
        raise DatabaseUnavailable(
            f"The login {found} of MEISHI_DATABASE_URL is a superuser or bypasses row security, "
            "or may come to do so: it may create roles, or become an owner of tables.",
            hint="Name a plain login there, and the privileged one in MEISHI_DATABASE_ADMIN_URL.",
        )


def ensure_plugin(
    connection: Connection, roles: RoleNames, plugin: str, login: str, extensions: Sequence[str]
) -> None:
    """Create a plugin's roles, db_schema and extensions, before its migrations run."""
    owner, run = roles.owner(plugin), roles.run(plugin)
    for role in (owner, run):
        _create_role(connection, role, "NOLOGIN")
    connection.execute(text(f"GRANT {quoted(owner)} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE"))
    connection.execute(text(f"GRANT {quoted(run)} TO {quoted(login)} WITH INHERIT FALSE, SET TRUE"))
    schema = quoted(plugin)
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema} AUTHORIZATION {quoted(owner)}"))
    for extension in extensions:
        _ensure_extension(connection, plugin, extension)


def _ensure_extension(connection: Connection, plugin: str, extension: str) -> None:
    """Create an extension that plugins may have."""
    if extension not in EXTENSIONS:
        raise MigrationFailed(
            f"{plugin}: the extension {extension!r} is not one that Meishi creates for plugins.",
            hint=f"These are: {', '.join(sorted(EXTENSIONS))}.",
        )
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {EXTENSIONS_SCHEMA}"))
    connection.execute(text(f"GRANT USAGE ON SCHEMA {EXTENSIONS_SCHEMA} TO PUBLIC"))
    create = f"CREATE EXTENSION IF NOT EXISTS {quoted(extension)} SCHEMA {EXTENSIONS_SCHEMA}"
    try:
        connection.execute(text(create))
    except DBAPIError as error:
        if is_away(error):
            raise
        raise MigrationFailed(f"{plugin}: {in_one_line(error)}") from error


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
