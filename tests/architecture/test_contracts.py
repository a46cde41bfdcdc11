"""What contracts offer, and that everything which they must not offer is seen, by name."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import pytest

from meishi.calls.contract_modules import contract_module_faults
from meishi.lifecycle.discovery import discover
from meishi.lifecycle.loading import load_plugins
from meishi.settings import load_settings
from meishi.testing.packages import PluginPackages, plugin_packages

from .faulty_contracts import FAULTS, SOUND

pytestmark = pytest.mark.no_calls

INSTALLED = sorted(
    name for item in discover() if find_spec(name := f"{item.module.rpartition('.')[0]}.contract")
)


@pytest.fixture
def packages(tmp_path: Path) -> Iterator[PluginPackages]:
    """Packages of this test alone."""
    with plugin_packages(tmp_path) as found:
        yield found


def contract(packages: PluginPackages, code: str, *, path: str = "contract.py") -> ModuleType:
    """Return the contract of a plugin, with further code in one of its files."""
    files = {
        "contract.py": SOUND,
        "inside.py": "class Twig: ...\n",
    }
    if path == "contract.py":
        files[path] = f"{SOUND}\n{textwrap.dedent(code)}\n"
    else:
        del files["contract.py"]
        files |= {"contract/__init__.py": "", path: f"{SOUND}\n{code}\n"}
    packages.add("grove", files=files, requires={"crm_contacts": "*"})
    return import_module("grove.contract")


@pytest.mark.parametrize("name", INSTALLED)
def test_the_contracts_of_this_tree_offer_nothing_else(name: str) -> None:
    """Plugins and parts of the host keep to what may cross a contract, items of hooks aside."""
    contract = import_module(name)
    items = _items_of_hooks(name.removesuffix(".contract"))
    assert list(contract_module_faults(contract, items)) == []


def _items_of_hooks(package: str) -> frozenset[type]:
    """Return the classes that a plugin's own hooks take, which may hold functions."""
    declared = getattr(import_module(f"{package}.plugin"), "hookspecs", None)
    return frozenset(spec.item for spec in declared()) if declared else frozenset()


def test_every_package_with_a_contract_is_looked_at() -> None:
    """The check is not empty."""
    assert {"crm_contacts.contract", "qr.contract", "meishi.core.identity.contract"} <= {*INSTALLED}


def test_a_contract_may_offer_what_can_cross_it(packages: PluginPackages) -> None:
    """Protocols, events, errors, records, enumerations, aliases, constants and other contracts'."""
    assert list(contract_module_faults(contract(packages, ""))) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_what_a_contract_must_not_offer_is_named(packages: PluginPackages, fault: str) -> None:
    """One sentence begins with the name and says what is wrong with it."""
    code, expected = FAULTS[fault]
    found = list(contract_module_faults(contract(packages, code)))
    assert expected in found, found


def test_a_module_inside_a_contract_is_of_the_contract(packages: PluginPackages) -> None:
    """What its package does not hand on can be imported all the same."""
    inside = contract(packages, "def tidy() -> None: ...", path="contract/values.py")
    assert "tidy: it is a function; a contract offers methods of Protocols" in list(
        contract_module_faults(inside)
    )


def test_a_name_that_two_modules_of_a_contract_offer_hides_nothing(
    packages: PluginPackages,
) -> None:
    """Each is looked at, whichever is read last."""
    files = {
        "contract/__init__.py": "",
        "contract/early.py": "NAMES = {}\n",
        "contract/late.py": "NAMES = ()\n",
    }
    packages.add("grove", files=files)
    found = list(contract_module_faults(import_module("grove.contract")))
    assert found == ["NAMES: a constant of the type dict can be changed"]


def test_a_plugin_with_a_faulty_contract_is_not_loaded(packages: PluginPackages) -> None:
    """The state of the plugin names what is wrong, whether or not a service is offered."""
    contract(packages, "HELPERS = {}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "grove"]:
        del sys.modules[name]
    overrides = {"plugins": ("crm_contacts", "grove")}
    status = load_plugins(load_settings(environment={}, overrides=overrides)).statuses["grove"]
    assert (status.state.value, status.reason) == (
        "broken", "contract HELPERS: a constant of the type dict can be changed",
    )  # fmt: skip
