"""What can be set about a plugin, and by whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marshmallow import Schema


class SettingsLevel(StrEnum):
    """Who sets a value: the operator, an administrator of the workspace, or each user."""

    DEPLOYMENT = "deployment"
    WORKSPACE = "workspace"
    USER = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSettings:
    """The `schema` of a plugin's settings, read from `[plugin.<name>]` and validated at boot.

    `levels` names, by their keys, settings that a workspace or a user may set for itself; where
    they do not, the value of the level above holds. A workspace sets what is each user's, too,
    for all of its users. All others are the deployment's alone.
    `secrets` names the keys whose values no message, page or document may show; they are the
    deployment's alone.
    """

    schema: type[Schema]
    levels: Mapping[str, SettingsLevel] = field(default_factory=dict)
    secrets: Collection[str] = ()
