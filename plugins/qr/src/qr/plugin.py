"""Hooks of the QR generator."""

from collections.abc import Sequence

from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Migrations, Permission, Role, Schemas, Service, hookimpl
from qr.contract import Cards
from qr.models import metadata
from qr.routes import blueprint
from qr.schemas import RESOURCES
from qr.service import CardService


@hookimpl
def routes() -> Sequence[Blueprint]:
    """Return the web API."""
    return [blueprint]


@hookimpl
def schemas() -> Schemas:
    """Return tables and resources."""
    return Schemas(db=metadata, resources=RESOURCES)


@hookimpl
def migrations() -> Migrations:
    """Return where the revisions are."""
    return Migrations("qr.migrations.versions")


@hookimpl
def services() -> Sequence[Service]:
    """Return what is offered to others."""
    return [Service(Cards, CardService)]


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
