"""What `meishi conformance` says of each broken plugin: its fault, in the words of the boot."""

from __future__ import annotations

import inspect
import shutil

import pytest

from meishi.hookspecs import Hooks
from meishi.settings import load_settings
from meishi.testing.conformance import CHECKS, Result, Workbench, check_plugin, loaded_plugins
from meishi.testing.databases import TestDatabases
from meishi.testing.packages import PluginPackages

from .broken_plugin import PREAMBLE, BrokenPlugin
from .conftest import Install
from .test_broken_plugins import CATALOGUE, every_entry

pytestmark = pytest.mark.once

HOOKS = [name for name, _ in inspect.getmembers(Hooks, inspect.isfunction)]


def checked() -> list[Result]:
    """Return the results for `notes`; what does not load needs no database."""
    settings = load_settings(overrides={"deployment": "test"})
    with Workbench(settings, loaded_plugins(settings), _no_databases) as bench:
        return list(check_plugin(bench, "notes"))


def _no_databases() -> TestDatabases:
    raise AssertionError("a database was asked for")


def fault_found() -> str:
    """Return the only finding; everything behind it was skipped, and not taken for sound."""
    first, *others = checked()
    assert len(others) == len(CHECKS) - 1
    assert all(result.skipped for result in others)
    (finding,) = first.findings
    assert (finding.plugin, finding.check) == ("notes", "loading")
    assert finding.remedy
    return finding.message


@every_entry
def test_the_fault_is_named(entry: BrokenPlugin, install: Install) -> None:
    """The finding has the state and the exact reason of the boot."""
    install(entry)
    assert fault_found() == f"It is {entry.state}: {entry.reason.removesuffix('.')}."


def test_the_catalogue_has_many_faults() -> None:
    """No two entries come to the same words by mistake."""
    assert len({entry.reason for entry in CATALOGUE}) > 40


@pytest.mark.parametrize("hook", HOOKS)
def test_whichever_hook_raises_is_named(hook: str, install: Install) -> None:
    """Served or not, a hook that raises is the plugin's fault."""
    code = f"@hookimpl\ndef {hook}():\n    raise RuntimeError('no licence')\n"
    install(BrokenPlugin(what="a hook raises", plugin=code, reason=""))
    assert fault_found() == f"It is broken: hook `{hook}` raised RuntimeError('no licence')."


def test_a_package_that_has_vanished_is_named(install: Install, packages: PluginPackages) -> None:
    """Its entry point is still there: somebody removed the folder by hand."""
    install(BrokenPlugin(what="it has vanished", reason=""))
    shutil.rmtree(packages.folder / "notes")
    assert fault_found() == "It is broken: the package 'notes' cannot be found."


def test_a_module_that_has_vanished_is_named(install: Install, packages: PluginPackages) -> None:
    """The manifest is there, and what the entry point names is not."""
    install(BrokenPlugin(what="it has vanished", reason=""))
    (packages.folder / "notes" / "plugin.py").unlink()
    assert "No module named 'notes.plugin'" in fault_found()


def test_two_packages_of_one_name_are_named(install: Install, packages: PluginPackages) -> None:
    """Which of them was meant nobody can tell: both are, by their modules."""
    install(BrokenPlugin(what="it is there twice", reason=""))
    packages.add("copied", plugin=PREAMBLE, name="notes", entry_point="notes = copied.plugin")
    assert fault_found() == (
        "It is broken: several packages register 'notes': copied.plugin, notes.plugin."
    )
