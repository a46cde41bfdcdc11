"""The records that hooks return: every field is held against a rule, and named when it is wrong."""

from __future__ import annotations

import dataclasses

import pytest

import meishi.declarations
from meishi.hookspecs import Hooks
from meishi.lifecycle.declaration_faults import _RULES
from meishi.lifecycle.hook_results import CLASSES, ONE, SEVERAL
from meishi.lifecycle.unserved import UNSERVED
from meishi.sdk import plugin as sdk
from meishi.testing.packages import PluginPackages

from .conftest import Load
from .shop import PREAMBLE, hook, reason

pytestmark = pytest.mark.no_calls

DECLARED = {
    name: kind
    for name, kind in vars(meishi.declarations).items()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind)
}
#: What plugins are given, or give while they run: no declarations of a hook.
AT_RUN_TIME = {
    "DataSubject", "ErasureReport", "HealthReport", "ImportChunk", "ImportField",
    "ImportPreview", "ImportTask", "JobProgress", "JobResult", "MergeReport", "PersonalRecord",
    "PluginContext", "RejectedItem", "RetainedRecords", "Sample", "SearchHit", "SearchQuery",
    "UnmergeReport",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_declaration_is_frozen_and_documented(name: str) -> None:
    """Nobody changes a record after the hook has returned it; its words explain every field."""
    kind = DECLARED[name]
    assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
    assert "__slots__" in vars(kind)
    fields = [field.name for field in dataclasses.fields(kind)]
    assert [field for field in fields if f"`{field}`" not in (kind.__doc__ or "")] == []


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
        (
            "permissions",
            "[Permission(name='read', title='R', roles=(), operators='yes')]",
            "`operators` must be of bool, not 'yes'",
        ),
        (
            "permissions",
            "[Permission(name='read', title='R', oversees='yes')]",
            "`oversees` must be of bool, not 'yes'",
        ),
        (
            "permissions",
            "[Permission(name='read', title='R', operators=True)]",
            "`roles` must be empty where `operators` have the right",
        ),
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
            "`subscription` is wrong: `slots` must be a whole number from 1 to 64, not 0",
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
        ("jobs", "job(run=untyped)", "`run`: order_id has no type"),
        ("jobs", "job(run=listed)", "`run`: orders has a type that a queue cannot remember: list"),
        ("jobs", "job(run=several)", "`run`: orders stands for any number of arguments"),
        ("jobs", "job(run=later)", "`run` is asynchronous"),
        ("jobs", "job(key='order')", "`key` names 'order', which `run` does not take"),
        (
            "jobs",
            "job(run=send, schedule='0 * * * *')",
            "`schedule` calls `run` without arguments, but it needs order_id",
        ),
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
        ("importers", "importer(detect=5)", "`detect` must be callable"),
        ("importers", "importer(max_bytes=0)", "`max_bytes` must be a whole number from 1"),
        ("importers", "importer(limit_seconds=0)", "`limit_seconds` must be a number from 0.001"),
        ("exporters", "exporter(media_type='csv')", "`media_type` must match"),
        ("search_providers", "search(search=None)", "`search` must be callable"),
        ("data_subject", "PersonalData(export=None, erase=print)", "`export` must be callable"),
        ("merge_entities", "[MergeHandler(kind='contact', handler=print)]", "`kind` must match"),
        ("health", "check(limit_seconds=None)", "`limit_seconds` must be a number"),
        ("metrics", "metric(labels=['State'])", "`labels` holds an item that must match"),
        ("metrics", "metric(name='orders')", "`name` of a counter ends in `_total`"),
        ("metrics", "metric(kind=MetricKind.GAUGE)", "`name` of a counter ends in `_total`"),
        ("metrics", "metric(labels=['plugin'])", "`labels` holds 'plugin', which the host"),
        ("metrics", "metric(labels=['a', 'a'])", "`labels` holds one twice"),
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
