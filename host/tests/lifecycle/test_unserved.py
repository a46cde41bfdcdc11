"""What is specified ahead: every hook that this version does not serve."""

from __future__ import annotations

import pytest

from meishi import __version__
from meishi.lifecycle.unserved import UNSERVED
from meishi.testing.packages import PluginPackages

from .conftest import Load
from .shop import PREAMBLE, hook, reason

#: One right declaration for every hook that is not served.
AHEAD = {
    "meters": "[Meter(name='orders', title='Orders', unit='orders')]",
    "plan_features": "[PlanFeature(name='codes', title='Codes', default=10, unit='codes')]",
}


@pytest.mark.parametrize("name", sorted(UNSERVED))
def test_what_is_not_served_is_refused_by_name(
    packages: PluginPackages, load: Load, name: str
) -> None:
    """A declaration that the host would never act on is not accepted in silence."""
    found = reason(packages, load, hook(name, AHEAD[name]))
    assert found.startswith(f"hook `{name}`")
    assert found.endswith(
        f" is specified but not served by this version of the host ({__version__})"
    )


@pytest.mark.parametrize(
    ("code", "emits", "found"),
    [
        (
            hook("permissions", "[Permission(name='R', title='R')]"),
            [],
            "hook `permissions`: Permission: `name` must match",
        ),
        ("", ["order.placed.v1"], "`events.emits` of the manifest and hook `event_types` differ"),
    ],
)
def test_what_an_author_can_mend_is_said_before_what_is_not_served(
    packages: PluginPackages, load: Load, code: str, emits: list[str], found: str
) -> None:
    """Who writes for a later host is told everything else first, wherever it stands."""
    said = reason(packages, load, hook("pages", "page()") + code, events={"emits": emits})
    assert said.startswith(found)


def test_a_hook_of_a_plugin_that_is_not_there_is_left_alone(
    packages: PluginPackages, load: Load
) -> None:
    """One that is marked optional is no slip of the pen, and nobody calls it."""
    code = "@hookimpl(optionalhook=True)\ndef viral_fraud_rules():\n    raise RuntimeError\n"
    packages.add("shop", plugin=PREAMBLE + code)
    assert load("shop").statuses["shop"].state.value == "active"
