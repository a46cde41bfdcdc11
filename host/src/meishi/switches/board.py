"""The switchboard of a process: the newest state of all switches that it has heard of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from uuid import UUID

from meishi.lifecycle.states import PluginStatus
from meishi.switches.state import Needs, Switches
from meishi.switches.statuses import switched_status


class Switchboard:
    """Tells what is on, without asking the database.

    It knows what it has read last: processes that serve or work have a `SwitchFollower` read, all
    others read when they begin. Where it has to be `told` first, nothing is on until then.
    """

    def __init__(self, read: Callable[[int], Switches | None], *, told: bool = True) -> None:
        self._read = read
        self.told = told
        self._state = Switches(epoch=-1)
        self._needs = Needs({})
        self._untouched = True

    def know(self, requires: Mapping[str, Iterable[str]]) -> None:
        """Learn what the loaded plugins need, by their names."""
        self._needs = Needs(requires)

    @property
    def state(self) -> Switches:
        """What was read last."""
        return self._state

    @property
    def needs(self) -> Needs:
        """Who needs whom."""
        return self._needs

    def refresh(self) -> bool:
        """Read what was switched since; return whether anything was."""
        found = self._read(self._state.epoch)
        self.told = True
        if found is None:
            return False
        self._state, self._untouched = found, found.untouched
        return True

    def status_of(self, status: PluginStatus) -> PluginStatus:
        """Return the status of a plugin with what was switched for the deployment."""
        return switched_status(status, self._state, self._needs)

    def is_on(self, plugin: str, workspace: UUID | None = None) -> bool:
        """Whether a plugin is on, in a workspace or in the deployment, with all that it needs."""
        if not self.told:
            return False
        return self._untouched or self._needs.is_on(self._state, plugin, workspace)
