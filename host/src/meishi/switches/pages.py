"""The page of the modules: what there is, why something is off, and the switches."""

from __future__ import annotations

from flask import Response, request

from meishi.sdk.context import current_actor, service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import ToastKind, redirect, render, toast
from meishi.sdk.plugin import NavigationEntry, Page
from meishi.sdk.texts import gettext as _
from meishi.switches.interface import (
    PluginNeeded,
    PluginNeeds,
    PluginNotFound,
    PluginSwitches,
)
from meishi.switches.shown import OPERATE
from meishi.switches.state import WorkspaceDefault

_LIST = "/plugins"
_ON = {"on": True, "off": False}


def plugins_page() -> Response:
    """Show all modules."""
    found = service(PluginSwitches).all()
    permissions = current_actor().permissions
    return render(
        "meishi_plugins/list.html",
        modules=[item for item in found if not item.built_in],
        parts=[item for item in found if item.built_in],
        may_switch="plugins.switch" in permissions,
        may_operate=OPERATE in permissions,
        defaults=list(WorkspaceDefault),
    )


def condition_page(plugin: str) -> Response:
    """Show operators how a module stands in the database."""
    switches = service(PluginSwitches)
    try:
        found = switches.get(plugin)
    except PluginNotFound as error:
        toast(error.detail, ToastKind.WARNING)
        return redirect(_LIST)
    return render(
        "meishi_plugins/condition.html", module=found, condition=switches.condition(plugin)
    )


def switch_page(plugin: str, wanted: str) -> Response:
    """Switch a module for the workspace."""
    return _switched(plugin, wanted, everywhere=False)


def operate_page(plugin: str, wanted: str) -> Response:
    """Switch a module for the deployment, or say what holds in workspaces by default."""
    if wanted == "default":
        return _defaulted(plugin, request.form.get("workspaces", ""))
    return _switched(plugin, wanted, everywhere=True)


PAGES = (
    Page(name="list", rule="", view=plugins_page, title="Modules", permission="read"),
    Page(
        name="condition", rule="/<plugin>/deployment", view=condition_page, title="Modules",
        permission="operate",
    ),
    Page(
        name="switch", rule="/<plugin>/here/<wanted>", view=switch_page, title="Modules",
        permission="switch", methods=("POST",),
    ),
    Page(
        name="operate", rule="/<plugin>/deployment/<wanted>", view=operate_page, title="Modules",
        permission="operate", methods=("POST",),
    ),
)  # fmt: skip
NAVIGATION = (
    NavigationEntry(page="list", title="Modules", icon="puzzle", section="Workspace", order=40),
)


def _switched(plugin: str, wanted: str, *, everywhere: bool) -> Response:
    switches = service(PluginSwitches)
    change = switches.switch if everywhere else switches.switch_here
    cascade = request.form.get("cascade") == "true"
    try:
        changed = change(plugin, on=_ON[wanted], cascade=cascade)
    except (PluginNeeded, PluginNeeds) as error:
        return _asked_again(plugin, error)
    except DomainError as error:
        toast(error.detail, ToastKind.WARNING)
    except KeyError:
        toast(_("A module is switched on or off."), ToastKind.WARNING)
    else:
        toast(
            _("Switched: %(names)s.", names=", ".join(changed))
            if changed
            else _("Nothing had to be switched.")
        )
    return redirect(_LIST)


def _asked_again(plugin: str, refused: DomainError) -> Response:
    """Ask whether the others shall be switched along."""
    return render(
        "meishi_plugins/cascade.html",
        status=409,
        plugin=plugin,
        reason=refused.detail,
        action=request.path,
    )


def _defaulted(plugin: str, default: str) -> Response:
    try:
        service(PluginSwitches).set_default(plugin, WorkspaceDefault(default))
    except (DomainError, ValueError) as error:
        toast(str(error), ToastKind.WARNING)
    else:
        toast(_("Saved."))
    return redirect(_LIST)
