import re
import signal
import sys

import pytest

from meishi.errors import BootRefused
from meishi.lifecycle.guarding import SIGNALS
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.states import PluginState
from meishi.settings import BootPolicy
from meishi.testing.packages import PluginPackages

from .conftest import Load


def state(plugins: PluginSet, name: str) -> tuple[str, str]:
    """Return a plugin's state with the reason."""
    status = plugins.statuses[name]
    return status.state.value, status.reason


def active(plugins: PluginSet) -> list[str]:
    """Return the names of active plugins, without the host's own parts."""
    built_in = {name for name, status in plugins.statuses.items() if status.built_in}
    return [item.plugin for item in plugins.active() if item.plugin not in built_in]


def test_an_allowed_plugin_is_active(packages: PluginPackages, load: Load) -> None:
    """A package with a manifest and nothing else is a plugin."""
    packages.add("shop")
    assert state(load("shop"), "shop") == ("active", "")


def test_a_plugin_that_is_not_allowed_is_listed_but_not_imported(
    packages: PluginPackages, load: Load
) -> None:
    """Installing alone runs no code and is no fault."""
    packages.add("shop", files={"__init__.py": "raise RuntimeError"})
    plugins = load()
    assert state(plugins, "shop") == ("disabled", "not in the setting `plugins`")
    assert "shop" not in sys.modules
    assert plugins.faults() == []


@pytest.mark.parametrize(
    ("requirement", "reason"),
    [
        ({"base": "*"}, None),
        ({"base": ">=1,<2"}, None),
        ({"identity": ">=0.1"}, None),
        ({"idle": "*"}, "skipped: needs idle (disabled)"),
        ({"wrong": "*"}, "skipped: needs wrong (broken)"),
    ],
)
def test_requirements_are_checked_against_what_is_active(
    packages: PluginPackages, load: Load, requirement: dict[str, str], reason: str | None
) -> None:
    """A plugin runs only when everything that it needs runs, in a version that it can use."""
    packages.add("base")
    packages.add("idle")
    packages.add("wrong", plugin="raise RuntimeError")
    packages.add("shop", requires=requirement)
    expected = ("active", "") if reason is None else ("missing_dependency", reason)
    assert state(load("base", "wrong", "shop"), "shop") == expected


def test_plugins_are_loaded_in_the_order_of_their_needs(
    packages: PluginPackages, load: Load
) -> None:
    """Contributions stand in dependency order, with the host's own parts before all."""
    packages.add("a_shop", requires={"z_base": "*"})
    packages.add("b_shop", after={"a_shop": "*"})
    packages.add("z_base")
    plugins = load("a_shop", "b_shop", "z_base")
    assert active(plugins) == ["z_base", "a_shop", "b_shop"]
    names = [item.plugin for item in plugins.active()]
    assert {"identity", "meishi", "meishi_events"} <= set(names[:-3])
    assert names[-3:] == ["z_base", "a_shop", "b_shop"]


def test_circular_requirements_are_broken_and_their_dependents_skipped(
    packages: PluginPackages, load: Load
) -> None:
    """Every member is told the circle; who needs a member is told which."""
    packages.add("one", requires={"two": "*"})
    packages.add("two", requires={"one": "*"})
    packages.add("three", requires={"two": "*"})
    packages.add("four")
    plugins = load("one", "two", "three", "four")
    for name in ("one", "two"):
        found, reason = state(plugins, name)
        assert found == "broken"
        assert "circle" in reason
        assert "one" in reason
        assert "two" in reason
    assert state(plugins, "three") == ("missing_dependency", "skipped: needs two (broken)")
    assert active(plugins) == ["four"]


def test_a_module_that_is_no_python_breaks_one_plugin(packages: PluginPackages, load: Load) -> None:
    """The file and the line are in the reason."""
    packages.add("shop", plugin="def")
    packages.add("store")
    plugins = load("shop", "store")
    found = state(plugins, "shop")[1]
    assert re.search(r"^importing shop\.plugin raised SyntaxError\(.*shop/plugin\.py'", found)
    assert active(plugins) == ["store"]


def test_an_entry_point_that_names_no_module_breaks_one_plugin(
    packages: PluginPackages, load: Load
) -> None:
    """The path of the entry point is imported as it stands."""
    packages.add("shop", entry_point="shop = shop.plugin:main")
    assert "importing shop.plugin:main raised" in state(load("shop"), "shop")[1]


