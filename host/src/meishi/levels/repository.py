"""Every SQL statement of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Table, select, update
from sqlalchemy.dialects.postgresql import insert

from meishi.context import current_scope
from meishi.declarations import SettingsLevel
from meishi.levels.models import user_settings, workspace_settings

_READ = """
    SELECT 'workspace', document, version FROM meishi_settings.workspace_settings
    WHERE plugin = %(plugin)s
    UNION ALL
    SELECT 'user', document, version FROM meishi_settings.user_settings
    WHERE plugin = %(plugin)s AND user_id = %(user)s::uuid
"""


@dataclass(frozen=True, slots=True)
class StoredValues:
    """What a level sets of one plugin, and how often that was changed; 0 for nothing yet."""

    values: Mapping[str, Any] = field(default_factory=dict)
    version: int = 0


def read(plugin: str, user: UUID | None) -> dict[SettingsLevel, StoredValues]:
    """Return what the current workspace, and a user in it, set of a plugin."""
    found = dict.fromkeys((SettingsLevel.WORKSPACE, SettingsLevel.USER), StoredValues())
    rows = current_scope().work.execute(_READ, {"plugin": plugin, "user": user})
    for level, document, version in rows:
        found[SettingsLevel(level)] = StoredValues(msgspec.json.decode(document), version)
    return found


def lock(plugin: str, user: UUID | None, at: datetime) -> None:
    """Keep others from changing what the workspace (or the user) sets until the commit."""
    table, keys = _place(plugin, user)
    row = {**keys, "document": "{}", "version": 0, "changed_at": at}
    current_scope().work.connection().execute(insert(table).values(row).on_conflict_do_nothing())
    held = select(table.c.version).where(*(table.c[name] == value for name, value in keys.items()))
    current_scope().work.connection().execute(held.with_for_update())


def write(plugin: str, user: UUID | None, values: Mapping[str, Any], at: datetime) -> None:
    """Replace what the workspace (or the user) sets; it is there and locked."""
    table, keys = _place(plugin, user)
    statement = update(table).where(*(table.c[name] == value for name, value in keys.items()))
    document = msgspec.json.encode(values).decode()
    current_scope().work.connection().execute(
        statement.values(document=document, version=table.c.version + 1, changed_at=at)
    )


def _place(plugin: str, user: UUID | None) -> tuple[Table, dict[str, Any]]:
    keys = {"workspace_id": current_scope().workspace_id, "plugin": plugin}
    if user is None:
        return workspace_settings, keys
    return user_settings, keys | {"user_id": user}
