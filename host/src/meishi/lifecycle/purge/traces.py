"""Traces: what the host's own tables hold of a plugin, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from meishi.database.roles import RoleNames, quoted


@dataclass(frozen=True, slots=True)
class Trace:
    """Rows of a plugin, whose name is `:plugin`, in a db_schema of the host.

    `ending` is done to them before they are deleted.
    """

    what: str
    db_schema: str
    rows: str
    ending: str = ""


#: Whoever looks for an event that a subscription never got finds out why.
_DISCARD = """
    INSERT INTO meishi_events.decision
        (id, subscription, event_id, pos, type, workspace, key, action, reason, decided_by)
    SELECT uuidv7(), subscription, event_id, pos, type, workspace, key,
        'discard', 'its plugin was purged', :by
    FROM meishi_events.parked WHERE subscription IN (
        SELECT name FROM meishi_events.subscription WHERE plugin = :plugin)
"""

#: Members of the workspace see that nobody works on it any more.
_FAIL = """
    UPDATE meishi_operations.operation SET state = 'failed', version = version + 1,
        finished_at = clock_timestamp(), error_code = 'module-removed',
        error_title = 'Module removed', error_detail = 'What did this work is not there any more.'
    WHERE split_part(kind, '.', 1) = :plugin AND state IN ('waiting', 'running')
"""

#: Every process reads the switches anew, and who purged is remembered beside who switched.
_FORGET = """
    WITH next AS (UPDATE meishi_plugins.epoch SET number = number + 1)
    INSERT INTO meishi_plugins.change (at, plugin, said)
    VALUES (clock_timestamp(), :plugin, 'purged by ' || :by)
"""

#: In the order in which they go; what is a cursor, a run or a failure goes with its owner.
TRACES = (
    Trace(
        "parked events",
        "meishi_events",
        "meishi_events.parked WHERE subscription IN "
        "(SELECT name FROM meishi_events.subscription WHERE plugin = :plugin)",
        _DISCARD,
    ),
    Trace(
        "subscriptions",
        "meishi_events",
        "meishi_events.subscription WHERE plugin = :plugin",
    ),
    Trace(
        "jobs",
        "meishi_jobs",
        "meishi_jobs.procrastinate_jobs WHERE split_part(task_name, '.', 1) = :plugin",
    ),
    Trace(
        "schedules",
        "meishi_jobs",
        "meishi_jobs.schedule WHERE split_part(job, '.', 1) = :plugin",
    ),
    Trace(
        "job counts",
        "meishi_jobs",
        "meishi_jobs.outcome WHERE split_part(job, '.', 1) = :plugin",
    ),
    Trace(
        "settings of workspaces",
        "meishi_settings",
        "meishi_settings.workspace_settings WHERE plugin = :plugin",
    ),
    Trace(
        "settings of users",
        "meishi_settings",
        "meishi_settings.user_settings WHERE plugin = :plugin",
    ),
    Trace(
        "switches of workspaces",
        "meishi_plugins",
        "meishi_plugins.workspace_switch WHERE plugin = :plugin",
        _FORGET,
    ),
)

#: Stays while the package is there: what was switched off must not come back by itself.
SWITCH = Trace(
    "switch", "meishi_plugins", "meishi_plugins.deployment_switch WHERE plugin = :plugin"
)

#: Goes last: as long as it is there, the plugin can be purged once more.
ROW = Trace("installation", "meishi", "meishi.plugin WHERE name = :plugin")


def count(connection: Connection, roles: RoleNames, trace: Trace, plugin: str) -> int:
    """Return how many rows there are of a plugin, in all workspaces."""
    become_owner(connection, roles, trace.db_schema)
    found = connection.execute(
        text(f"SELECT count(*) FROM {trace.rows}"),  # noqa: S608 (constant)
        {"plugin": plugin},
    )
    return int(found.scalar_one())


def delete(connection: Connection, roles: RoleNames, trace: Trace, plugin: str, by: str) -> None:
    """Delete the rows of a plugin, in all workspaces; `by` is who wants that."""
    become_owner(connection, roles, trace.db_schema)
    if trace.ending:
        connection.execute(text(trace.ending), {"plugin": plugin, "by": by})
    connection.execute(text(f"DELETE FROM {trace.rows}"), {"plugin": plugin})  # noqa: S608


def fail_operations(connection: Connection, roles: RoleNames, plugin: str) -> None:
    """End the operations of a plugin that wait or run, as nobody will go on with them."""
    become_owner(connection, roles, "meishi_operations")
    connection.execute(text(_FAIL), {"plugin": plugin})


def become_owner(connection: Connection, roles: RoleNames, db_schema: str) -> None:
    """Act as the owner of a db_schema until the transaction ends; row security does not hold it."""
    connection.execute(text(f"SET LOCAL ROLE {quoted(roles.owner(db_schema))}"))
