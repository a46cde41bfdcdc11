"""Versions of event types at boot: upcasters lead on, and nobody listens to what is retired."""

from __future__ import annotations

import pytest

from meishi.testing.packages import PluginPackages

from .conftest import Load
from .shop import hook

HEAD = """
from dataclasses import dataclass
from meishi.sdk.contract import Event
from meishi.sdk.plugin import hookimpl, on
@dataclass(frozen=True)
class Placed(Event):
    event_type = "order.placed.v3"
    subject = "order_id"
    order_id: str
"""

#: A class for an old version; what stands in its body comes behind.
OLD = """
@dataclass(frozen=True)
class {name}(Event):
    event_type = "{event_type}"
    subject = "order_id"
    order_id: str
"""
STEP = "    def upcast(self) -> '{0}': return {0}(self.order_id)\n"


def old(name: str, event_type: str, upcast: str) -> str:
    """Return the code of a retired class; `upcast` is the class that it becomes, or the code."""
    step = STEP.format(upcast) if upcast.isidentifier() else f"    {upcast}\n"
    return OLD.format(name=name, event_type=event_type) + step


def shop(code: str, *names: str) -> str:
    """Return the code of a plugin whose events are these classes."""
    return HEAD + code + hook("event_types", f"[{', '.join(('Placed', *names))}]")


EMITS = {"emits": ["order.placed.v3"]}


def reason(packages: PluginPackages, load: Load, code: str) -> str:
    """Load a shop with this code, and return why it is broken."""
    packages.add("shop", plugin=code, events=EMITS)
    return load("shop").statuses["shop"].reason


def test_old_versions_are_declared_and_not_emitted(packages: PluginPackages, load: Load) -> None:
    """The manifest names what is published; what an old event becomes may itself be retired."""
    code = old("Second", "order.placed.v2", "Placed") + old("First", "order.placed.v1", "Second")
    assert reason(packages, load, shop(code, "First", "Second")) == ""


@pytest.mark.parametrize(
    ("code", "names", "fault"),
    [
        (
            old("First", "order.placed.v1", "Hidden") + old("Hidden", "order.placed.v2", "Placed"),
            ("First",),
            "First.upcast makes order.placed.v1 become Hidden, which `event_types` does not return",
        ),
        (
            "from crm_contacts.contract import ContactCreated\n"
            + old("First", "order.placed.v1", "ContactCreated"),
            ("First",),
            "First.upcast makes order.placed.v1 become ContactCreated, an event of crm_contacts",
        ),
        (
            old("Second", "order.placed.v2", "Placed") + old("Third", "order.placed.v9", "Second"),
            ("Second", "Third"),
            "Third.upcast makes order.placed.v9 become order.placed.v2, which is not newer",
        ),
        (
            old("Twin", "order.placed.v3", "Placed"),
            ("Twin",),
            "Twin.upcast makes order.placed.v3 become order.placed.v3, which is not newer",
        ),
        (
            old("First", "order.sent.v1", "Placed"),
            ("First",),
            (
                "First.upcast makes order.sent.v1 become order.placed.v3; "
                "it must become a newer version of order.sent"
            ),
        ),
        (
            old("First", "order.placed.v1", "First"),
            ("First",),
            (
                "First.upcast makes order.placed.v1 become itself again: "
                "order.placed.v1 → order.placed.v1"
            ),
        ),
        (
            old("First", "order.placed.v1", "Second") + old("Second", "order.placed.v2", "First"),
            ("First", "Second"),
            (
                "First.upcast makes order.placed.v1 become itself again: "
                "order.placed.v1 → order.placed.v2 → order.placed.v1"
            ),
        ),
        (
            old("First", "order.placed.v1", "upcast = 7"),
            ("First",),
            "First.upcast must be a method without arguments",
        ),
        (
            old("First", "order.placed.v1", "def upcast(self, how) -> Placed: ..."),
            ("First",),
            "First.upcast must be a method without arguments",
        ),
        (
            old("First", "order.placed.v1", "async def upcast(self) -> Placed: ..."),
            ("First",),
            "First.upcast must be a method without arguments",
        ),
        (
            old("First", "order.placed.v1", "@staticmethod\n    def upcast(it) -> Placed: ..."),
            ("First",),
            "First.upcast must be a method without arguments",
        ),
        (
            old("First", "order.placed.v1", "def upcast(self): ..."),
            ("First",),
            "First.upcast must name in its return type the event class that it returns",
        ),
        (
            old("First", "order.placed.v1", "def upcast(self) -> Event: ..."),
            ("First",),
            "First.upcast must name in its return type the event class that it returns",
        ),
        (
            old("First", "order.placed.v1", "def upcast(self) -> 'Lost': ..."),
            ("First",),
            "First.upcast has a return type that cannot be read: name 'Lost' is not defined",
        ),
        (
            old("First", "order.placed.v1", "def upcast(self) -> Placed: yield"),
            ("First",),
            "First.upcast must be a method without arguments",
        ),
        (
            OLD.format(name="First", event_type="").replace('event_type = ""', "pass"),
            ("First",),
            "First has no `event_type`",
        ),
        (
            old("First", "order placed", "Placed"),
            ("First",),
            r"First: `event_type` must match [a-z_]+(\.[a-z_]+)+\.v[1-9][0-9]*: 'order placed'",
        ),
    ],
)
def test_an_upcaster_that_leads_nowhere_is_refused(
    packages: PluginPackages, load: Load, code: str, names: tuple[str, ...], fault: str
) -> None:
    """Found at boot, by class, rather than when an old event is delivered."""
    assert reason(packages, load, shop(code, *names)) == f"hook `event_types`: {fault}"


