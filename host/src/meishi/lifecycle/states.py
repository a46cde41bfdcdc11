"""The state of each plugin in this process, with the reason that an operator reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from meishi.lifecycle.manifest import Manifest


class PluginState(StrEnum):
    """Where a plugin stands."""

    ACTIVE = "active"
    DISABLED = "disabled"
    INCOMPATIBLE = "incompatible"
    MISSING_DEPENDENCY = "missing_dependency"
    BROKEN = "broken"
    NEEDS_MIGRATION = "needs_migration"
    ORPHANED = "orphaned"


#: States that stop the boot under the policy `strict`.
FAULTS = frozenset(
    {
        PluginState.INCOMPATIBLE,
        PluginState.MISSING_DEPENDENCY,
        PluginState.BROKEN,
        PluginState.NEEDS_MIGRATION,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginStatus:
    """One plugin's state and, unless it is active, the reason.

    `note` says of one that is active what of it does not run, as it is for a plugin that is not.
    """

    name: str
    state: PluginState
    reason: str = ""
    manifest: Manifest | None = None
    built_in: bool = False
    note: str = ""
