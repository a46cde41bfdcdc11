"""Plugins whose tables newer code has changed while this process runs the older one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.database.standing import DatabaseAhead
from meishi.errors import DatabaseUnavailable
from meishi.lifecycle.states import PluginState

if TYPE_CHECKING:
    from meishi.host import Host

_CONCERNED = frozenset({PluginState.ACTIVE, PluginState.INCOMPATIBLE})


def outdated_plugins(host: Host, only: str | None = None) -> list[str]:
    """Return the plugins, or the one, that this process cannot run any more, and mark them.

    It is asked when a statement has failed, never before: whoever upgrades ends old processes
    before older code is left behind.
    """
    found = []
    for name, contribution in host.plugins.contributions.items():
        state = host.plugins.statuses[name].state
        if state not in _CONCERNED or only not in {None, name}:
            continue
        try:
            host.standing(contribution)
        except DatabaseAhead as error:
            found.append(name)
            if state is PluginState.ACTIVE:
                host.plugins.mark(name, PluginState.INCOMPATIBLE, f"{error}, and start anew")
        except (DatabaseUnavailable, DBAPIError, PoolTimeout):
            return []
    return found
