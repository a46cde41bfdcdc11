"""Statements about switches."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork
from meishi.switches.state import Switches, WorkspaceDefault

_EPOCH = "SELECT number FROM meishi_plugins.epoch"
#: Who has changed the epoch changes switches alone, until the transaction ends.
_NEXT = "UPDATE meishi_plugins.epoch SET number = number + 1 RETURNING number"
_DEPLOYMENT = "SELECT plugin, enabled, workspaces FROM meishi_plugins.deployment_switch"
_CHOICES = "SELECT workspace, plugin, enabled FROM meishi_plugins.workspace_switch"
_SET = """
    INSERT INTO meishi_plugins.deployment_switch (plugin, enabled, workspaces)
    VALUES (%(plugin)s, %(enabled)s, %(workspaces)s)
    ON CONFLICT (plugin) DO UPDATE SET enabled = excluded.enabled, workspaces = excluded.workspaces
"""
_CHOOSE = """
    INSERT INTO meishi_plugins.workspace_switch (workspace, plugin, enabled)
    VALUES (%(workspace)s, %(plugin)s, %(enabled)s)
    ON CONFLICT (workspace, plugin) DO UPDATE SET enabled = excluded.enabled
"""
_NOTE = """
    INSERT INTO meishi_plugins.change (at, plugin, workspace, said, actor)
    VALUES (%(at)s, %(plugin)s, %(workspace)s, %(said)s, %(actor)s)
"""


_CHANGES = """
    SELECT at, said, workspace, actor FROM meishi_plugins.change
    WHERE plugin = %(plugin)s ORDER BY id DESC LIMIT %(most)s
"""


def read(work: UnitOfWork, known: int) -> Switches | None:
    """Return the state of all switches, None if it is the known one still."""
    ((number,),) = work.execute(_EPOCH)
    return None if number == known else _read(work, number)


def locked(work: UnitOfWork) -> Switches:
    """Return the state as it is, which nobody else can change until the transaction ends."""
    ((number,),) = work.execute(_NEXT)
    return _read(work, number)


def _read(work: UnitOfWork, number: int) -> Switches:
    rows = work.execute(_DEPLOYMENT)
    chosen: dict[UUID, dict[str, bool]] = {}
    for workspace, plugin, enabled in work.execute(_CHOICES):
        chosen.setdefault(workspace, {})[plugin] = enabled
    return Switches(
        epoch=number,
        off=frozenset(plugin for plugin, enabled, _ in rows if not enabled),
        defaults={
            plugin: WorkspaceDefault(default)
            for plugin, _, default in rows
            if default != WorkspaceDefault.ON
        },
        chosen=chosen,
    )


def set_deployment(
    work: UnitOfWork, plugin: str, *, enabled: bool, default: WorkspaceDefault
) -> None:
    """Set a plugin's switch for the deployment, and its default for workspaces."""
    values = {"plugin": plugin, "enabled": enabled, "workspaces": default.value}
    work.execute(_SET, values)


def choose(work: UnitOfWork, workspace: UUID, plugin: str, *, enabled: bool) -> None:
    """Set a plugin's switch for a workspace."""
    work.execute(_CHOOSE, {"workspace": workspace, "plugin": plugin, "enabled": enabled})


def note(
    work: UnitOfWork,
    plugin: str,
    said: str,
    *,
    at: datetime,
    workspace: UUID | None,
    actor: UUID | None,
) -> None:
    """Remember for good who has switched what."""
    work.execute(
        _NOTE,
        {"at": at, "plugin": plugin, "workspace": workspace, "said": said, "actor": actor},
    )


def changes(
    work: UnitOfWork, plugin: str, most: int
) -> list[tuple[datetime, str, UUID | None, UUID | None]]:
    """Return the last changes of a plugin's switches: when, what, in which workspace, by whom."""
    rows = work.execute(_CHANGES, {"plugin": plugin, "most": most})
    return [(at, said, workspace, actor) for at, said, workspace, actor in rows]
