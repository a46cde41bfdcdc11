"""How a call fails that raises none of the errors of its contract."""

from __future__ import annotations


class CallFailed(Exception):
    """A call raised something that its contract does not declare; the cause is attached."""

    def __init__(self, plugin: str, method: str) -> None:
        super().__init__(f"{plugin}: {method} failed")
        self.plugin = plugin
        self.method = method


class ServiceUnavailable(LookupError):
    """No active plugin offers the service that was asked for."""
