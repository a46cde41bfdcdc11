"""A plugin as operators see it: what was loaded, and what was switched."""

from __future__ import annotations

from uuid import UUID

from meishi.context import current_scope
from meishi.lifecycle.states import PluginState, PluginStatus
from meishi.switches.environment import environment
from meishi.switches.interface import SwitchedPlugin
from meishi.switches.state import Switches
from meishi.switches.statuses import switched_status

#: Who has it sees and switches plugins for all.
OPERATE = "plugins.operate"


def reason_of(status: PluginStatus) -> str:
    """Return why a plugin does not run; what broke in it is told to operators alone."""
    actor = current_scope().actor
    if status.state is not PluginState.BROKEN or actor.user_id is None:
        return status.reason
    return status.reason if OPERATE in actor.permissions else "those who operate Meishi see why"


def shown(status: PluginStatus, switches: Switches, workspace: UUID | None) -> SwitchedPlugin:
    """Return what is to be said of a plugin, in a workspace or in none."""
    name, manifest = status.name, status.manifest
    needs = environment().switches.needs
    switched = switched_status(status, switches, needs)
    runs = switched.state is PluginState.ACTIVE
    return SwitchedPlugin(
        name=name,
        title=manifest.title if manifest else name,
        description=manifest.description if manifest else "",
        version=str(manifest.version) if manifest else None,
        state=switched.state.value,
        reason=reason_of(switched),
        built_in=status.built_in,
        requires=tuple(sorted(manifest.requires)) if manifest else (),
        required_by=tuple(sorted(needs.dependents(name))),
        enabled=name not in switches.off,
        workspaces=switches.default(name),
        chosen=None if workspace is None else switches.choice(name, workspace),
        on=runs and needs.is_on(switches, name, workspace),
        elsewhere=environment().plugins.url_of(name) is not None,
    )
