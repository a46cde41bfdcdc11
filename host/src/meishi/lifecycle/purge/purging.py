"""The purge itself: one transaction per plugin, under the lock of all changes of structure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from psycopg import errors
from sqlalchemy import Connection, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from meishi.admitted_plugins import dismiss
from meishi.database.engine import driver_url
from meishi.database.location import Location
from meishi.database.migration_failure import in_one_line, is_away
from meishi.database.roles import RoleNames, quoted
from meishi.database.shape_lock import lock_shape
from meishi.errors import DatabaseUnavailable, OperatorError
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.manifest import Manifest
from meishi.lifecycle.orphans import is_missed, needed_by
from meishi.lifecycle.purge.dump import Programs, dump_schema, ready_to_dump
from meishi.lifecycle.purge.impact import Impact, has_db_schema, impact_of
from meishi.lifecycle.purge.obstacles import obstacles
from meishi.lifecycle.purge.traces import ROW, SWITCH, TRACES, become_owner, delete, fail_operations
from meishi.lifecycle.states import PluginState
from meishi.settings import Settings

#: Seconds that a purge waits for others that change the database, or use the plugin's tables.
PATIENCE = 30.0

_STORED = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind = 'r' ORDER BY c.relname
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purged:
    """What went. `dump` is where the copy stands; `kept_roles` are needed by another database."""

    impact: Impact
    dump: Path | None
    kept_roles: Sequence[str]


def nobody_to_tell(_plugin: str) -> None:
    """Return at once: nobody has to know of a purge before it happens."""


class Purge:
    """Purges plugins of one deployment; `by` is who wants that, as it is written down.

    `before` is called with a plugin's name when nothing is in the way and nothing is gone yet;
    what it raises stops the purge.
    """

    def __init__(
        self,
        settings: Settings,
        location: Location,
        plugins: PluginSet,
        known: dict[str, Manifest | None],
        *,
        by: str,
        before: Callable[[str], None] = nobody_to_tell,
    ) -> None:
        self._settings = settings
        self._admin_url = location.administrator_url()
        self._plugins = plugins
        self._known = known
        self._roles = RoleNames(settings.deployment)
        self._by = by
        self._before = before

    def order(self, name: str, *, cascade: bool) -> list[str]:
        """Return what goes with a plugin, in the order in which it goes."""
        return [*(needed_by(name, self._known) if cascade else ()), name]

    def impact(self, name: str) -> Impact:
        """Return what a purge of one plugin deletes."""
        with self._connection() as connection:
            return self._impact(connection, name)

    def obstacles(self, name: str, *, cascade: bool) -> list[OperatorError]:
        """Return what is in the way of a purge, of all that would go with it."""
        found: list[OperatorError] = []
        with self._connection() as connection:
            for each in self.order(name, cascade=cascade):
                found += self._obstacles(connection, self._impact(connection, each), cascade)
        return found

    def run(self, name: str, *, cascade: bool, dump: bool) -> Iterator[Purged]:
        """Purge a plugin, after what needs it, and yield what went, each when it is gone for good.

        A purge that is killed has taken each plugin wholly or not at all; the next one goes on.
        """
        for obstacle in self.obstacles(name, cascade=cascade):
            raise obstacle
        for each in self.order(name, cascade=cascade):
            purged = self._purge(each, cascade=cascade, dump=dump)
            dismiss(self._settings.home, [each])
            self._known.pop(each, None)
            yield purged

    def _purge(self, name: str, *, cascade: bool, dump: bool) -> Purged:
        with self._connection() as connection:
            lock_shape(connection, PATIENCE)
            connection.execute(text(f"SET LOCAL lock_timeout = {int(PATIENCE * 1000)}"))
            impact = self._impact(connection, name)
            for obstacle in self._obstacles(connection, impact, cascade):
                raise obstacle
            stands = has_db_schema(connection, self._roles, name)
            # A copy that cannot be made is no reason to have given back what lies outside.
            programs = self._programs(connection, name) if stands and dump else None
            self._before(name)
            file = None
            if stands:
                stored = self._keep_writers_out(connection, name)
                file = None if programs is None else self._dump(programs, name, stored)
                self._drop_db_schema(connection, name)
            for trace in TRACES:
                delete(connection, self._roles, trace, name, self._by)
            fail_operations(connection, self._roles, name)
            if not impact.installed:
                delete(connection, self._roles, SWITCH, name, self._by)
            delete(connection, self._roles, ROW, name, self._by)
            connection.execute(text("RESET ROLE"))
            kept = self._drop_roles(connection, impact.roles)
        return Purged(impact=impact, dump=file, kept_roles=kept)

    def _impact(self, connection: Connection, name: str) -> Impact:
        status = self._plugins.statuses.get(name)
        gone = status is None or status.state is PluginState.ORPHANED or is_missed(status)
        return impact_of(connection, self._roles, name, installed=not gone, known=self._known)

    def _obstacles(
        self, connection: Connection, impact: Impact, cascade: bool
    ) -> Iterator[OperatorError]:
        return obstacles(
            connection,
            self._roles,
            impact,
            settings=self._settings,
            plugins=self._plugins,
            cascade=cascade,
        )

    def _keep_writers_out(self, connection: Connection, name: str) -> list[str]:
        """Let nobody change the tables any more, so that the copy is the last word; name them."""
        stored = connection.execute(text(_STORED), {"schema": name}).scalars().all()
        if stored:
            become_owner(connection, self._roles, name)
            tables = ", ".join(f"{quoted(name)}.{quoted(table)}" for table in stored)
            connection.execute(text(f"LOCK TABLE {tables} IN SHARE MODE"))
            connection.execute(text("RESET ROLE"))
        return list(stored)

    def _programs(self, connection: Connection, name: str) -> Programs:
        driver = connection.connection.driver_connection
        assert driver is not None
        server = driver.info.server_version // 10000
        return ready_to_dump(server, name, self._settings.home)

    def _dump(self, programs: Programs, name: str, stored: Sequence[str]) -> Path:
        return dump_schema(
            programs,
            self._admin_url,
            db_schema=name,
            owner=self._roles.owner(name),
            home=self._settings.home,
            tables=stored,
        )

    def _drop_db_schema(self, connection: Connection, name: str) -> None:
        become_owner(connection, self._roles, name)
        connection.execute(text(f"DROP SCHEMA {quoted(name)} CASCADE"))
        connection.execute(text(f"DROP OWNED BY {quoted(self._roles.owner(name))}"))
        connection.execute(text("RESET ROLE"))

    def _drop_roles(self, connection: Connection, roles: Sequence[str]) -> Sequence[str]:
        """Drop roles, and return them if the server keeps them, as another database needs them."""
        if not roles:
            return ()
        names = ", ".join(quoted(role) for role in roles)
        try:
            with connection.begin_nested():
                connection.execute(text(f"DROP ROLE {names}"))
        except DBAPIError as error:
            if not isinstance(error.orig, errors.DependentObjectsStillExist):
                raise
            return roles
        return ()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        """Lend one transaction of the administrator; what the database refuses is told."""
        engine = create_engine(
            driver_url(self._admin_url), poolclass=NullPool, connect_args={"connect_timeout": 5}
        )
        try:
            with engine.begin() as connection:
                # The copy may take its time.
                connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
                yield connection
        except DBAPIError as error:
            raise _told(error) from error


def _told(error: DBAPIError) -> OperatorError:
    if is_away(error):
        return DatabaseUnavailable(
            f"The database cannot be reached: {str(error.orig).strip()}",
            hint="Check MEISHI_DATABASE_ADMIN_URL.",
        )
    if isinstance(error.orig, errors.LockNotAvailable):
        return OperatorError(
            "Others use the plugin's tables. Nothing was purged.",
            hint="Restart web and worker processes, and try again.",
        )
    return OperatorError(
        f"The database refused: {in_one_line(error)}",
        hint="Nothing of this plugin was purged. Who purges must be who ran `meishi db upgrade`.",
    )
