"""Two plugins for tests: a bakery, which may run elsewhere, and a cashdesk, which calls it."""

from __future__ import annotations

from typing import Any

from meishi.testing.packages import PluginPackages

from . import bakery_window, bakery_work, cashdesk
from .bakery_web import ROUTES
from .hooks_of_bakery import DESK, DESK_FILES, DESK_IMPORTS, FILES, SUPPLIED

CONTRACT = '''
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, Event, command, query


@dataclass(frozen=True)
class Sold(Event):
    """Something was sold."""

    event_type = "bakery.sold.v1"
    subject = "item"

    item: str
    number: int


class SoldOut(DomainError):
    """There is none left."""

    code = "sold-out"
    title = "Sold out"


@dataclass(frozen=True)
class Sale:
    """What was sold."""

    item: str
    number: int


@dataclass(frozen=True)
class Told:
    """What the other side knows of the call."""

    workspace: UUID | None
    user: UUID | None
    permissions: tuple[str, ...]
    correlation: UUID
    causation: UUID | None
    role: str


class Shelf(Protocol):
    """The bakery's contract."""

    @query()
    def count(self) -> int:
        """Return how much was sold."""

    @query()
    def told(self) -> Told:
        """Return what is known of the call."""

    @query()
    def workspaces(self) -> int:
        """Return how many workspaces there are, which only the main deployment knows."""

    @query()
    def greeting(self) -> str:
        """Return what the workspace wants to be said."""

    @query()
    def rung(self) -> int:
        """Ask the cashdesk, which the bakery does not require."""

    @command()
    def bake(self) -> UUID:
        """Have a batch baked; return the id of the operation."""

    @command(errors=(SoldOut,))
    def sell(self, item: str, number: int = 1) -> Sale:
        """Sell something; there is no gold."""

    @command()
    def break_down(self) -> None:
        """Sell something, and fail."""
'''

PLUGIN = """
import click
from marshmallow import Schema, fields

from meishi.sdk.plugin import (
    Job,
    Lifecycle,
    Migrations,
    PluginSettings,
    Schemas,
    Service,
    SettingsLevel,
    hookimpl,
)

from bakery import batches, hooks, turns, window, work
from bakery.contract import Shelf, Sold
from bakery.routes import blueprint
from bakery.service import Bakery


@hookimpl
def services():
    return [Service(Shelf, Bakery)]


@hookimpl
def event_types():
    return [Sold]


class BakerySettings(Schema):
    greeting = fields.String(load_default="Hello")


@hookimpl
def settings():
    return PluginSettings(schema=BakerySettings, levels={"greeting": SettingsLevel.WORKSPACE})


@hookimpl
def routes():
    return [blueprint]


@hookimpl
def migrations():
    return Migrations("bakery.migrations")
"""

SERVICE = """
from importlib import import_module

from meishi.context import current_scope
from meishi.sdk.context import current_settings, current_workspace, publish, service
from meishi.sdk.database import execute

from bakery.contract import Sale, Sold, SoldOut, Told

SOLD = "INSERT INTO bakery.sale (workspace_id, item, number) VALUES (%(w)s, %(item)s, %(number)s)"


class Bakery:
    def __init__(self, context):
        self.context = context

    def count(self):
        return execute("SELECT coalesce(sum(number), 0)::int FROM bakery.sale")[0][0]

    def told(self):
        scope = current_scope()
        ((role,),) = execute("SELECT current_user::text")
        return Told(
            scope.workspace_id,
            scope.actor.user_id,
            tuple(sorted(scope.actor.permissions)),
            scope.correlation,
            scope.causation,
            role,
        )

    def workspaces(self):
        # Every service may ask that; whoever looks for imports does not see it.
        identity = import_module("meishi.core.identity.contract")
        return len(service(identity.Workspaces).all())

    def greeting(self):
        return current_settings()["greeting"]

    def rung(self):
        # Whoever looks for imports does not see this one.
        return service(import_module("cashdesk.contract").Cashdesk).count()

    def bake(self):
        from meishi.sdk import jobs

        return jobs.request("bake", trays=3)

    def sell(self, item, number=1):
        if item == "gold":
            raise SoldOut("There is no gold.")
        execute(SOLD, {"w": current_workspace(), "item": item, "number": number})
        publish(Sold(item, number))
        return Sale(item, number)

    def break_down(self):
        self.sell("vase")
        raise RuntimeError("it fell down")
"""

REVISION = '''
"""The table."""

from alembic import op

revision = "bakery_0001"
down_revision = None


def upgrade():
    """Create it."""
    op.execute(
        "CREATE TABLE bakery.sale (workspace_id uuid NOT NULL, item text NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, number integer NOT NULL,"
        " PRIMARY KEY (workspace_id, id))"
    )


def downgrade():
    """Drop it."""
    op.execute("DROP TABLE bakery.sale")
'''


def write_packages(packages: PluginPackages) -> None:
    """Write both packages."""
    packages.add(
        "bakery",
        plugin=PLUGIN + SUPPLIED + bakery_work.SUPPLIED + bakery_window.SUPPLIED,
        files={
            **FILES,
            **bakery_work.FILES,
            **bakery_window.FILES,
            "contract.py": f'"""The bakery\'s contract."""\n{CONTRACT}',
            "routes.py": ROUTES,
            "service.py": SERVICE,
            "migrations/__init__.py": "",
            "migrations/0001_sale.py": REVISION,
        },
        events={"emits": ["bakery.sold.v1"]},
        requires=bakery_work.REQUIRED,
        after={"analytics": ">=0.1"},
        **_manifest("bakery"),
    )
    packages.add(
        "cashdesk",
        plugin=DESK_IMPORTS + cashdesk.IMPORTS + cashdesk.PLUGIN + DESK + cashdesk.SUPPLIED,
        files={
            **DESK_FILES,
            **cashdesk.FILES,
            "contract.py": f'"""The cashdesk\'s contract."""\n{cashdesk.CONTRACT}',
        },
        events=cashdesk.EVENTS,
        requires={"bakery": ">=0.1"},
        **_manifest("cashdesk"),
    )


def _manifest(name: str) -> dict[str, Any]:
    return {"scope": "workspace", "api_prefix": name}
