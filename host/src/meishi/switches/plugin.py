"""Hooks of the switches."""

from collections.abc import Sequence

from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Migrations,
    NavigationEntry,
    Page,
    Permission,
    Role,
    Schemas,
    Service,
    hookimpl,
)
from meishi.switches.across import SwitchStates, SwitchStateService
from meishi.switches.charges import Charges, ChargeService
from meishi.switches.interface import PluginSwitches
from meishi.switches.models import metadata
from meishi.switches.pages import NAVIGATION, PAGES
from meishi.switches.routes import blueprint
from meishi.switches.schemas import RESOURCES
from meishi.switches.service import SwitchService


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def pages() -> Sequence[Page]:
    """Return the pages of the console."""
    return PAGES


@hookimpl
def navigation() -> Sequence[NavigationEntry]:
    """Return how one comes to them."""
    return NAVIGATION


@hookimpl
def schemas() -> Schemas:
    """Return the tables and the resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.switches.migrations.versions")


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to pages and commands, and to services elsewhere."""
    return [
        Service(PluginSwitches, SwitchService),
        Service(SwitchStates, SwitchStateService),
        Service(Charges, ChargeService),
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See the modules", roles=tuple(Role)),
        Permission(
            name="switch",
            title="Switch modules on and off for the workspace",
            roles=(Role.OWNER, Role.ADMIN),
        ),
        Permission(
            name="operate",
            title="Switch modules on and off for everybody",
            roles=(),
            operators=True,
        ),
    ]
