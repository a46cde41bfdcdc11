from typing import Any

import pytest

from meishi.testing.packages import PluginPackages

from .conftest import Load

PREAMBLE = """
from typing import Protocol
import click
from dataclasses import dataclass
from marshmallow import Schema, fields, validate
from sqlalchemy import Column, ForeignKey, MetaData, Table, Text
from meishi.sdk.contract import DomainError, Event, command, query
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import (
    Migrations, Permission, PluginSettings, Schemas, Service, hookimpl, on,
)
@dataclass(frozen=True)
class Placed(Event):
    event_type = "order.placed.v1"
    subject = "order_id"
    order_id: str
metadata = MetaData(schema="shop")
"""
PLACED = {"events": {"emits": ["order.placed.v1"]}}


def reason(packages: PluginPackages, load: Load, code: str, **manifest: Any) -> str:
    """Load a plugin with this code beside a sound one; return why it is broken."""
    packages.add("shop", plugin=PREAMBLE + code, **manifest)
    packages.add("store")
    plugins = load("shop", "store")
    assert plugins.statuses["shop"].state.value in {"active", "broken"}
    assert plugins.statuses["store"].state.value == "active"
    return plugins.statuses["shop"].reason


def hook(name: str, result: str) -> str:
    """Return the code of a hook that returns an expression."""
    return f"@hookimpl\ndef {name}():\n    return {result}\n"


@pytest.mark.parametrize(
    ("name", "result", "says"),
    [
        ("routes", "None", "must return a list, not a NoneType"),
        ("routes", "'abc'", "must return a list, not a str"),
        ("routes", "(item for item in [])", "must return a list, not a generator"),
        ("routes", "['/orders']", "must return Blueprint, not a str"),
        ("schemas", "None", "must return Schemas, not a NoneType"),
        ("schemas", "[Schema]", "must return Schemas, not a list"),
        ("migrations", "'shop.migrations'", "must return Migrations, not a str"),
        ("event_types", "[Placed('1')]", "must return Event, not a Placed"),
        ("event_types", "[str]", "must return Event, not str"),
        ("event_handlers", "[print]", "must return EventHandler, not a builtin"),
        ("services", "[Placed]", "must return Service, not Placed"),
        ("settings", "Schema", "must return PluginSettings, not Schema"),
        ("permissions", "['read']", "must return Permission, not a str"),
        ("cli", "'shop'", "must return Group, not a str"),
    ],
)
def test_a_hook_that_returns_the_wrong_thing_is_named(
    packages: PluginPackages, load: Load, name: str, result: str, says: str
) -> None:
    """The reason names the hook, what it should return and what it did."""
    assert reason(packages, load, hook(name, result)).startswith(f"hook `{name}` {says}")


def test_migrations_must_name_a_package_with_revisions(
    packages: PluginPackages, load: Load
) -> None:
    """A path that leads nowhere is found at boot rather than at the first upgrade."""
    for package in ("shop.migrations.versions", "shop.plugin", "nowhere"):
        code = hook("migrations", f"Migrations({package!r})")
        assert reason(packages, load, code) == f"hook `migrations` names no package: {package!r}"
        packages.forget()


@pytest.mark.parametrize(
    ("code", "manifest", "says"),
    [
        (hook("event_types", "[Placed]"), {}, "`events.emits`"),
        ("", PLACED, "`events.emits`"),
        (
            hook("event_handlers", "[on(Placed, print, mode='in_transaction')]"),
            {},
            "`events.consumes`",
        ),
        ("", {"events": {"consumes": ["order.placed.v1"]}}, "`events.consumes`"),
    ],
)
def test_a_manifest_that_differs_from_the_hooks_is_broken(
    packages: PluginPackages, load: Load, code: str, manifest: dict[str, Any], says: str
) -> None:
    """What a plugin says without being imported is what it does; the reason names the type."""
    found = reason(packages, load, code, **manifest)
    assert found.startswith(says)
    assert found.endswith("differ: order.placed.v1")


def test_an_event_that_could_not_be_published_is_refused(
    packages: PluginPackages, load: Load
) -> None:
    """Shape and subject of an event are checked at boot, not at the first sale."""
    code = "class Bare(Event):\n    event_type = 'order.placed.v1'\n"
    found = reason(packages, load, code + hook("event_types", "[Bare]"), **PLACED)
    assert found == "hook `event_types`: Bare has no `subject`"


@pytest.mark.parametrize(
    ("tables", "fault"),
    [
        ("Table('a', metadata, Column('b', Text, ForeignKey('shop.a.b')))", ""),
        ("Table('a', metadata, Column('b', Text, ForeignKey('a.b')))", ""),
        (
            "Table('a', metadata, Column('b', Text), schema='public')",
            "table 'a' is in the db_schema 'public', not in 'shop'",
        ),
        (
            "Table('a', metadata, Column('b', Text, ForeignKey('shopping.contact.id')))",
            "foreign key of table 'a' leaves the db_schema: shopping.contact.id",
        ),
    ],
)
def test_tables_and_their_keys_stay_in_the_own_db_schema(
    packages: PluginPackages, load: Load, tables: str, fault: str
) -> None:
    """A plugin that could not be moved to a database of its own is not loaded."""
    code = f"table = {tables}\n" + hook("schemas", "Schemas(db=table.metadata)")
    assert reason(packages, load, code) == fault


def test_routes_and_commands_need_a_prefix(packages: PluginPackages, load: Load) -> None:
    """Nothing is mounted under a prefix that the manifest does not show."""
    code = hook("routes", "[Blueprint('orders', description='Orders')]")
    assert "need `api_prefix`" in reason(packages, load, code)


SETTINGS = (
    "class ShopSettings(Schema):\n"
    "    limit = fields.Integer(load_default=5, validate=validate.Range(1, 9))\n"
) + hook("settings", "PluginSettings(schema=ShopSettings)")


def test_plugin_settings_arrive_with_their_types(packages: PluginPackages, load: Load) -> None:
    """Values are loaded by the plugin's schema, defaults included."""
    packages.add("shop", plugin=PREAMBLE + SETTINGS)
    assert load("shop").contributions["shop"].settings == {"limit": 5}
    assert load("shop", shop={"limit": "7"}).contributions["shop"].settings == {"limit": 7}


@pytest.mark.parametrize(
    ("code", "values", "says"),
    [
        (SETTINGS, {"limit": 10}, "[plugin.shop] is wrong: {'limit':"),
        (SETTINGS, {"limt": 1}, "[plugin.shop] is wrong: {'limt': ['Unknown field.']}"),
    ],
)
def test_a_wrong_plugin_setting_is_refused_by_its_key(
    packages: PluginPackages, load: Load, code: str, values: dict[str, Any], says: str
) -> None:
    """A value that the plugin does not know or want breaks it at boot."""
    packages.add("shop", plugin=PREAMBLE + code)
    assert load("shop", shop=values).statuses["shop"].reason.startswith(says)


def test_settings_that_end_the_process_break_their_plugin(
    packages: PluginPackages, load: Load
) -> None:
    """A schema that calls `sys.exit` while it loads is its plugin's fault alone."""
    code = (
        "class Exit(Schema):\n    def load(self, *_, **__):\n        raise SystemExit(3)\n"
    ) + hook("settings", "PluginSettings(schema=Exit)")
    assert "SystemExit(3)" in reason(packages, load, code)
