from typing import Any

import pytest

from meishi.cli import meishi
from meishi.command import HOST_COMMANDS
from meishi.lifecycle.reserved import RESERVED_NAMES
from meishi.testing.packages import PluginPackages

from .conftest import Load

PREAMBLE = """
from marshmallow import Schema
from meishi.sdk.http import Blueprint
from meishi.sdk.plugin import Permission, Schemas, hookimpl
class OrderSchema(Schema): ...
"""
BORROWED = """
from crm_contacts.contract import ContactCreated, Contacts
from meishi.sdk.plugin import Service, hookimpl
@hookimpl
"""


@pytest.mark.parametrize(
    ("code", "manifest", "borrowed"),
    [
        ("def services(): return [Service(Contacts, object)]", {}, "Contacts"),
        (
            "def event_types(): return [ContactCreated]",
            {"events": {"emits": ["contact.created.v1"]}},
            "ContactCreated",
        ),
    ],
)
def test_a_contract_of_another_plugin_cannot_be_offered(
    packages: PluginPackages, load: Load, code: str, manifest: dict[str, Any], borrowed: str
) -> None:
    """Who comes first by name does not take the owner's place: the owner stays active."""
    packages.add("a_shop", plugin=BORROWED + code, **manifest)
    statuses = load("a_shop", "crm_contacts").statuses
    reason = statuses["a_shop"].reason
    assert "crm_contacts.contract." in reason
    assert f".{borrowed} is not of the plugin's own package 'a_shop'" in reason
    assert statuses["crm_contacts"].state.value == "active"


@pytest.mark.parametrize(
    "name", sorted(RESERVED_NAMES - {"meishi", "identity", "analytics", "audit"})
)
def test_names_that_the_host_keeps_are_refused(
    packages: PluginPackages, load: Load, name: str
) -> None:
    """Neither a plugin nor its prefix may stand where a part of the host is, or will be."""
    packages.add(name)
    packages.add("shop", api_prefix=name)
    statuses = load(name, "shop").statuses
    assert statuses[name].reason == f"`name` {name!r} is reserved for the host"
    assert statuses["shop"].reason == f"`api_prefix` {name!r} is reserved for the host"


def test_permissions_and_blueprints_are_unique_over_all_plugins(
    packages: PluginPackages, load: Load
) -> None:
    """A prefix that is another plugin's name does not lead to shared rights."""
    permission = "@hookimpl\ndef permissions(): return [Permission(name='read', title='See')]\n"
    blueprint = "@hookimpl\ndef routes(): return [Blueprint('orders', description='')]\n"
    code = PREAMBLE
    packages.add("a_shop", plugin=code + permission)
    packages.add("b_shop", plugin=code + permission, api_prefix="a_shop".replace("_", "-"))
    packages.add("shop", plugin=code + permission + blueprint, api_prefix="goods")
    packages.add("goods", plugin=code + permission)
    packages.add("store", plugin=code + blueprint, api_prefix="store")
    statuses = load("a_shop", "b_shop", "shop", "goods", "store").statuses
    assert statuses["b_shop"].state.value == "active"
    assert statuses["shop"].reason == "permission 'goods.read' belongs to the plugin 'goods'"
    assert statuses["store"].state.value == "active"


def test_a_plugin_that_is_refused_takes_no_names(packages: PluginPackages, load: Load) -> None:
    """The names of a clash stay free for others, all of them."""
    code = PREAMBLE
    blueprint = "@hookimpl\ndef routes(): return [Blueprint('orders', description='')]\n"
    double = "@hookimpl\ndef schemas(): return Schemas(resources=[OrderSchema, OrderSchema])\n"
    packages.add("a_shop", plugin=code + blueprint + double, api_prefix="orders")
    packages.add("b_shop", plugin=code + blueprint, api_prefix="orders")
    statuses = load("a_shop", "b_shop").statuses
    assert statuses["a_shop"].reason == "schema 'Order' is declared twice"
    assert statuses["b_shop"].state.value == "active"


def test_the_reserved_commands_are_those_that_the_host_has() -> None:
    """The list of reserved names follows the command line."""
    assert sorted(meishi.commands) == sorted(HOST_COMMANDS)
