"""The state of a plugin as it was loaded, with what was switched for the deployment."""

from __future__ import annotations

from dataclasses import replace

from meishi.lifecycle.states import PluginState, PluginStatus
from meishi.switches.state import Needs, Switches


def switched_status(status: PluginStatus, switches: Switches, needs: Needs) -> PluginStatus:
    """Return a status with the state `disabled` where an active plugin is off."""
    if status.state is not PluginState.ACTIVE:
        return status
    if status.name in switches.off:
        return replace(status, state=PluginState.DISABLED, reason="switched off")
    off = [name for name in needs.of(status.name) if name in switches.off]
    if off:
        reason = f"needs {', '.join(off)}, which is switched off"
        return replace(status, state=PluginState.DISABLED, reason=reason)
    return status
