"""Running migrations: one plugin, one transaction, as its owner role, under a lock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, MetaData, create_engine, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError, OperationalError

from meishi.database.column_types import TransactionId
from meishi.database.engine import driver_url
from meishi.database.provision import (
    VERSION_TABLE,
    ensure_plugin,
    ensure_runtime_login,
    reconcile,
    require_version,
)
from meishi.database.roles import RoleNames, quoted
from meishi.errors import DatabaseUnavailable, OperatorError

#: Key of the advisory lock that lets one process at a time change the database's shape.
MIGRATION_LOCK = 0x6D656973


class MigrationFailed(OperatorError):
    """A revision raised; its plugin's db_schema is as it was before."""

    exit_code = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class MigratedPlugin:
    """What the runner needs to know of a plugin."""

    name: str
    versions: Path
    metadata: MetaData | None
    extensions: tuple[str, ...] = ()


class MigrationRunner:
    """Brings the db_schemas of plugins up and down; needs the administrator's connection."""

    def __init__(self, admin_url: str, runtime_url: str, roles: RoleNames) -> None:
        self._engine: Engine = create_engine(
            driver_url(admin_url), connect_args={"connect_timeout": 5}
        )
        dialect = self._engine.dialect
        assert isinstance(dialect, PGDialect)
        dialect.ischema_names = {**dialect.ischema_names, "xid8": TransactionId}
        self._runtime_url = runtime_url
        self._roles = roles

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def upgrade(self, plugin: MigratedPlugin, to: str = "head") -> list[str]:
        """Apply what is pending and reconcile; return the applied revisions."""
        with self._transaction(plugin, prepare=True) as connection:
            done = self._run(connection, plugin, lambda script, at: script._upgrade_revs(to, at))
            connection.execute(text("RESET ROLE"))
            reconcile(connection, self._roles, plugin.name)
        return done

    def downgrade(self, plugin: MigratedPlugin, to: str = "base") -> list[str]:
        """Take revisions back down to `to`; return them."""
        with self._transaction(plugin, prepare=False) as connection:
            return self._run(connection, plugin, lambda script, at: script._downgrade_revs(to, at))

    def differences(self, plugin: MigratedPlugin) -> list[str]:
        """Compare a plugin's models with its tables; return one line per difference."""
        with self._transaction(plugin, prepare=False) as connection:
            migration = MigrationContext.configure(
                connection,
                opts={
                    "version_table": VERSION_TABLE,
                    "version_table_schema": plugin.name,
                    "include_schemas": True,
                    "include_name": lambda name, kind, _: kind != "schema" or name == plugin.name,
                    "include_object": _no_partitions(connection, plugin.name),
                    "compare_type": True,
                },
            )
            metadata = plugin.metadata or MetaData(schema=plugin.name)
            return [str(item) for item in compare_metadata(migration, metadata)]

    def new_revision(self, plugin: MigratedPlugin, message: str) -> Path:
        """Write a revision file from the difference between models and tables."""
        from alembic import command

        with self._transaction(plugin, prepare=False) as connection:
            config = self._config(connection, plugin)
            written = command.revision(
                config,
                message=message,
                autogenerate=True,
                rev_id=_next_identifier(config, plugin.name),
                version_path=str(plugin.versions),
            )
        if written is None or isinstance(written, list):
            raise OperatorError(f"No single revision was written for {plugin.name}.")
        return Path(written.path)

    @contextmanager
    def _transaction(self, plugin: MigratedPlugin, *, prepare: bool) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                require_version(connection)
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK}
                )
                if prepare:
                    login = ensure_runtime_login(connection, self._roles, self._runtime_url)
                    ensure_plugin(connection, self._roles, plugin.name, login, plugin.extensions)
                connection.execute(text(f"SET LOCAL ROLE {quoted(self._roles.owner(plugin.name))}"))
                yield connection
        except OperationalError as error:
            if not _is_away(error):
                raise MigrationFailed(f"{plugin.name}: {_in_one_line(error)}") from error
            raise DatabaseUnavailable(
                f"The database cannot be reached: {str(error.orig).strip()}",
                hint="Check MEISHI_DATABASE_ADMIN_URL.",
            ) from error

    def _config(self, connection: Connection, plugin: MigratedPlugin) -> Config:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
        config.set_main_option("version_locations", str(plugin.versions))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(
            connection=connection,
            db_schema=plugin.name,
            metadata=plugin.metadata or MetaData(schema=plugin.name),
            include_object=_no_partitions(connection, plugin.name),
        )
        return config

    def _run(
        self,
        connection: Connection,
        plugin: MigratedPlugin,
        steps: Callable[[ScriptDirectory, Any], list[Any]],
    ) -> list[str]:
        config = self._config(connection, plugin)
        script = ScriptDirectory.from_config(config)
        started: list[str] = []

        def plan(current: Any, _context: MigrationContext) -> Iterator[Any]:
            for step in steps(script, current):
                started.append(step.revision.revision)
                yield step

        try:
            with EnvironmentContext(config, script, fn=plan):
                script.run_env()
        except CommandError as error:
            raise MigrationFailed(f"{plugin.name}: {error}") from error
        except Exception as error:
            if _is_away(error):
                raise
            raise MigrationFailed(
                f"{plugin.name}: revision {started[-1] if started else '?'} failed: "
                f"{_in_one_line(error)}",
                hint="Nothing of it was kept.",
            ) from error
        return started


def _no_partitions(connection: Connection, db_schema: str) -> Callable[..., bool]:
    """Return Alembic's filter that leaves partitions out: their parent stands for them."""
    query = """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = :schema AND c.relispartition AND c.relkind = 'r'
    """
    partitions = set(connection.execute(text(query), {"schema": db_schema}).scalars())

    def include(_item: object, name: str | None, kind: str, *_: object) -> bool:
        return not (kind == "table" and (name in partitions or name == VERSION_TABLE))

    return include


def _next_identifier(config: Config, plugin: str) -> str:
    """Return the identifier after the last: `<plugin>_0002`."""
    script = ScriptDirectory.from_config(config)
    return f"{plugin}_{len(list(script.walk_revisions())) + 1:04d}"


def _is_away(error: Exception) -> bool:
    """Whether the connection failed, rather than a statement on it."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def _in_one_line(error: Exception) -> str:
    if isinstance(error, DBAPIError):
        statement = " ".join((error.statement or "").split())
        return f"{str(error.orig).strip().splitlines()[0]} [in: {statement[:300]}]"
    return f"{type(error).__name__}: {error}"
