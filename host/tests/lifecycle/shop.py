"""A shop whose hooks return what a test wants."""

from __future__ import annotations

from typing import Any

from meishi.testing.packages import PluginPackages

from .conftest import Load

PREAMBLE = """
from dataclasses import dataclass
from typing import Protocol
from marshmallow import Schema, fields
from meishi.sdk.contract import Event
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import *
@dataclass(frozen=True)
class Placed(Event):
    event_type = "order.placed.v1"
    subject = "order_id"
    order_id: str
class ShopSettings(Schema):
    api_key = fields.String()
    limit = fields.Integer()
class Twice(Schema):
    limit = fields.Integer(load_only=True)
    maximum = fields.Integer(data_key="limit", load_only=True)
class Orders(Protocol): ...
class Upper(Schema):
    limit = fields.Integer(data_key="Limit")
def digest(order_id: str = "") -> None: ...
def send(order_id: str) -> None: ...
def untyped(order_id): ...
def listed(orders: list[str]) -> None: ...
def several(*orders: str) -> None: ...
async def later(order_id: str) -> None: ...
def job(**fields):
    return [Job(**{"name": "digest", "run": digest} | fields)]
def check(**fields):
    return [HealthCheck(**{"name": "mail", "title": "Mail", "check": print} | fields)]
def importer(**fields):
    return [Importer(**{"name": "csv", "title": "CSV", "resource": "shop.Order",
        "media_types": ["text/csv"], "suffixes": [".csv"], "preview": print, "run": print,
        "permission": "read"} | fields)]
def exporter(**fields):
    return [Exporter(**{"name": "csv", "title": "CSV", "resource": "shop.Order",
        "media_type": "text/csv", "suffix": ".csv", "write": print, "permission": "read"} | fields)]
def search(**fields):
    return [SearchProvider(**{"name": "orders", "title": "Orders", "search": print,
        "permission": "read"} | fields)]
def page(**fields):
    return [Page(**{"name": "orders", "rule": "/<uuid:id>", "view": print, "title": "Orders",
        "permission": "read"} | fields)]
def entry(**fields):
    return [NavigationEntry(**{"page": "orders", "title": "Orders", "icon": "basket"} | fields)]
def panel(**fields):
    return [Panel(**{"page": "crm_contacts.contact", "name": "orders", "title": "Orders",
        "render": print, "permission": "read"} | fields)]
def metric(**fields):
    return [Metric(**{"name": "orders_total", "title": "Orders", "kind": MetricKind.COUNTER,
        "collect": print} | fields)]
def extension(**fields):
    return Schemas(extensions=[Extension(**{"target": "crm_contacts.Contact", "schema": Schema,
        "permission": "read",
        "load": print} | fields)])
"""


def hook(name: str, result: str) -> str:
    """Return the code of a hook that returns an expression."""
    return f"@hookimpl\ndef {name}():\n    return {result}\n"


def reason(packages: PluginPackages, load: Load, code: str, **manifest: Any) -> str:
    """Load a shop with this code; return why it is broken."""
    packages.add("shop", plugin=PREAMBLE + code, api_prefix="shop", **manifest)
    return load("shop").statuses["shop"].reason
