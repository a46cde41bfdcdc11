"""Names that the host keeps for itself, now or later; its own parts alone may take them."""

from __future__ import annotations

RESERVED_NAMES = frozenset(
    {
        "analytics", "audit", "billing", "docs", "events", "exports", "health", "identity",
        "imports", "jobs", "mail", "mails", "meishi", "openapi", "operations", "overview",
        "personal-data", "plugins", "search", "settings", "shell", "static", "tokens", "users",
        "webhooks", "workspaces",
    }
)  # fmt: skip


def reserved_name(name: str, api_prefix: str | None) -> str:
    """Return why a plugin that is none of the host's own must not be called so, or nothing."""
    for key, value in (("name", name), ("api_prefix", api_prefix)):
        if value in RESERVED_NAMES:
            return f"`{key}` {value!r} is reserved for the host"
    return ""
