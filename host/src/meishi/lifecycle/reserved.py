"""Names that the host keeps for itself, now or later; its own parts alone may take them."""

from __future__ import annotations

from meishi.lifecycle.manifest import Manifest

RESERVED_NAMES = frozenset(
    {
        "analytics", "audit", "billing", "docs", "events", "health", "identity", "jobs",
        "meishi", "openapi", "operations", "plugins", "tokens", "users", "webhooks", "workspaces",
    }
)  # fmt: skip


def reserved_name(manifest: Manifest) -> str:
    """Return why a plugin that is none of the host's own must not be called so, or nothing."""
    for key, value in (("name", manifest.name), ("api_prefix", manifest.api_prefix)):
        if value in RESERVED_NAMES:
            return f"`{key}` {value!r} is reserved for the host"
    return ""
