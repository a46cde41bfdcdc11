"""Bringing the database to what the loaded plugins need, and remembering what was installed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from meishi.database.engine import driver_url
from meishi.database.location import DATABASE_NAME, Location
from meishi.database.migrations import (
    MigratedPlugin,
    MigrationFailed,
    MigrationRunner,
    NewerDatabase,
)
from meishi.database.roles import RoleNames
from meishi.database.standing import Reach
from meishi.errors import OperatorError
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.states import FAULTS, PluginState
from meishi.lifecycle.steps import HOST_PART, REMEMBER, has_step, memory_of, take_step
from meishi.lifecycle.turns import TurnFailed
from meishi.settings import Settings

if TYPE_CHECKING:
    from meishi.host import Host


def migrated(contribution: Contribution) -> MigratedPlugin | None:
    """Return what the migration runner needs to know of a plugin; None if it has no tables."""
    if contribution.versions is None:
        return None
    return MigratedPlugin(
        name=contribution.plugin,
        versions=contribution.versions,
        metadata=contribution.schemas.db,
        extensions=contribution.manifest.extensions,
    )


def with_migrations(
    plugins: PluginSet, names: Iterable[str] | None = None
) -> list[tuple[Contribution, MigratedPlugin]]:
    """Return the plugins that have migrations, in order; raise for a name that has none.

    The host's own tables come first: they remember the others.
    """
    found = {}
    for contribution in plugins.contributions.values():
        subject = migrated(contribution)
        if subject is not None:
            found[contribution.plugin] = (contribution, subject)
    wanted = found.keys() if names is None else set(names)
    for name in sorted(wanted - found.keys()):
        raise OperatorError(
            f"No loaded plugin {name!r} has migrations.",
            hint="`meishi plugins` lists them with their states.",
        )
    chosen = [found[name] for name in found if name in wanted]
    return sorted(chosen, key=lambda item: item[0].plugin != HOST_PART)


def runner(settings: Settings, location: Location) -> MigrationRunner:
    """Return the runner for a deployment's database, which is created if it is our own."""
    if location.server is not None:
        _create_database(location.server.admin_url)
    return MigrationRunner(
        location.administrator_url(), location.runtime_url, RoleNames(settings.deployment)
    )


def upgrade_all(
    settings: Settings,
    location: Location,
    plugins: PluginSet,
    names: Iterable[str] | None = None,
    *,
    reach: Reach = Reach.ALL,
) -> dict[str, list[str]]:
    """Apply pending revisions, plugin by plugin; return what was applied to each.

    The host's own tables always go along: they remember what was installed. A plugin that
    fails is marked broken and costs only those that need it their turn; at the end, the first
    failure is raised.
    """
    subjects = with_migrations(plugins, None if names is None else {HOST_PART, *names})
    migrations = runner(settings, location)
    done: dict[str, list[str]] = {}
    failures: list[MigrationFailed] = []
    steps = _Steps(settings, location, plugins)
    try:
        for contribution, subject in subjects:
            if failures and plugins.statuses[contribution.plugin].state in FAULTS:
                continue
            try:
                done[contribution.plugin] = migrations.upgrade(subject, reach)
                steps.take(contribution)
            except NewerDatabase:
                # What newer code has remembered stays.
                done[contribution.plugin] = []
            except MigrationFailed as failure:
                failures.append(failure)
                plugins.mark(contribution.plugin, PluginState.BROKEN, failure.message)
        if names is None:
            remember_without_tables(settings, location, plugins)
    finally:
        steps.close()
        migrations.close()
    if failures:
        raise failures[0]
    return done


def remember_without_tables(
    settings: Settings,
    location: Location,
    plugins: PluginSet,
    names: Collection[str] | None = None,
) -> None:
    """Write down which plugins are installed that have no tables, of all or of some."""
    for contribution in plugins.active():
        if contribution.versions is None and (names is None or contribution.plugin in names):
            _remember(settings, location, contribution)


class _Steps:
    """Has plugins take their steps, in a host that is made for the first one that does anything."""

    def __init__(self, settings: Settings, location: Location, plugins: PluginSet) -> None:
        self._settings = settings
        self._location = location
        self._plugins = plugins
        self._host: Host | None = None

    def take(self, contribution: Contribution) -> None:
        """Remember a plugin, and have it do what it does then; raise `MigrationFailed` if not."""
        if not has_step(contribution):
            _remember(self._settings, self._location, contribution)
            return
        try:
            take_step(self._wired(), contribution)
        except TurnFailed as failure:
            hint = "Its revisions are applied; `meishi db upgrade` calls it again."
            raise MigrationFailed(failure.message, hint=hint) from failure

    def close(self) -> None:
        """Give all connections back."""
        if self._host is not None:
            self._host.close()

    def _wired(self) -> Host:
        from meishi.host import Host

        if self._host is None:
            self._host = Host(self._settings, self._plugins, self._location.runtime_url)
            self._host.wire()
        return self._host


def _remember(settings: Settings, location: Location, contribution: Contribution) -> None:
    """Write down what was installed, as the role that owns the host's tables."""
    owner = RoleNames(settings.deployment).owner(HOST_PART)
    plain = make_url(driver_url(location.administrator_url())).set(drivername="postgresql")
    target = plain.render_as_string(hide_password=False)
    with psycopg.connect(target, connect_timeout=5) as connection:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
        connection.execute(REMEMBER, memory_of(contribution))


def _create_database(admin_url: str) -> None:
    """Create our database in the embedded server; another process may be doing the same."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE_NAME,)
        ).fetchone()
        if found:
            return
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE_NAME)))
        except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
            return
