"""Who else belongs to the deployment: the processes that may call us, by their tokens."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from meishi.lifecycle.loading import PluginSet
from meishi.placement import Placement
from meishi.settings import AT_MAIN, Settings

#: What every service may ask the main deployment, whatever its plugin requires.
ASKED_BY_ALL = frozenset(
    {
        ("identity", "Workspaces"),
        ("meishi_imports", "KeptFiles"),
        ("meishi_plugins", "Charges"),
        ("meishi_plugins", "SwitchStates"),
        ("meishi_settings", "StoredSettings"),
    }
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process that calls us: the service of one plugin, or None for the main deployment."""

    plugin: str | None

    def may_call(self, plugin: str, protocol: str, plugins: PluginSet) -> bool:
        """Whether it may call a plugin's service: the main deployment any, a service what it needs.

        So a token that got lost opens that, and nothing else.
        """
        if self.plugin is None or (plugin, protocol) in ASKED_BY_ALL:
            return True
        return self.knows(plugin, plugins)

    def knows(self, plugin: str, plugins: PluginSet) -> bool:
        """Whether a service's plugin names another one in its manifest, which is not there.

        Of the host's parts it has most for itself.
        """
        if self.plugin is None or not plugins.is_active(self.plugin):
            return False
        if plugins.statuses[plugin].built_in and plugin not in AT_MAIN:
            return False
        return plugins.contributions[self.plugin].manifest.names(plugin)


class Neighbours:
    """Knows neighbours by the hashes of their tokens."""

    def __init__(self, settings: Settings) -> None:
        self._known = [
            *(
                (_hash(token), Neighbour(name))
                for name, item in _services(settings).items()
                for token in item.tokens
            ),
            *((_hash(token), Neighbour(None)) for token in settings.service_tokens),
        ]

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._known)

    def of(self, token: str) -> list[Neighbour]:
        """Return who has a token; how long that takes tells nothing about it.

        Services that share a token are told apart by nothing.
        """
        given = _hash(token)
        return [found for known, found in self._known if hmac.compare_digest(known, given)]


def _services(settings: Settings) -> Mapping[str, Placement]:
    """Return the services that are there, and those to which plugins may be moved."""
    return {**settings.movable, **settings.placements}


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
