"""Hooks of the QR generator."""

from collections.abc import Sequence

from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Migrations,
    Permission,
    PublicPage,
    Role,
    Schemas,
    Service,
    hookimpl,
)
from qr import pages
from qr.contract import Cards, CardSaved, CardScanned, CardViewed, Codes, PublicCards
from qr.models import metadata
from qr.routes import blueprint
from qr.schemas import RESOURCES
from qr.service import CardService, CodeService, PublicCardService


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def public_pages() -> Sequence[PublicPage]:
    """Return the pages that anybody may open."""
    return pages.public_pages()


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
    return [CardScanned, CardViewed, CardSaved]


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [
        Service(Cards, CardService),
        Service(Codes, CodeService),
        Service(PublicCards, PublicCardService),
    ]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Return the rights that the routes ask for."""
    return [
        Permission(name="read", title="See cards and codes", roles=tuple(Role)),
        Permission(
            name="write",
            title="Make cards and codes",
            roles=(Role.OWNER, Role.ADMIN, Role.MEMBER),
        ),
    ]
