"""Plugins over HTTP: their states, and their switches for the workspace and the deployment."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from meishi.sdk.context import service
from meishi.sdk.http import Blueprint
from meishi.switches.interface import (
    REFUSALS,
    PluginCondition,
    PluginNotFound,
    PluginNotSwitchable,
    PluginSwitches,
    SwitchedPlugin,
)
from meishi.switches.schemas import (
    PluginConditionSchema,
    PluginDefaultSchema,
    PluginListSchema,
    PluginSchema,
    PluginSwitchSchema,
    SwitchedPluginsSchema,
)

blueprint = Blueprint("plugins", description="Modules: which there are, and which are on")


@blueprint.route("")
class PluginList(MethodView):
    """All plugins."""

    @blueprint.requires("read")
    @blueprint.response(200, PluginListSchema)
    def get(self) -> dict[str, Any]:
        """List the modules that are installed, with their states."""
        return {"items": service(PluginSwitches).all()}


@blueprint.route("/<plugin>")
class PluginItem(MethodView):
    """One plugin."""

    @blueprint.requires("read")
    @blueprint.response(200, PluginSchema)
    @blueprint.problem(PluginNotFound)
    def get(self, plugin: str) -> SwitchedPlugin:
        """Return a module."""
        return service(PluginSwitches).get(plugin)


@blueprint.route("/<plugin>/deployment")
class PluginStanding(MethodView):
    """How a plugin stands in the database."""

    @blueprint.requires("operate")
    @blueprint.response(200, PluginConditionSchema)
    @blueprint.problem(PluginNotFound)
    def get(self, plugin: str) -> PluginCondition:
        """Return a module's revisions, and how far its subscriptions lag behind."""
        return service(PluginSwitches).condition(plugin)


@blueprint.route("/<plugin>/enable")
class EnabledPlugin(MethodView):
    """A plugin that is on in the workspace."""

    @blueprint.requires("switch")
    @blueprint.arguments(PluginSwitchSchema)
    @blueprint.response(200, SwitchedPluginsSchema)
    @blueprint.problems(*REFUSALS)
    def post(self, document: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Switch a module on for the workspace; events that it has missed come first."""
        return _switched_here(plugin, document, on=True)


@blueprint.route("/<plugin>/disable")
class DisabledPlugin(MethodView):
    """A plugin that is off in the workspace."""

    @blueprint.requires("switch")
    @blueprint.arguments(PluginSwitchSchema)
    @blueprint.response(200, SwitchedPluginsSchema)
    @blueprint.problems(*REFUSALS)
    def post(self, document: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Switch a module off for the workspace; its data stays as it is."""
        return _switched_here(plugin, document, on=False)


@blueprint.route("/<plugin>/deployment/enable")
class DeployedPlugin(MethodView):
    """A plugin that is on in the deployment."""

    @blueprint.requires("operate")
    @blueprint.arguments(PluginSwitchSchema)
    @blueprint.response(200, SwitchedPluginsSchema)
    @blueprint.problems(*REFUSALS)
    def post(self, document: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Switch a module on for the deployment."""
        return _switched(plugin, document, on=True)


@blueprint.route("/<plugin>/deployment/disable")
class WithdrawnPlugin(MethodView):
    """A plugin that is off in the deployment."""

    @blueprint.requires("operate")
    @blueprint.arguments(PluginSwitchSchema)
    @blueprint.response(200, SwitchedPluginsSchema)
    @blueprint.problems(*REFUSALS)
    def post(self, document: dict[str, Any], plugin: str) -> dict[str, Any]:
        """Switch a module off for the deployment; its data stays as it is."""
        return _switched(plugin, document, on=False)


@blueprint.route("/<plugin>/deployment/default")
class PluginDefault(MethodView):
    """What holds of a plugin in workspaces that have chosen nothing."""

    @blueprint.requires("operate")
    @blueprint.arguments(PluginDefaultSchema)
    @blueprint.response(204)
    @blueprint.problems(PluginNotFound, PluginNotSwitchable)
    def post(self, document: dict[str, Any], plugin: str) -> None:
        """Say whether a module is on in workspaces that have chosen nothing, or in all."""
        service(PluginSwitches).set_default(plugin, document["workspaces"])


def _switched_here(plugin: str, document: dict[str, Any], *, on: bool) -> dict[str, Any]:
    changed = service(PluginSwitches).switch_here(plugin, on=on, cascade=document["cascade"])
    return {"changed": changed}


def _switched(plugin: str, document: dict[str, Any], *, on: bool) -> dict[str, Any]:
    changed = service(PluginSwitches).switch(plugin, on=on, cascade=document["cascade"])
    return {"changed": changed}
