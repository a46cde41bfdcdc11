"""The records that hooks return: every field is held against a rule, and named when it is wrong."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import meishi.declarations
from meishi.hookspecs import Hooks
from meishi.lifecycle.declaration_faults import _RULES
from meishi.lifecycle.hook_results import CLASSES, ONE, SEVERAL
from meishi.lifecycle.unserved import UNSERVED, is_served
from meishi.sdk import plugin as sdk
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
def job(**fields):
    return [Job(**{"name": "digest", "run": print} | fields)]
def check(**fields):
    return [HealthCheck(**{"name": "mail", "title": "Mail", "check": print} | fields)]
def importer(**fields):
    return [Importer(**{"name": "csv", "title": "CSV", "resource": "shop.Order",
        "media_types": ["text/csv"], "suffixes": [".csv"], "preview": print, "run": print,
        "permission": "write"} | fields)]
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
        "load": print} | fields)])
"""


def hook(name: str, result: str) -> str:
    """Return the code of a hook that returns an expression."""
    return f"@hookimpl\ndef {name}():\n    return {result}\n"


def reason(packages: PluginPackages, load: Load, code: str, **manifest: Any) -> str:
    """Load a shop with this code; return why it is broken."""
    packages.add("shop", plugin=PREAMBLE + code, api_prefix="shop", **manifest)
    return load("shop").statuses["shop"].reason


DECLARED = {
    name: kind
    for name, kind in vars(meishi.declarations).items()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind)
}
#: What plugins are given, or give while they run: no declarations of a hook.
AT_RUN_TIME = {
    "DataSubject", "ErasureReport", "HealthReport", "ImportOptions", "ImportPreview",
    "ImportReport", "MergeReport", "PersonalRecord", "PluginContext", "RejectedItem",
    "RetainedRecords", "Sample", "SearchHit", "SearchQuery",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_declaration_is_frozen_and_documented(name: str) -> None:
    """Nobody changes a record after the hook has returned it; its fields stand in its words."""
    kind = DECLARED[name]
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)
    assert kind.__doc__ is not None
    assert not kind.__doc__.startswith(f"{name}(")


@pytest.mark.parametrize("name", sorted(set(DECLARED) - AT_RUN_TIME))
def test_every_field_of_a_declaration_has_a_rule(name: str) -> None:
    """A field that is added without a rule would take any value."""
    fields = {field.name for field in dataclasses.fields(DECLARED[name])}
    assert set(_RULES[DECLARED[name]]) == fields


def test_authors_find_every_declaration_where_they_look() -> None:
    """`meishi.sdk.plugin` offers all that `meishi.declarations` has."""
    assert set(meishi.declarations.__all__) <= set(sdk.__all__)
    public = {name for name in vars(meishi.declarations) if name[0].isupper() or name == "on"}
    assert set(meishi.declarations.__all__) == public


def test_every_hook_has_a_kind_that_its_result_is_held_against() -> None:
    """A hook that is specified cannot return unchecked, nor an unknown one be called unserved."""
    specified = {name for name in vars(Hooks) if not name.startswith("_")}
    assert {*ONE, *SEVERAL, *CLASSES} == specified
    assert set(UNSERVED) <= specified


