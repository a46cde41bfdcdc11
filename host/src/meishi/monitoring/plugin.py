"""Hooks of the monitoring."""

from collections.abc import Sequence

from meishi.monitoring.routes import blueprint
from meishi.monitoring.schemas import RESOURCES
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Permission, Schemas, hookimpl


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API of operators."""
    return [blueprint]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the right that the route asks for."""
    return [Permission(name="operate", title="See the health of modules", roles=(), operators=True)]


@hookimpl
def schemas() -> Schemas:
    """Return what operators see."""
    return Schemas(resources=RESOURCES)