def test_a_retired_type_must_not_be_emitted(packages: PluginPackages, load: Load) -> None:
    """A manifest that promises it would promise what no event can be."""
    code = shop(old("First", "order.placed.v1", "Placed"), "First")
    packages.add("shop", plugin=code, events={"emits": ["order.placed.v1", "order.placed.v3"]})
    assert load("shop").statuses["shop"].reason == (
        "`events.emits` of the manifest and hook `event_types` differ: order.placed.v1"
    )


LISTENER = """
from shop.plugin import First, Placed
from meishi.sdk.plugin import hookimpl, on
@hookimpl
def event_handlers():
    return [on({event}, print, mode="in_transaction")]
"""


@pytest.mark.parametrize("name", ["a_desk", "z_desk"])
def test_who_listens_to_a_retired_type_is_told_which_to_consume(
    packages: PluginPackages, load: Load, name: str
) -> None:
    """Whichever of both is loaded first; the owner goes on, who needs the listener does not."""
    code = old("Second", "order.placed.v2", "Placed") + old("First", "order.placed.v1", "Second")
    packages.add("shop", plugin=shop(code, "First", "Second"), events=EMITS)
    packages.add(
        name,
        plugin=LISTENER.format(event="First"),
        events={"consumes": ["order.placed.v1"]},
    )
    packages.add("guest", requires={name: "*"})
    plugins = load("shop", name, "guest")
    assert plugins.statuses[name].state.value == "broken"
    assert plugins.statuses[name].reason == (
        "`events.consumes` of the manifest names order.placed.v1, which shop has retired; "
        "consume order.placed.v3: what is older is delivered as that"
    )
    assert plugins.statuses["shop"].state.value == "active"
    assert plugins.statuses["guest"].reason == f"skipped: needs {name}"


def test_a_type_that_nobody_declares_may_be_consumed(packages: PluginPackages, load: Load) -> None:
    """Its owner may not be installed, or may be switched off."""
    code = shop(old("First", "order.placed.v1", "Placed"), "First")
    packages.add("shop", plugin=code, events=EMITS)
    packages.add(
        "desk", plugin=LISTENER.format(event="First"), events={"consumes": ["order.placed.v1"]}
    )
    assert load("desk").statuses["desk"].state.value == "active"
