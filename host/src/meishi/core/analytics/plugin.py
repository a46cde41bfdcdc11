"""Hooks of analytics."""

from collections.abc import Sequence

from meishi.core.analytics.contract import Analytics, Metric
from meishi.core.analytics.models import metadata
from meishi.core.analytics.pages import NAVIGATION, PAGES, PANELS
from meishi.core.analytics.points import analytics_metrics
from meishi.core.analytics.routes import blueprint
from meishi.core.analytics.schemas import RESOURCES
from meishi.core.analytics.service import AnalyticsService
from meishi.core.analytics.subscribers import listen_to
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    HookSpec,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
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
    """Return the page of the console."""
    return PAGES


@hookimpl
def navigation() -> Sequence[NavigationEntry]:
    """Return how one comes to it."""
    return NAVIGATION


@hookimpl
def panels() -> Sequence[Panel]:
    """Return what stands on the page where one begins."""
    return PANELS


@hookimpl
def schemas() -> Schemas:
    """Return the table and the resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("meishi.core.analytics.migrations.versions")


@hookimpl
def hookspecs() -> Sequence[HookSpec]:
    """Return the hook by which plugins say what they measure; their events are listened to."""
    return [HookSpec(function=analytics_metrics, item=Metric, unique="name", listens=listen_to)]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to who looks at the numbers."""
    return [Service(Analytics, AnalyticsService)]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that routes and the page ask for."""
    return [
        Permission(name="read", title="See how often things happen", roles=tuple(Role)),
        Permission(
            name="deployment",
            title="See how often things happen in the whole deployment",
            roles=(),
            operators=True,
        ),
    ]