@pytest.mark.parametrize(
    ("name", "result", "fault"),
    [
        ("permissions", "[Permission(name='read', title='R', roles=None)]", "`roles` must be a"),
        (
            "permissions",
            "[Permission(name='read', title='R', roles=['owner'])]",
            "`roles` holds an item that must be of Role, not 'owner'",
        ),
        ("permissions", "[Permission(name=['read'], title='R')]", "`name` must be a text"),
        ("permissions", "[Permission(name='Read it', title='R')]", "`name` must match"),
        ("permissions", "[Permission(name='read', title=None)]", "`title` must be a text"),
        ("schemas", "Schemas(resources=None)", "`resources` must be a list"),
        (
            "schemas",
            "Schemas(resources=[Schema()])",
            "`resources` holds an item that must be a Sch",
        ),
        ("schemas", "Schemas(db='shop')", "`db` must be of MetaData"),
        ("schemas", "extension(target='Contact')", "`extensions` holds an item that is wrong: `t"),
        ("schemas", "extension(load=None)", "`extensions` holds an item that is wrong: `load` mus"),
        ("migrations", "Migrations(5)", "`package` must be a text"),
        ("migrations", "Migrations('../versions')", "`package` must match"),
        ("services", "[Service('Orders', object)]", "`protocol` must be of type, not 'Orders'"),
        ("services", "[Service(Placed, None)]", "`factory` must be callable"),
        ("services", "[Service(Placed, print, 'ever')]", "`lifetime` must be of Lifetime"),
        ("event_handlers", "[on(Placed, None)]", "`handler` must be callable"),
        ("event_handlers", "[on(Event, print)]", "`event` must be an Event class"),
        ("event_handlers", "[on('placed', print)]", "`event` must be an Event class"),
        ("event_handlers", "[EventHandler(Placed, print, 'soon')]", "`mode` must be of"),
        (
            "event_handlers",
            "[on(Placed, print, mode='in_transaction', subscription=Subscription())]",
            "`subscription` belongs to a durable handler",
        ),
        (
            "event_handlers",
            "[on(Placed, print, subscription=Subscription(slots=0))]",
            "`subscription` is wrong: `slots` must be a whole number from 1 to 256, not 0",
        ),
        (
            "event_handlers",
            "[on(Placed, print, subscription=Subscription(replay=ReplayPolicy.REBUILD))]",
            "`subscription` is wrong: `reset` belongs to",
        ),
        (
            "event_handlers",
            "[on(Placed, print, subscription=Subscription(retry=RetryPolicy(attempts=0)))]",
            "`subscription` is wrong: `retry` is wrong: `attempts` must be a whole number",
        ),
        ("settings", "PluginSettings(schema=Schema())", "`schema` must be a Schema class"),
        ("settings", "PluginSettings(schema=Schema, levels=['limit'])", "`levels` must be a mapp"),
        (
            "settings",
            "PluginSettings(schema=ShopSettings, levels={'limit': 'user'})",
            "`levels` has a value that must be of SettingsLevel, not 'user'",
        ),
        (
            "settings",
            "PluginSettings(schema=ShopSettings, secrets=['api_kay'])",
            "`secrets` names 'api_kay', which the schema does not have",
        ),
        ("settings", "PluginSettings(schema=Twice)", "the setting 'limit' is declared twice"),
        ("settings", "PluginSettings(schema=Upper)", "the setting 'Limit' must match"),
        ("routes", "[Blueprint('Sh op', description='Shop')]", "`name` must match"),
        ("routes", "[Blueprint('shop', description=5)]", "`description` must be a text"),
        ("pages", "page(rule='orders')", "`rule` must match"),
        ("pages", "page(methods=['get'])", "`methods` holds an item that must match"),
        ("navigation", "entry(order='first')", "`order` must be a whole number"),
        ("panels", "panel(page='contact')", "`page` must match"),
        ("jobs", "job(schedule='daily')", "`schedule` must have the five fields of cron: 'daily'"),
        ("jobs", "job(schedule='0 24 * * *')", "`schedule` has no hour from 0 to 23 in '24'"),
        ("jobs", "job(limit_seconds=0)", "`limit_seconds` must be a number from 0.001 to 86400"),
        ("jobs", "job(retry=RetryPolicy(fatal=(5,)))", "`retry` is wrong: `fatal` holds an item"),
        (
            "plan_features",
            "[PlanFeature(name='codes', title='Codes', default=10)]",
            "`unit` belongs to a limit, and to no switch",
        ),
        ("plan_features", "[PlanFeature(name='a', title='A', default=-1)]", "`default` must be"),
        (
            "meters",
            "[Meter(name='stored', title='S', unit='orders', aggregation=Aggregation.LAST)]",
            "`measure` belongs to a level",
        ),
        ("importers", "importer(suffixes=['csv'])", "`suffixes` holds an item that must match"),
        ("exporters", "exporter(media_type='csv')", "`media_type` must match"),
        ("search_providers", "search(search=None)", "`search` must be callable"),
        ("data_subject", "PersonalData(export=None, erase=print)", "`export` must be callable"),
        ("merge_entities", "[MergeHandler(kind='contact', handler=print)]", "`kind` must match"),
        ("health", "check(limit_seconds=None)", "`limit_seconds` must be a number"),
        ("metrics", "metric(labels=['State'])", "`labels` holds an item that must match"),
        ("lifecycle", "Lifecycle(enabled=True)", "`enabled` must be callable"),
        ("hookspecs", "[HookSpec(function=None, item=str)]", "`function` must be callable"),
    ],
)
def test_a_declaration_with_a_wrong_value_is_named(
    packages: PluginPackages, load: Load, name: str, result: str, fault: str
) -> None:
    """The fields of what a hook returns are checked, served or not; hook and field are named."""
    found = reason(packages, load, hook(name, result))
    assert found.startswith(f"hook `{name}`: ")
    assert fault in found


