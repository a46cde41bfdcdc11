"""Requests of plugins, which have to declare that they make any."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from meishi.outgoing.errors import AddressRefused
from meishi.outgoing.message import OutgoingAnswer, OutgoingRequest
from meishi.outgoing.sender import Sender


class Capabilities(Protocol):
    """What a manifest says of the network."""

    @property
    def network(self) -> bool:
        """Whether the plugin asks servers outside."""
        ...


class Caller(Protocol):
    """What has to be known of a plugin that sends requests."""

    @property
    def manifest(self) -> Capabilities:
        """What the plugin declares."""
        ...

    @property
    def settings(self) -> Mapping[str, Any]:
        """What the operator has set, and nobody else."""
        ...


class PluginSender:
    """Sends requests of the plugins of one application object."""

    def __init__(self, plugins: Mapping[str, Caller], sender: Sender) -> None:
        self._plugins = plugins
        self._sender = sender

    def send(
        self, plugin: str, request: OutgoingRequest, *, setting: str | None = None
    ) -> OutgoingAnswer:
        """Send a request of a plugin; `setting` names where the operator wrote its address.

        :raises AddressRefused: also if the plugin's manifest does not say that it needs the network
        """
        found = self._plugins[plugin]
        if not found.manifest.network:
            raise AddressRefused(
                f"{plugin}: [capabilities] in plugin.toml must say network = true before it asks "
                "servers outside."
            )
        written = None if setting is None else found.settings[setting]
        return self._sender.send(plugin, request, written_by_operator=written)
