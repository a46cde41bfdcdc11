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
from psycopg import errors
from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.exc import DBAPIError

from meishi.database.column_types import Snapshot, TransactionId
from meishi.database.engine import driver_url
from meishi.database.foreign_tables import foreign_tables
from meishi.database.migration_failure import (
    MigrationFailed,
    in_one_line,
    is_away,
    what_to_do,
)
from meishi.database.provision import (
    VERSION_TABLE,
    ensure_plugin,
    ensure_runtime_login,
    require_version,
)
from meishi.database.reconciliation import reconcile
from meishi.database.revisions import RevisionError, RevisionFile, read_revisions
from meishi.database.roles import RoleNames, quoted
from meishi.database.shape_lock import lock_shape
from meishi.database.standing import Reach, remember_what_runs, standing, stored_in
from meishi.database.surroundings import surroundings
from meishi.database.transaction_control import (
    TransactionLeft,
    refuse_autocommit,
    refuse_control,
)
from meishi.errors import DatabaseUnavailable, OperatorError

__all__ = ["MigratedPlugin", "MigrationFailed", "MigrationRunner"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MigratedPlugin:
    """What the runner needs to know of a plugin."""

    name: str
    versions: Path
    metadata: MetaData | None
    extensions: tuple[str, ...] = ()


class DbSchemaLeft(RuntimeError):
    """A revision made or dropped something outside of its db_schema, or a key that crosses it."""


class NewerDatabase(Exception):
    """Newer code has upgraded the tables already, and left all that this code needs."""


_WHO_AND_WHERE = "SELECT current_user, session_user, pg_current_xact_id()::text"


class MigrationRunner:
    """Brings the db_schemas of plugins up and down; needs the administrator's connection."""

    def __init__(
        self, admin_url: str, runtime_url: str, roles: RoleNames, *, lock_seconds: float = 30
    ) -> None:
        self._engine: Engine = create_engine(
            driver_url(admin_url), connect_args={"connect_timeout": 5}, hide_parameters=True
        )
        event.listen(self._engine, "before_cursor_execute", refuse_control)
        self._lock_seconds = lock_seconds
        dialect = self._engine.dialect
        assert isinstance(dialect, PGDialect)
        dialect.ischema_names = {
            **dialect.ischema_names,
            "pg_snapshot": Snapshot,
            "xid8": TransactionId,
        }
        self._runtime_url = runtime_url
        self._roles = roles

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()

    def upgrade(self, plugin: MigratedPlugin, reach: Reach = Reach.ALL) -> list[str]:
        """Apply what is pending and reconcile; return the applied revisions.

        Tables that are ahead of this code are left alone: it raises `NewerDatabase`.
        """
        line = _line(plugin)
        with self._transaction(plugin, prepare=True) as connection:
            _make_version_table(connection, plugin.name)
            try:
                found = standing(line, stored_in(connection, plugin.name))
            except RevisionError as error:
                raise MigrationFailed(f"{plugin.name}: {error}") from error
            if found.ahead:
                raise NewerDatabase(plugin.name)
            chosen = {item.revision for item in found.within(reach)}
            done = self._run(
                connection,
                plugin,
                lambda script, at: [
                    step
                    for step in script._upgrade_revs("head", at)
                    if step.revision.revision in chosen
                ],
            )
            remember_what_runs(connection, plugin.name, line)
            reconcile(connection, self._roles, plugin.name)
        return done

    def downgrade(self, plugin: MigratedPlugin, to: str = "base") -> list[str]:
        """Take revisions back down to `to`; return them."""
        with self._transaction(plugin, prepare=False) as connection:
            done = self._run(connection, plugin, lambda script, at: script._downgrade_revs(to, at))
            remember_what_runs(connection, plugin.name, _line(plugin))
            reconcile(connection, self._roles, plugin.name)
        return done

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
                    "include_object": _described(connection, plugin),
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
                lock_shape(connection, self._lock_seconds)
                if prepare:
                    login = ensure_runtime_login(connection, self._roles, self._runtime_url)
                    ensure_plugin(connection, self._roles, plugin.name, login, plugin.extensions)
                connection.execute(text(f"SET LOCAL ROLE {quoted(self._roles.owner(plugin.name))}"))
                yield connection
        except DBAPIError as error:
            if is_away(error):
                raise DatabaseUnavailable(
                    f"The database cannot be reached: {str(error.orig).strip()}",
                    hint="Check MEISHI_DATABASE_ADMIN_URL.",
                ) from error
            if isinstance(error.orig, errors.InsufficientPrivilege):
                raise DatabaseUnavailable(
                    f"The database cannot be set up: {in_one_line(error)}",
                    hint="Who sets it up must own the database and have CREATEROLE.",
                ) from error
            raise MigrationFailed(f"{plugin.name}: {in_one_line(error)}") from error

    def _config(self, connection: Connection, plugin: MigratedPlugin) -> Config:
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
        config.set_main_option("version_locations", str(plugin.versions))
        config.set_main_option("path_separator", "newline")
        config.attributes.update(
            connection=connection,
            db_schema=plugin.name,
            metadata=plugin.metadata or MetaData(schema=plugin.name),
            include_object=_described(connection, plugin),
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

        def plan(current: Any, context: MigrationContext) -> Iterator[Any]:
            vars(context).update(autocommit_block=refuse_autocommit)
            before = connection.execute(text(_WHO_AND_WHERE)).one()
            around = surroundings(connection, plugin.name)
            for step in steps(script, current):
                started.append(step.revision.revision)
                yield step
                if connection.execute(text(_WHO_AND_WHERE)).one() != before:
                    raise TransactionLeft("it left the host's transaction, or its owner role")
                after = surroundings(connection, plugin.name)
                for what, names in (("made", after - around), ("dropped", around - after)):
                    if names:
                        told = ", ".join(sorted(names))
                        raise DbSchemaLeft(f"outside of its db_schema it {what} {told}")

        try:
            with EnvironmentContext(config, script, fn=plan):
                script.run_env()
        except CommandError as error:
            raise MigrationFailed(f"{plugin.name}: {error}") from error
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt) or is_away(error):
                raise
            raise MigrationFailed(
                f"{plugin.name}: revision {started[-1] if started else '?'} failed: "
                f"{in_one_line(error)}",
                hint=what_to_do(error, plugin.name),
            ) from error
        return started


def _line(plugin: MigratedPlugin) -> list[RevisionFile]:
    """Return a plugin's revisions, first to last."""
    try:
        return read_revisions(plugin.versions)
    except RevisionError as error:
        raise MigrationFailed(f"{plugin.name}: {error}") from error


def _described(connection: Connection, plugin: MigratedPlugin) -> Callable[..., bool]:
    """Return Alembic's filter of what models describe.

    For partitions their parent stands, for a library's tables the library.
    """
    query = """
        SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = :schema AND c.relispartition AND c.relkind = 'r'
    """
    partitions = set(connection.execute(text(query), {"schema": plugin.name}).scalars())
    apart = {*partitions, *foreign_tables(plugin.metadata), VERSION_TABLE}

    def include(item: Any, name: str | None, kind: str, *_: object) -> bool:
        if kind == "foreign_key_constraint":
            return item.referred_table.name not in apart
        return not (kind == "table" and name in apart)

    return include


def _make_version_table(connection: Connection, plugin: str) -> None:
    """Make the list of applied revisions: Alembic's own holds 32 characters of each identifier."""
    table = f"{quoted(plugin)}.{VERSION_TABLE}"
    primary_key = f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY"
    connection.execute(
        text(f"CREATE TABLE IF NOT EXISTS {table} (version_num varchar(64) {primary_key})")
    )


def _next_identifier(config: Config, plugin: str) -> str:
    """Return the identifier after the last: `<plugin>_0002`."""
    script = ScriptDirectory.from_config(config)
    return f"{plugin}_{len(list(script.walk_revisions())) + 1:04d}"
