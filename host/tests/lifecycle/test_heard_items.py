"""Listening for the sake of what others supply to a hook: to events of whoever that is."""

from __future__ import annotations

from typing import Any

import pytest

from meishi.events.event_map import declared_events, event_map
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.states import PluginState
from meishi.testing.packages import PluginPackages

from .conftest import Load

CONTRACT = """
from dataclasses import dataclass
from meishi.sdk.contract import Event
@dataclass(frozen=True, kw_only=True)
class Count:
    name: str
    event: type[Event]
"""
SPEC = """
from collections.abc import Sequence
from tally.contract import Count
def tally_counts() -> Sequence[Count]:
    \"\"\"What is counted.\"\"\"
"""
TALLY = """
from meishi.sdk.plugin import *
from tally import points
from tally.contract import Count
def add(events):
    pass
def listen(count):
    return on(count.event, add, subscription=Subscription(name="tally"))
@hookimpl
def hookspecs():
    return [HookSpec(function=points.tally_counts, item=Count, unique="name", listens=listen)]
"""
SOLD = """
from dataclasses import dataclass
from typing import ClassVar
from meishi.sdk.contract import Event
@dataclass(frozen=True, slots=True, kw_only=True)
class Sold(Event):
    \"\"\"Something was sold.\"\"\"
    event_type: ClassVar[str] = "SHOP.sold.v1"
    subject: ClassVar[str] = "what"
    what: str
"""
SHOP = """
from meishi.sdk.plugin import *
from SHOP.contract import Sold
@hookimpl
def event_types():
    return [Sold]
@hookimpl(optionalhook=True)
def tally_counts():
    from tally.contract import Count
    return [Count(name="SHOP", event=Sold)]
"""


def add_tally(packages: PluginPackages, code: str = TALLY) -> None:
    """Install the plugin that counts."""
    files = {"contract.py": CONTRACT, "points.py": SPEC}
    packages.add("tally", plugin=code, api_prefix="tally", files=files)


def add_shop(packages: PluginPackages, name: str, code: str = SHOP, contract: str = SOLD) -> None:
    """Install a plugin that has something to count."""
    packages.add(
        name,
        plugin=code.replace("SHOP", name),
        after={"tally": ">=0"},
        events={"emits": [f"{name}.sold.v1"]},
        files={"contract.py": contract.replace("SHOP", name)},
    )


def listeners(plugins: PluginSet, of: str) -> dict[str, list[str]]:
    """Return who listens to the types that a shop declares, by type."""
    found: Any = event_map(declared_events(plugins.active(), plugins.extensions))
    return {
        item.name: [str(who) for who in item.listeners]
        for item in found.types
        if item.name.startswith(of)
    }


def test_whoever_supplies_an_item_is_listened_to(packages: PluginPackages, load: Load) -> None:
    """The events are those of plugins that nobody knew before, and end with their plugin."""
    add_tally(packages)
    add_shop(packages, "bakery")
    add_shop(packages, "florist")
    plugins = load("tally", "bakery", "florist")
    heard = ["tally.tally (durable)"]
    assert listeners(plugins, "bakery") == {"bakery.sold.v1": heard}
    assert listeners(plugins, "florist") == {"florist.sold.v1": heard}
    plugins.mark("florist", PluginState.BROKEN, "for a test")
    assert listeners(plugins, "bakery") == {"bakery.sold.v1": heard}
    assert listeners(plugins, "florist") == {}


def test_two_items_are_not_called_the_same(packages: PluginPackages, load: Load) -> None:
    """The later plugin is told whose name it is."""
    add_tally(packages)
    add_shop(packages, "bakery")
    add_shop(packages, "florist", SHOP.replace('name="SHOP"', 'name="bakery"'))
    statuses = load("tally", "bakery", "florist").statuses
    assert statuses["bakery"].state is PluginState.ACTIVE
    assert statuses["florist"].reason == (
        "hook `tally_counts`: the name 'bakery' is taken by bakery"
    )


def test_a_plugin_does_not_call_two_items_the_same(packages: PluginPackages, load: Load) -> None:
    """One name in one list is enough."""
    add_tally(packages)
    add_shop(packages, "bakery", SHOP.replace("event=Sold)]", "event=Sold)] * 2"))
    assert load("tally", "bakery").statuses["bakery"].reason == (
        "hook `tally_counts`: the name 'bakery' is taken by another item of the plugin"
    )


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (
            "    return on(",
            "    raise RuntimeError('no ink')\n    return on(",
            "hook `tally_counts`: listening for an item raised RuntimeError('no ink')",
        ),
        (
            "    return on(count.event, add, subscription=",
            "    return (",
            "hook `tally_counts` must return EventHandler, not a Subscription",
        ),
    ],
)
def test_listening_that_cannot_be_is_refused(
    packages: PluginPackages, load: Load, old: str, new: str, reason: str
) -> None:
    """Who supplies the item is taken out, and the others run."""
    add_tally(packages, TALLY.replace(old, new))
    add_shop(packages, "bakery")
    statuses = load("tally", "bakery").statuses
    assert statuses["bakery"].reason == reason
    assert statuses["tally"].state is PluginState.ACTIVE


def test_one_subscription_is_declared_in_one_way(packages: PluginPackages, load: Load) -> None:
    """What differs from what is listened to already is refused, and that goes on."""
    slots = 'Subscription(slots=len(count.name), name="tally")'
    add_tally(packages, TALLY.replace('Subscription(name="tally")', slots))
    add_shop(packages, "bakery")
    add_shop(packages, "tobacconist")
    plugins = load("tally", "bakery", "tobacconist")
    assert plugins.statuses["tobacconist"].reason == (
        "hook `tally_counts`: the subscription 'tally' is declared in two ways"
    )
    assert listeners(plugins, "bakery") == {"bakery.sold.v1": ["tally.tally (durable)"]}


def test_a_retired_event_is_not_listened_to(packages: PluginPackages, load: Load) -> None:
    """The newest version is named, as it is what handlers are given."""
    add_tally(packages)
    newest = SOLD.partition("@dataclass\n")[0].partition("@dataclass(")[2]
    newest = f"@dataclass({newest}".replace("class Sold(", "class SoldTwo(").replace("v1", "v2")
    upcast = "    def upcast(self) -> 'SoldTwo':\n        return SoldTwo(what=self.what)\n"
    code = SHOP.replace("[Sold]", "[Sold, SoldTwo]").replace("import Sold", "import Sold, SoldTwo")
    packages.add(
        "bakery",
        plugin=code.replace("SHOP", "bakery"),
        after={"tally": ">=0"},
        events={"emits": ["bakery.sold.v2"]},
        files={"contract.py": f"{SOLD}{upcast}{newest}".replace("SHOP", "bakery")},
    )
    reason = load("tally", "bakery").statuses["bakery"].reason
    assert reason == "hook `tally_counts`: bakery.sold.v1 is retired; name bakery.sold.v2"


def test_what_tells_items_apart_is_a_field(packages: PluginPackages, load: Load) -> None:
    """The author of the hook reads which field there is not."""
    add_tally(packages, TALLY.replace('unique="name"', 'unique="title"'))
    assert load("tally").statuses["tally"].reason == (
        "hook `hookspecs`: `unique` 'title' of `tally_counts` is no field of Count"
    )
