"""Bringing the database to what the loaded plugins need, and remembering what was installed."""

from __future__ import annotations

from collections.abc import Iterable

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
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
from meishi.lifecycle.manifest import as_document
from meishi.lifecycle.states import FAULTS, PluginState
from meishi.settings import Settings

#: The plugin that stands for the host's own tables.
HOST_PART = "meishi"


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
    try:
        for contribution, subject in subjects:
            if failures and plugins.statuses[contribution.plugin].state in FAULTS:
                continue
            try:
                done[contribution.plugin] = migrations.upgrade(subject, reach)
            except NewerDatabase:
                # What newer code has remembered stays.
                done[contribution.plugin] = []
            except MigrationFailed as failure:
                failures.append(failure)
                plugins.mark(contribution.plugin, PluginState.BROKEN, failure.message)
            else:
                _remember(settings, location, contribution)
        if names is None:
            _remember_without_tables(settings, location, plugins)
    finally:
        migrations.close()
    if failures:
        raise failures[0]
    return done


def _remember_without_tables(settings: Settings, location: Location, plugins: PluginSet) -> None:
    for contribution in plugins.active():
        if contribution.versions is None:
            _remember(settings, location, contribution)


_REMEMBER = """
INSERT INTO meishi.plugin (name, version, manifest) VALUES (%(name)s, %(version)s, %(manifest)s)
ON CONFLICT (name) DO UPDATE
SET version = excluded.version, manifest = excluded.manifest, upgraded_at = now()
WHERE plugin.manifest IS DISTINCT FROM excluded.manifest
"""


def _remember(settings: Settings, location: Location, contribution: Contribution) -> None:
    """Write down what was installed, as the role that owns the host's tables."""
    owner = RoleNames(settings.deployment).owner(HOST_PART)
    values = {
        "name": contribution.plugin,
        "version": str(contribution.manifest.version),
        "manifest": Jsonb(as_document(contribution.manifest)),
    }
    plain = make_url(driver_url(location.administrator_url())).set(drivername="postgresql")
    target = plain.render_as_string(hide_password=False)
    with psycopg.connect(target, connect_timeout=5) as connection:
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(owner)))
        connection.execute(_REMEMBER, values)


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
