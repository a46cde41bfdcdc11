"""Who else belongs to the deployment: the processes that may call us, by their tokens."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from meishi.lifecycle.manifest import Manifest
from meishi.settings import Settings

#: What every service may ask the main deployment, whatever its plugin requires.
ASKED_BY_ALL = frozenset(
    {
        ("identity", "Workspaces"),
        ("meishi_plugins", "SwitchStates"),
        ("meishi_settings", "StoredSettings"),
    }
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process that calls us: the service of one plugin, or None for the main deployment."""

    plugin: str | None

    def may_call(self, plugin: str, protocol: str, manifests: Mapping[str, Manifest]) -> bool:
        """Whether it may call a plugin's service: the main deployment any, a service what it needs.

        That is what its manifest names; so a token that got lost opens that, and nothing else.
        """
        if self.plugin is None or (plugin, protocol) in ASKED_BY_ALL:
            return True
        mine = manifests.get(self.plugin)
        return mine is not None and mine.names(plugin)


class Neighbours:
    """Knows neighbours by the hashes of their tokens."""

    def __init__(self, settings: Settings) -> None:
        self._known = [
            *((_hash(item.token), Neighbour(name)) for name, item in settings.placements.items()),
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


def _hash(token: str) -> bytes:
    return sha256(token.encode("utf-8", "surrogateescape")).digest()
