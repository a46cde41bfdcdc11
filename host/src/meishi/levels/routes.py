"""Settings over HTTP: what holds, and what the workspace and each user set."""

from __future__ import annotations

from typing import Any

import msgspec
from flask.views import MethodView

from meishi.levels.interface import (
    InvalidSettings,
    PluginSettingValues,
    PluginValues,
    SettableLevel,
    SettingsNotFound,
)
from meishi.levels.schemas import (
    PluginSettingsListSchema,
    PluginSettingsPatchSchema,
    PluginSettingsSchema,
)
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH, Blueprint, wanted_versions

blueprint = Blueprint("settings", description="What a workspace, and each user, sets about modules")

_EXAMPLE = {"values": {"default_region": "SE"}}


@blueprint.route("")
class SettingsList(MethodView):
    """The settings of all modules."""

    @blueprint.requires("read")
    @blueprint.response(200, PluginSettingsListSchema)
    def get(self) -> dict[str, Any]:
        """Return what holds for you, of every module that has such settings."""
        return {"items": service(PluginSettingValues).all()}


@blueprint.route("/<plugin>")
class WorkspaceSettings(MethodView):
    """What the workspace sets about one module."""

    @blueprint.requires("read")
    @blueprint.document(PluginSettingsSchema)
    @blueprint.problem(SettingsNotFound)
    def get(self, plugin: str) -> PluginValues:
        """Return the settings of a module as they hold in the workspace."""
        return service(PluginSettingValues).of(plugin)

    @blueprint.requires("write")
    @blueprint.arguments(PluginSettingsPatchSchema, content_type=MERGE_PATCH, example=_EXAMPLE)
    @blueprint.document(PluginSettingsSchema)
    @blueprint.preconditions()
    @blueprint.problems(SettingsNotFound, InvalidSettings)
    def patch(self, document: dict[str, Any], plugin: str) -> PluginValues:
        """Set values for the workspace; null gives one back to the deployment."""
        return _changed(plugin, document, SettableLevel.WORKSPACE)


@blueprint.route("/<plugin>/mine")
class UserSettings(MethodView):
    """What a user sets about one module, for themselves in this workspace."""

    @blueprint.requires("own")
    @blueprint.document(PluginSettingsSchema)
    @blueprint.problem(SettingsNotFound)
    def get(self, plugin: str) -> PluginValues:
        """Return the settings of a module as they hold for you."""
        return service(PluginSettingValues).of(plugin, level=SettableLevel.USER)

    @blueprint.requires("own")
    @blueprint.arguments(PluginSettingsPatchSchema, content_type=MERGE_PATCH, example=_EXAMPLE)
    @blueprint.document(PluginSettingsSchema)
    @blueprint.preconditions()
    @blueprint.problems(SettingsNotFound, InvalidSettings)
    def patch(self, document: dict[str, Any], plugin: str) -> PluginValues:
        """Set values for yourself; null gives one back to the workspace."""
        return _changed(plugin, document, SettableLevel.USER)


def _changed(plugin: str, document: dict[str, Any], level: SettableLevel) -> PluginValues:
    patch = msgspec.json.encode(document["values"]).decode()
    return service(PluginSettingValues).change(
        plugin, patch, level=level, versions=wanted_versions()
    )