def test_two_packages_with_one_name_are_both_refused(packages: PluginPackages, load: Load) -> None:
    """Neither is imported, and the reason names both."""
    packages.add("shop", files={"__init__.py": "raise RuntimeError"})
    packages.add("store", entry_point="shop = store.plugin", name="shop")
    assert state(load("shop"), "shop") == (
        "broken",
        "several packages register 'shop': shop.plugin, store.plugin",
    )
    assert "shop" not in sys.modules
    assert state(load(), "shop")[0] == "disabled"


def test_a_package_cannot_take_the_name_of_a_host_part(
    packages: PluginPackages, load: Load
) -> None:
    """The host's own part goes on, and the package is listed as broken beside it."""
    packages.add("lodger", entry_point="identity = lodger.plugin", name="identity")
    plugins = load()
    assert state(plugins, "identity") == ("active", "")
    assert state(plugins, "identity (lodger.plugin)") == (
        "broken",
        "the name 'identity' belongs to the host",
    )


def test_an_unknown_name_in_the_settings_is_a_fault_with_a_suggestion(
    packages: PluginPackages, load: Load
) -> None:
    """A slip of the pen in `plugins`, or in a plugin's table, does not go unnoticed."""
    packages.add("shop")
    plugins = load("shop", "shoop", stop={"key": 1})
    assert state(plugins, "shoop") == (
        "missing_dependency",
        "named in the setting `plugins`, but not installed; did you mean 'shop'?",
    )
    assert state(plugins, "stop") == (
        "missing_dependency",
        "named in [plugin.stop], but not installed; did you mean 'shop'?",
    )
    assert active(plugins) == ["shop"]


def test_settings_of_a_disabled_plugin_are_no_fault(packages: PluginPackages, load: Load) -> None:
    """Turning a plugin off does not mean throwing its settings away."""
    packages.add("shop")
    assert load(shop={"key": 1}).faults() == []


def test_taking_a_plugin_out_takes_out_all_that_need_it(
    packages: PluginPackages, load: Load
) -> None:
    """A fault found after loading reaches the dependents of dependents."""
    packages.add("one")
    packages.add("two", requires={"one": "*"})
    packages.add("three", requires={"two": "*"})
    packages.add("four")
    plugins = load("one", "two", "three", "four")
    plugins.mark("one", PluginState.NEEDS_MIGRATION, "pending: one_0001")
    assert state(plugins, "two") == ("missing_dependency", "skipped: needs one")
    assert state(plugins, "three") == ("missing_dependency", "skipped: needs two")
    assert active(plugins) == ["four"]


def test_a_plugin_does_not_decide_what_ends_the_process(
    packages: PluginPackages, load: Load
) -> None:
    """It may hear signals of its own; those that the host lives by mean what they did before."""
    deaf = "".join(f"signal.signal(signal.{number.name}, signal.SIG_IGN)\n" for number in SIGNALS)
    own = "signal.signal(signal.SIGUSR2, print)\n"
    packages.add("shop", plugin=f"import signal\n{deaf}{own}")
    before = [signal.getsignal(number) for number in SIGNALS]
    mine = signal.getsignal(signal.SIGUSR2)
    try:
        plugins = load("shop")
        assert (signal.getsignal(signal.SIGUSR2), active(plugins)) == (print, ["shop"])
        assert [signal.getsignal(number) for number in SIGNALS] == before
    finally:
        for number, handler in zip((*SIGNALS, signal.SIGUSR2), (*before, mine), strict=True):
            signal.signal(number, handler)


def test_a_strict_boot_is_refused_by_plugin_and_reason(
    packages: PluginPackages, load: Load
) -> None:
    """The message says who and why; the policy `degrade` lets the rest run."""
    packages.add("shop", host="newest")
    plugins = load("shop")
    with pytest.raises(BootRefused, match=r"The plugin shop is broken: `host` is not a version"):
        plugins.enforce(BootPolicy.STRICT)
    plugins.enforce(BootPolicy.DEGRADE)


def test_a_fault_of_the_host_itself_stops_every_boot(load: Load) -> None:
    """Without accounts or the event log there is nothing left to degrade to."""
    plugins = load()
    plugins.mark("identity", PluginState.NEEDS_MIGRATION, "pending: identity_0001")
    with pytest.raises(BootRefused, match="own part identity failed: pending: identity_0001"):
        plugins.enforce(BootPolicy.DEGRADE)
