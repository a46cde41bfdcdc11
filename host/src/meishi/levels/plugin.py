"""Hooks of the settings."""

from collections.abc import Sequence

from meishi.levels.across import StoredSettings, StoredSettingService
from meishi.levels.interface import PluginSettingValues, SettingsChanged
from meishi.levels.models import metadata
from meishi.levels.pages import NAVIGATION, PAGES
from meishi.levels.routes import blueprint
from meishi.levels.schemas import RESOURCES
from meishi.levels.service import SettingService
from meishi.sdk.contract import Event
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
    return Migrations("meishi.levels.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [SettingsChanged]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to pages and commands, and to services elsewhere."""
    return [
        Service(PluginSettingValues, SettingService),
        Service(StoredSettings, StoredSettingService),
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See the settings of modules", roles=tuple(Role)),
        Permission(
            name="write",
            title="Set the workspace's settings of modules",
            roles=(Role.OWNER, Role.ADMIN),
        ),
        Permission(name="own", title="Set one's own settings of modules", roles=tuple(Role)),
    ]