#: One right declaration for every hook, or part of one, that is not served.
AHEAD = {
    "data_subject": "PersonalData(export=print, erase=print)",
    "event_handlers": "[on(Placed, print, subscription=Subscription(slots=4))]",
    "exporters": "exporter()",
    "health": "check()",
    "hookspecs": "[HookSpec(function=print, item=str)]",
    "importers": "importer()",
    "jobs": "job(schedule='*/5 0-6,22 1,15 * 7', key='order_id')",
    "lifecycle": "Lifecycle(installed=print)",
    "merge_entities": "[MergeHandler(kind='crm_contacts.Contact', handler=print)]",
    "meters": "[Meter(name='orders', title='Orders', unit='orders')]",
    "metrics": "metric()",
    "navigation": "entry()",
    "pages": "page()",
    "panels": "panel()",
    "plan_features": "[PlanFeature(name='codes', title='Codes', default=10, unit='codes')]",
    "schemas": "extension()",
    "search_providers": "search()",
    "services": "[Service(Orders, print, Lifetime.APPLICATION)]",
    "settings": "PluginSettings(schema=ShopSettings, levels={'limit': SettingsLevel.USER})",
}


@pytest.mark.parametrize("name", UNSERVED)
def test_what_is_not_served_is_refused_by_name(
    packages: PluginPackages, load: Load, name: str
) -> None:
    """A declaration that the host would never act on is not accepted in silence."""
    found = reason(packages, load, hook(name, AHEAD[name]), **CONSUMES.get(name, {}))
    assert found.startswith(f"hook `{name}`")
    assert found.endswith(" is specified but not served by this version of the host (0.1.0)")


CONSUMES = {"event_handlers": {"events": {"consumes": ["order.placed.v1"]}}}


def test_what_is_served_in_part_is_served_otherwise(packages: PluginPackages, load: Load) -> None:
    """Only who asks for the part that is missing is refused."""
    code = hook("settings", "PluginSettings(schema=ShopSettings, secrets=['api_key'])")
    assert reason(packages, load, code) == ""
    assert is_served("settings")
    assert not is_served("jobs")


def test_what_an_author_can_mend_is_said_before_what_is_not_served(
    packages: PluginPackages, load: Load
) -> None:
    """Who writes for a later host is told everything else first, whichever hook it is in."""
    code = hook("jobs", "job()") + hook("permissions", "[Permission(name='R', title='R')]")
    assert reason(packages, load, code).startswith("hook `permissions`: Permission: `name` must")


def test_a_hook_of_a_plugin_that_is_not_there_is_left_alone(
    packages: PluginPackages, load: Load
) -> None:
    """One that is marked optional is no slip of the pen, and nobody calls it."""
    code = "@hookimpl(optionalhook=True)\ndef viral_fraud_rules():\n    raise RuntimeError\n"
    packages.add("shop", plugin=PREAMBLE + code)
    assert load("shop").statuses["shop"].state.value == "active"


def test_what_a_schema_says_of_a_secret_is_kept_back(packages: PluginPackages, load: Load) -> None:
    """A message of a validator may hold the value; the key is named and nothing more."""
    code = (
        "from marshmallow import validate\n"
        "class Keyed(Schema):\n"
        "    api_key = fields.String(validate=validate.OneOf(['a'], error='{input} is wrong'))\n"
    ) + hook("settings", "PluginSettings(schema=Keyed, secrets=['api_key'])")
    packages.add("shop", plugin=PREAMBLE + code)
    found = load("shop", shop={"api_key": "hunter2"}).statuses["shop"].reason
    assert found == "[plugin.shop] is wrong: {'api_key': ['Not accepted.']}"
