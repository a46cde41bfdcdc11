"""Hooks of the QR generator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crm_contacts.contract import ContactErased, TimelineSource
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    EventHandler,
    HookSpec,
    MergeHandler,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PublicPage,
    ReplayPolicy,
    Role,
    Schemas,
    SearchProvider,
    Service,
    Subscription,
    hookimpl,
    on,
)
from meishi.sdk.texts import noted
from qr.contract import (
    CardExchanged,
    CardInvitation,
    Cards,
    CardSaved,
    CardScanned,
    CardViewed,
    Codes,
    ExchangeRecorded,
    Exchanges,
    PublicCards,
)
from qr.invitations import qr_card_invitations
from qr.models import metadata
from qr.pages import NAVIGATION, PAGES, PANELS
from qr.pages import public_pages as pages_for_all
from qr.routes import blueprint
from qr.schemas import RESOURCES
from qr.service import (
    CardService,
    CodeService,
    ExchangeService,
    PublicCardService,
    finding,
    people,
)
from qr.subscribers import (
    on_card_exchanged,
    on_contact_erased,
    on_contact_merged,
    on_contact_unmerged,
)

if TYPE_CHECKING:
    from meishi.core.analytics.contract import Metric


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def public_pages() -> Sequence[PublicPage]:
    """Return the pages that anybody may open."""
    return pages_for_all()


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
    return Migrations("qr.migrations.versions")


@hookimpl
def event_types() -> Sequence[type[Event]]:
    """Return what is published."""
    return [CardScanned, CardViewed, CardSaved, CardExchanged, ExchangeRecorded]


@hookimpl
def event_handlers() -> Sequence[EventHandler]:
    """Return what is heard."""
    return [
        on(
            ContactErased,
            on_contact_erased,
            subscription=Subscription(replay=ReplayPolicy.IDEMPOTENT),
        ),
        on(
            CardExchanged,
            on_card_exchanged,
            subscription=Subscription(replay=ReplayPolicy.IDEMPOTENT),
        ),
    ]


@hookimpl
def merge_entities() -> Sequence[MergeHandler]:
    """Return what follows when contacts are merged."""
    return [
        MergeHandler(
            kind="crm_contacts.Contact", handler=on_contact_merged, undo=on_contact_unmerged
        )
    ]


@hookimpl
def data_subject() -> PersonalData:
    """Return how people see their cards, and lose them."""
    return PersonalData(export=people.export, erase=people.erase)


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [
        Service(Cards, CardService),
        Service(Codes, CodeService),
        Service(Exchanges, ExchangeService),
        Service(PublicCards, PublicCardService),
    ]


@hookimpl
def search_providers() -> Sequence[SearchProvider]:
    """Return what the search box finds."""
    return [
        SearchProvider(name="cards", title="Cards", search=finding.find_cards, permission="read")
    ]


@hookimpl(optionalhook=True)
def analytics_metrics() -> Sequence[Metric]:
    """Return what is counted of cards: the steps that visitors take."""
    from meishi.core.analytics.contract import Metric

    visits = ("card_id", "channel", "device_class")
    steps = (
        ("scans", noted("Scans"), CardScanned, 10),
        ("views", noted("Views"), CardViewed, 20),
        ("saves", noted("Saved contacts"), CardSaved, 30),
        ("exchanges", noted("Cards left in return"), CardExchanged, 40),
    )
    return [
        Metric(name=name, title=title, event=event, dimensions=visits, funnel=place)
        for name, title, event, place in steps
    ]


@hookimpl(optionalhook=True)
def contacts_timeline_sources() -> Sequence[TimelineSource]:
    """Return what timelines of contacts tell: that cards were exchanged."""
    return [
        TimelineSource(
            name="cards_exchanged",
            title=noted("Cards were exchanged"),
            event=ExchangeRecorded,
            contacts=("contact_id", "visitor_contact_id"),
            permission="qr.exchanges",
        )
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See cards and codes", roles=tuple(Role)),
        Permission(name="exchanges", title="See who has left a card", roles=tuple(Role)),
        Permission(
            name="write",
            title="Make cards and codes",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
    ]


@hookimpl
def hookspecs() -> Sequence[HookSpec]:
    """Return the hook by which others say where a card of one's own is made."""
    return [HookSpec(function=qr_card_invitations, item=CardInvitation)]
