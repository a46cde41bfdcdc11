"""Obstacles: why a plugin must not be purged now."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from meishi.database.roles import RoleNames
from meishi.errors import OperatorError
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.orphans import is_missed
from meishi.lifecycle.purge.impact import Impact
from meishi.lifecycle.purge.traces import become_owner
from meishi.lifecycle.states import PluginState
from meishi.settings import Settings

#: Workers of another configuration, or of one that was read before it was changed.
_DELIVERING = """
    SELECT EXISTS (
        SELECT FROM meishi_events.cursor c JOIN meishi_events.subscription s
            ON s.name = c.subscription
        WHERE s.plugin = :plugin AND c.owner IS NOT NULL AND c.lease_until > clock_timestamp())
"""

_SWITCHED_OFF = """
    SELECT EXISTS (
        SELECT FROM meishi_plugins.deployment_switch WHERE plugin = :plugin AND NOT enabled)
"""

_WORKING = """
    SELECT EXISTS (
        SELECT FROM meishi_jobs.procrastinate_jobs j
        JOIN meishi_jobs.procrastinate_workers w ON w.id = j.worker_id
        WHERE split_part(j.task_name, '.', 1) = :plugin AND j.status = 'doing'
            AND w.last_heartbeat > clock_timestamp() - interval '15 s')
"""


def obstacles(
    connection: Connection,
    roles: RoleNames,
    impact: Impact,
    *,
    settings: Settings,
    plugins: PluginSet,
    cascade: bool,
) -> Iterator[OperatorError]:
    """Yield what is in the way of a purge, the gravest first."""
    name = impact.plugin
    status = plugins.statuses.get(name)
    if status is not None and status.built_in:
        yield OperatorError(f"{name} is a part of the host, and cannot be purged.")
        return
    if impact.nothing:
        yield nothing_of(name)
        return
    if runs_here(connection, roles, name, settings=settings, plugins=plugins):
        yield OperatorError(
            f"{name} is enabled in this deployment.",
            hint=f"`meishi plugins disable {name}` switches it off; so does a restart without "
            "it in the setting `plugins`.",
        )
    if _is_at_work(connection, roles, name):
        yield OperatorError(
            f"A worker is still at work for {name}.",
            hint="Restart web and worker processes; after 30 s nobody is.",
        )
    if impact.dependents and not cascade:
        yield OperatorError(
            f"{name} is needed by {', '.join(impact.dependents)}, which would be left without it.",
            hint="Purge them first, or purge all with --cascade.",
        )


def nothing_of(name: str) -> OperatorError:
    """Return the error that there is nothing to purge under a name."""
    return OperatorError(
        f"Nothing of {name!r} is in the database.",
        hint="`meishi plugins` lists what is; a purge that was killed may be complete.",
    )


def runs_here(
    connection: Connection,
    roles: RoleNames,
    name: str,
    *,
    settings: Settings,
    plugins: PluginSet,
) -> bool:
    """Return whether the deployment runs a plugin, or would as soon as it is in order."""
    status = plugins.statuses.get(name)
    if status is None or status.state is PluginState.ORPHANED or is_missed(status):
        return False
    if name not in settings.plugins:
        return False
    become_owner(connection, roles, "meishi_plugins")
    off = connection.execute(text(_SWITCHED_OFF), {"plugin": name}).scalar_one()
    connection.execute(text("RESET ROLE"))
    return not off


def _is_at_work(connection: Connection, roles: RoleNames, name: str) -> bool:
    for db_schema, query in (("meishi_events", _DELIVERING), ("meishi_jobs", _WORKING)):
        become_owner(connection, roles, db_schema)
        found = connection.execute(text(query), {"plugin": name}).scalar_one()
        connection.execute(text("RESET ROLE"))
        if found:
            return True
    return False
