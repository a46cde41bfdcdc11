"""Two plugins for tests: a shop, which may run elsewhere, and a till, which calls it."""

from __future__ import annotations

from typing import Any

from meishi.testing.packages import PluginPackages

from .hooks_of_shop import DESK, DESK_FILES, DESK_IMPORTS, FILES, SUPPLIED
from .shop_web import ROUTES

CONTRACT = '''
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from meishi.sdk.contract import DomainError, command, query


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
    """The shop's contract."""

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
        """Ask the till, which the shop does not require."""

    @command(errors=(SoldOut,))
    def sell(self, item: str, number: int = 1) -> Sale:
        """Sell something; there is no gold."""

    @command()
    def break_down(self) -> None:
        """Sell something, and fail."""
'''

PLUGIN = """
from marshmallow import Schema, fields

from meishi.sdk.plugin import (
    Migrations,
    PluginSettings,
    Schemas,
    Service,
    SettingsLevel,
    hookimpl,
)

from shop import hooks
from shop.contract import Shelf
from shop.routes import blueprint
from shop.service import Shop


@hookimpl
def services():
    return [Service(Shelf, Shop)]


class ShopSettings(Schema):
    greeting = fields.String(load_default="Hello")


@hookimpl
def settings():
    return PluginSettings(schema=ShopSettings, levels={"greeting": SettingsLevel.WORKSPACE})


@hookimpl
def routes():
    return [blueprint]


@hookimpl
def migrations():
    return Migrations("shop.migrations")
"""

SERVICE = """
from meishi.context import current_scope
from meishi.core.identity.contract import Workspaces
from meishi.sdk.context import current_settings, current_workspace, service
from meishi.sdk.database import execute

from shop.contract import Sale, SoldOut, Told

SOLD = "INSERT INTO shop.sale (workspace_id, item, number) VALUES (%(w)s, %(item)s, %(number)s)"


class Shop:
    def __init__(self, context):
        self.context = context

    def count(self):
        return execute("SELECT coalesce(sum(number), 0)::int FROM shop.sale")[0][0]

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
        return len(service(Workspaces).all())

    def greeting(self):
        return current_settings()["greeting"]

    def rung(self):
        from till.contract import Till

        return service(Till).count()

    def sell(self, item, number=1):
        if item == "gold":
            raise SoldOut("There is no gold.")
        execute(SOLD, {"w": current_workspace(), "item": item, "number": number})
        return Sale(item, number)

    def break_down(self):
        self.sell("vase")
        raise RuntimeError("it fell down")
"""

REVISION = '''
"""The table."""

from alembic import op

revision = "shop_0001"
down_revision = None


def upgrade():
    """Create it."""
    op.execute(
        "CREATE TABLE shop.sale (workspace_id uuid NOT NULL, item text NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, number integer NOT NULL,"
        " PRIMARY KEY (workspace_id, id))"
    )


def downgrade():
    """Drop it."""
    op.execute("DROP TABLE shop.sale")
'''

TILL = '''
from typing import Protocol

from meishi.sdk.contract import query


class Till(Protocol):
    """The till's contract."""

    @query()
    def count(self) -> int:
        """Return how often it rang."""
'''

TILL_PLUGIN = """

from till.contract import Till


class Counted:
    def __init__(self, context):
        self.context = context

    def count(self):
        return 0


@hookimpl
def services():
    return [Service(Till, Counted)]
"""


def write_packages(packages: PluginPackages) -> None:
    """Write both packages."""
    packages.add(
        "shop",
        plugin=PLUGIN + SUPPLIED,
        files={
            **FILES,
            "contract.py": f'"""The shop\'s contract."""\n{CONTRACT}',
            "routes.py": ROUTES,
            "service.py": SERVICE,
            "migrations/__init__.py": "",
            "migrations/0001_sale.py": REVISION,
        },
        **_manifest("shop"),
    )
    packages.add(
        "till",
        plugin=DESK_IMPORTS + TILL_PLUGIN + DESK,
        files={**DESK_FILES, "contract.py": f'"""The till\'s contract."""\n{TILL}'},
        requires={"shop": ">=0.1"},
        **_manifest("till"),
    )


def _manifest(name: str) -> dict[str, Any]:
    return {"scope": "workspace", "api_prefix": name}
