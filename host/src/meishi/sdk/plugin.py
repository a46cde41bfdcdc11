"""What a plugin's `plugin.py` needs: the hook marker and the declarations that hooks return."""

from __future__ import annotations

import pluggy

from meishi.declarations import (
    DeliveryMode,
    EventHandler,
    Migrations,
    Permission,
    PluginContext,
    PluginSettings,
    PublicPage,
    Schemas,
    Service,
    SettingsLevel,
    on,
)
from meishi.sdk.contract import Role

__all__ = [
    "DeliveryMode",
    "EventHandler",
    "Migrations",
    "Permission",
    "PluginContext",
    "PluginSettings",
    "PublicPage",
    "Role",
    "Schemas",
    "Service",
    "SettingsLevel",
    "hookimpl",
    "on",
]

#: Marks a function of `plugin.py` as the implementation of the hook of the same name.
hookimpl = pluggy.HookimplMarker("meishi")
