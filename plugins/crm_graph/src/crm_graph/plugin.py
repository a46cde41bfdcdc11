"""Hooks of the social graph."""

from __future__ import annotations

from collections.abc import Sequence

from crm_contacts.contract import (
    ContactCreated,
    ContactDeleted,
    ContactErased,
    ContactRestored,
    ContactsMerged,
    ContactsRelated,
    ContactsUnrelated,
    ContactUpdated,
    TimelineSource,
)
from crm_graph import subscribers
from crm_graph.contract import (
    Drawings,
    Graph,
    Ties,
    TiesFound,
    TieSource,
    TiesStrengthened,
)
from crm_graph.jobs import draw
from crm_graph.models import metadata
from crm_graph.pages import NAVIGATION, PAGES, PANELS
from crm_graph.points import graph_tie_sources
from crm_graph.routes import blueprint
from crm_graph.schemas import RESOURCES
from crm_graph.service import DrawingService, GraphService, TieService, people
from crm_graph.settings import SettingsSchema
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    EventHandler,
    HookSpec,
    Job,
    Lifetime,
    MergeHandler,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PluginSettings,
    ReplayPolicy,
    Role,
    Schemas,
    Service,
    SettingsLevel,
    Subscription,
    hookimpl,
    on,
)
from meishi.sdk.texts import noted

_FOLLOWED = (ContactCreated, ContactDeleted, ContactRestored, ContactsMerged)


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
def panels() -> Sequence[Panel]:
    """Return what stands on pages of others."""
    return PANELS


@hookimpl
def schemas() -> Schemas:
    """Return tables and resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("crm_graph.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [TiesFound, TiesStrengthened]


@hookimpl(optionalhook=True)
def contacts_timeline_sources() -> Sequence[TimelineSource]:
    """Return what timelines of contacts tell: new ties, and ties that became strong."""
    told: Sequence[tuple[str, str, type[Event], tuple[str, ...]]] = (
        ("ties_found", noted("A tie to somebody was found"), TiesFound, ("source",)),
        ("ties_strengthened", noted("A tie to somebody became strong"), TiesStrengthened, ()),
    )
    return [
        TimelineSource(
            name=name,
            title=title,
            event=event,
            contacts=("contact_ids",),
            permission="graph.read",
            details=details,
        )
        for name, title, event, details in told
    ]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what is heard: the present state is read each time, so hearing it again is fine."""
    heard = Subscription(
        name="contacts", replay=ReplayPolicy.IDEMPOTENT, backfill=subscribers.backfill
    )
    return [
        *(on(event, subscribers.on_contacts, subscription=heard) for event in _FOLLOWED),
        on(ContactUpdated, subscribers.on_contact_updated, subscription=heard),
        on(ContactErased, subscribers.on_contact_erased, subscription=heard),
        on(ContactsRelated, subscribers.on_relationships, subscription=heard),
        on(ContactsUnrelated, subscribers.on_relationships, subscription=heard),
        *_exchanges(),
    ]


def _exchanges() -> Sequence[EventHandler]:
    """Return how exchanges of cards are heard, where the package that makes them is installed."""
    try:
        from qr.contract import ExchangeRecorded
    except ImportError:
        return []
    heard = Subscription(
        name="exchanges", replay=ReplayPolicy.IDEMPOTENT, backfill=subscribers.exchanges_before
    )
    return [on(ExchangeRecorded, subscribers.on_exchanges, subscription=heard)]


@hookimpl
def merge_entities() -> Sequence[MergeHandler]:
    """Return what follows when contacts are merged."""
    return [
        MergeHandler(
            kind="crm_contacts.Contact",
            handler=subscribers.on_contact_merged,
            undo=subscribers.on_contact_unmerged,
        )
    ]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see what ties them, and are forgotten."""
    return PersonalData(export=people.export, erase=people.erase)


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [
        Service(Ties, TieService),
        Service(Graph, GraphService, lifetime=Lifetime.APPLICATION),
        Service(Drawings, DrawingService),
    ]


@hookimpl
def jobs() -> Sequence[Job]:
    """Return what a worker computes."""
    return [Job(name="draw", run=draw, limit_seconds=300)]


@hookimpl
def hookspecs() -> Sequence[HookSpec]:
    """Return the hook by which others add sources of ties."""
    return [HookSpec(function=graph_tie_sources, item=TieSource)]


@hookimpl
def settings() -> PluginSettings:
    """Return what can be set."""
    return PluginSettings(schema=SettingsSchema, levels={"own_contact": SettingsLevel.USER})


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See the graph", roles=tuple(Role)),
        Permission(
            name="write",
            title="Have the graph drawn",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
    ]
