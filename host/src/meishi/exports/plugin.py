"""Hooks of the exports."""

from collections.abc import Sequence

from meishi.exports.pages import PAGES
from meishi.exports.routes import blueprint
from meishi.exports.schemas import RESOURCES
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Page, Permission, Role, Schemas, hookimpl


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def pages() -> Sequence[Page]:
    """Return the page of the console."""
    return PAGES


@hookimpl
def schemas() -> Schemas:
    """Return the resources."""
    return Schemas(resources=RESOURCES)


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right to export; each format and its resource need further rights."""
    return [Permission(name="use", title="Export what one may see", roles=tuple(Role))]
