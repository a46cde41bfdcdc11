"""Each check of a package names what its author did against it."""

from __future__ import annotations

from typing import Any

import pytest

from meishi.testing.conformance import check_plugin
from meishi.testing.packages import PluginPackages

from .conftest import Bench, findings

pytestmark = pytest.mark.no_calls

PREAMBLE = """
import dataclasses
from typing import Any, ClassVar, Protocol
from uuid import UUID
from meishi.sdk.contract import DomainError, Event, query
"""

EVENT = """
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShopOpened(Event):
    event_type: ClassVar[str] = "shop.opened.v1"
    subject: ClassVar[str] = "shop_id"

    shop_id: UUID
"""

CHANGING = """place: str = ''
    def __post_init__(self):
        object.__setattr__(self, 'place', self.place + '!')
"""
REFUSING = """place: str = ''
    def __post_init__(self):
        if not self.place.isascii(): raise ValueError('not ASCII')
"""

OFFERED = """
from meishi.sdk.plugin import hookimpl
from shop.contract import ShopOpened

@hookimpl
def event_types(): return [ShopOpened]
"""


@pytest.mark.parametrize(
    ("plugin", "manifest", "message"),
    [
        ("raise RuntimeError('no licence')", {}, "It is broken: importing shop.plugin raised "),
        ("", {"host": ">=99"}, "It is incompatible: needs meishi >=99"),
        ("", {"requires": {"stall": "*"}}, "It is missing_dependency: skipped: needs stall"),
        ("", {"colour": "red"}, "It is broken: plugin.toml has an unknown key `colour`"),
        ("", {"events": {"emits": ["shop.closed.v1"]}}, "It is broken: `events.emits` of the "),
        (
            "from meishi.sdk.plugin import hookimpl\n@hookimpl\ndef tables(): return []",
            {},
            "It is broken: there is no hook `tables`",
        ),
    ],
)
def test_a_plugin_that_does_not_load_is_a_finding_with_its_reason(
    packages: PluginPackages,
    bench_of: Bench,
    plugin: str,
    manifest: dict[str, Any],
    message: str,
) -> None:
    """What cannot be checked without it is skipped, and not reported as sound."""
    packages.add("shop", plugin=plugin, **manifest)
    first, *others = check_plugin(bench_of("shop"), "shop")
    assert [item.message.startswith(message) for item in first.findings] == [True], first
    assert all(result.skipped for result in others)


def test_routes_that_cannot_be_served_are_a_finding(
    packages: PluginPackages, bench_of: Bench
) -> None:
    """A plugin that an application would leave out is not sound."""
    code = (
        "from meishi.sdk.http import Blueprint\nfrom meishi.sdk.plugin import hookimpl\n"
        "from flask.views import MethodView\nblueprint = Blueprint('shop', description='x')\n"
        "@blueprint.route('')\nclass Shops(MethodView):\n"
        "    def get(self): 'List shops.'\n"
        "@hookimpl\ndef routes(): return [blueprint]\n"
    )
    packages.add("shop", plugin=code, api_prefix="shop")
    (message,) = findings(bench_of("shop"), "loading", "shop")
    assert message == "It is broken: GET /api/v1/shop names no permission."


def test_an_import_across_a_boundary_is_a_finding(
    packages: PluginPackages, bench_of: Bench
) -> None:
    """Module, line and rule are told; what others do is not reported here."""
    packages.add("shop", plugin="from meishi.host import Host\nimport qr.models\n")
    packages.add("stall", plugin="import qr.models\n")
    found = findings(bench_of("shop", "stall"), "imports", "shop")
    assert found == [
        "shop.plugin:1 imports meishi.host.",
        "shop.plugin:2 imports qr.models.",
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("class Shops(Protocol):\n    def open(self) -> None: ...\n", "Shops: open is not marked"),
        ("@dataclasses.dataclass\nclass Shop:\n    name: str\n", "Shop: Shop is not frozen."),
        (EVENT, "ShopOpened: `event_types` does not return this event."),
    ],
)
def test_what_must_not_be_in_a_contract_is_a_finding(
    packages: PluginPackages, bench_of: Bench, code: str, message: str
) -> None:
    """That holds for what no hook offers, too, since others may import it."""
    packages.add("shop", files={"contract.py": PREAMBLE + code})
    (found,) = findings(bench_of("shop"), "loading", "shop")
    assert found.startswith(f"It is broken: contract {message}"), found


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("place: UUID | str", "no sample or schema can be made of its types: "),
        (
            CHANGING,
            "is read as ",
        ),
        (
            REFUSING,
            "no sample or schema can be made of its types: not ASCII",
        ),
    ],
)
def test_an_event_that_the_log_changes_is_a_finding(
    packages: PluginPackages, bench_of: Bench, field: str, message: str
) -> None:
    """The host loads such a class; publishing it, or reading it later, would fail."""
    code = PREAMBLE + EVENT.replace("shop_id: UUID", f"shop_id: UUID\n    {field}")
    packages.add(
        "shop",
        plugin=OFFERED,
        files={"contract.py": code},
        events={"emits": ["shop.opened.v1"]},
    )
    bench = bench_of("shop")
    assert findings(bench, "loading", "shop") == []
    found = findings(bench, "event-types", "shop")
    assert any(line.startswith("shop.opened.v1: ") and message in line for line in found), found


OLD_EVENT = """
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShopOpenedV1(Event):
    event_type: ClassVar[str] = "shop.opened.v1"
    subject: ClassVar[str] = "shop"

    shop: str

    def upcast(self) -> ShopOpened:
        {step}
"""
NEW_EVENT = """
@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ShopOpened(Event):
    event_type: ClassVar[str] = "shop.opened.v2"
    subject: ClassVar[str] = "shop_id"

    shop_id: str
    place: str
"""


@pytest.mark.parametrize(
    ("step", "message"),
    [
        ("return ShopOpened(shop_id=self.shop, place='')", None),
        ("return ShopOpened(shop_id=self.shop[0], place='')", "v2: it raises IndexError("),
        ("return ShopOpened(shop_id=self.shop)", "v2: it raises TypeError("),
        ("return ShopOpened(shop_id=self.shop, place=None)", "Expected `str`, got `null`"),
        ("return ShopOpened(shop_id='x' + self.shop, place='')", "is about something else."),
        ("return self", "no ShopOpened."),
    ],
)
def test_an_old_event_that_becomes_nothing_sound_is_a_finding(
    packages: PluginPackages, bench_of: Bench, step: str, message: str | None
) -> None:
    """The host loads such an upcaster; an event of the old version could not be delivered."""
    contract = PREAMBLE + NEW_EVENT + OLD_EVENT.format(step=step)
    packages.add(
        "shop",
        plugin=OFFERED.replace("ShopOpened", "ShopOpened, ShopOpenedV1"),
        files={"contract.py": contract},
        events={"emits": ["shop.opened.v2"]},
    )
    bench = bench_of("shop")
    assert findings(bench, "loading", "shop") == []
    found = findings(bench, "event-types", "shop")
    assert bool(found) is (message is not None), found
    assert all(line.startswith("shop.opened.v1: ") for line in found)
    assert message is None or any(message in line for line in found), found
