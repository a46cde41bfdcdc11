"""Hooks of audit."""

from collections.abc import Sequence

from meishi.audit.models import metadata
from meishi.audit.pages import NAVIGATION, PAGES
from meishi.audit.routes import blueprint
from meishi.audit.schemas import RESOURCES
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Migrations, NavigationEntry, Page, Permission, Schemas, hookimpl


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
    """Return the table and the resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.audit.migrations.versions")


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right that the routes ask for."""
    return [Permission(name="read", title="See who did what")]
