"""Hooks of the search."""

from collections.abc import Sequence

from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Page, Permission, Role, Schemas, hookimpl
from meishi.search.pages import PAGES
from meishi.search.routes import blueprint
from meishi.search.schemas import RESOURCES


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
    """Return the right to search; what is found needs further rights."""
    return [Permission(name="use", title="Search the workspace", roles=tuple(Role))]
