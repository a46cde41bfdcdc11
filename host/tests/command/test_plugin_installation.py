"""`meishi plugins install`: a package that is there becomes a plugin that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from meishi.database.location import Location
from meishi.testing.packages import PluginPackages

from .conftest import Run
from .shops import LIFECYCLE, PLUGIN, REVISION, remove, rows

pytestmark = pytest.mark.once

KNOWN = ("disabled", "known, not installed; `meishi plugins install shop`")


@pytest.fixture(autouse=True)
def admitted(bare: Location, tmp_path: Path) -> Path:
    """The file of what was installed, in the home of a deployment that lists no plugins."""
    del bare
    return tmp_path / "home" / "plugins.txt"


def state(run: Run, name: str) -> tuple[str, str]:
    """Return state and reason of a plugin."""
    [found] = [item for item in json.loads(run("plugins", "--json").out) if item["name"] == name]
    return found["state"], found["reason"]


def add(packages: PluginPackages, name: str, *, revision: str = REVISION, **manifest: Any) -> Path:
    """Put a package with a table beside the others, as pip does."""
    files = {"versions/__init__.py": "", "versions/0001.py": revision.format(name=name)}
    return packages.add(name, plugin=PLUGIN.format(name=name), files=files, **manifest)


def test_a_package_is_known_until_it_is_installed(
    run: Run, packages: PluginPackages, admitted: Path
) -> None:
    """Its code is not imported before; afterwards every process that starts loads it."""
    root = add(packages, "shop")
    plugin = root / "plugin.py"
    plugin.write_text(f"open({str(root / 'imported')!r}, 'w').close()\n{plugin.read_text()}")
    assert state(run, "shop") == KNOWN
    assert not (root / "imported").exists()
    done = run("plugins", "install", "shop")
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines() == [
        "Installed: shop.",
        "Processes that run load it when they are restarted.",
    ]
    assert (root / "imported").exists()
    assert state(run, "shop") == ("active", "")
    assert admitted.read_text() == "shop\n"
    again = run("plugins", "install", "shop")
    assert (again.code, again.out) == (0, "shop was on already.\n")


def test_what_it_needs_is_installed_with_it(
    run: Run, packages: PluginPackages, admitted: Path
) -> None:
    """One command brings a plugin and all that it cannot do without."""
    add(packages, "shop")
    add(packages, "store", requires={"shop": ">=1"})
    assert run("plugins", "install", "store").out.startswith("Installed: shop, store.\n")
    assert (state(run, "store"), state(run, "shop")) == (("active", ""), ("active", ""))
    assert sorted(admitted.read_text().split()) == ["shop", "store"]


def test_what_cannot_be_loaded_stays_known(
    run: Run, packages: PluginPackages, admitted: Path
) -> None:
    """A fault of its code leaves nothing that the next start would trip over."""
    root = add(packages, "shop")
    (root / "plugin.py").write_text("raise RuntimeError('no')")
    refused = run("plugins", "install", "shop")
    assert refused.code == 1
    assert refused.err.startswith("Error: shop cannot be installed: it is broken: importing shop")
    assert state(run, "shop") == KNOWN
    assert not admitted.exists()


def test_what_cannot_be_brought_up_to_date_stays_known(
    run: Run, packages: PluginPackages, admitted: Path
) -> None:
    """A broken revision is undone; its package is as it was before."""
    add(packages, "shop", revision=REVISION.replace("CREATE TABLE", "CREATE TABEL"))
    refused = run("plugins", "install", "shop")
    assert refused.code == 5
    assert "revision shop_0001 failed" in refused.err
    assert state(run, "shop") == KNOWN
    assert not admitted.exists()


@pytest.mark.parametrize("imported", [True, False], ids=["its import", "its revision"])
def test_what_ends_the_process_stays_known(
    run: Run, packages: PluginPackages, admitted: Path, imported: bool
) -> None:
    """Whoever comes next works as before: nothing is loaded that was never installed."""
    end = "import os; os._exit(0)"
    root = add(packages, "shop", revision=REVISION if imported else f"{end}\n{REVISION}")
    if imported:
        (root / "plugin.py").write_text(end)
    path = os.pathsep.join([str(packages.folder), *sys.path])
    command = [sys.executable, "-m", "meishi", "plugins", "install", "shop"]
    ended = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=False)
    assert ended.returncode == 0
    assert not admitted.exists()
    assert state(run, "shop") == KNOWN


def test_what_a_failed_installation_leaves_is_found_and_can_be_purged(
    run: Run, packages: PluginPackages, bare: Location
) -> None:
    """A step that raises keeps the revisions; the hint says what calls it again."""
    root = add(packages, "shop")
    with (root / "plugin.py").open("a") as file:
        file.write(LIFECYCLE.format(turn="installed", does="1 / 0"))
    refused = run("plugins", "install", "shop")
    assert refused.code == 5
    assert "Hint: `meishi plugins install shop` tries again" in refused.err
    assert state(run, "shop") == KNOWN
    left = "warning: shop: The installation of shop has failed or was interrupted, and left tables."
    assert f"{left}\n  meishi plugins purge shop\n" in run("doctor").out
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert left not in run("doctor").out


def test_settings_that_list_plugins_have_the_last_word(
    run: Run, packages: PluginPackages, admitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where they do, nothing else is loaded; a plugin in the list is installed by the command."""
    add(packages, "shop")
    monkeypatch.setenv("MEISHI_PLUGINS", "store")
    refused = run("plugins", "install", "shop")
    assert refused.code == 1
    assert "name it in `plugins`" in refused.err
    assert not admitted.exists()
    monkeypatch.setenv("MEISHI_PLUGINS", "shop")
    assert run("plugins", "install", "shop").out == "Installed: shop.\n"
    assert state(run, "shop") == ("active", "")


def test_a_purged_plugin_is_known_again(
    run: Run, packages: PluginPackages, admitted: Path, bare: Location
) -> None:
    """It can be installed anew, and starts empty."""
    add(packages, "shop")
    run("plugins", "install", "shop")
    rows(bare, "INSERT INTO shop.item SELECT gen_random_uuid(), 1")
    run("plugins", "disable", "shop")
    purged = run("plugins", "purge", "shop", "--yes", "shop", "--without-dump")
    assert (purged.code, purged.err) == (0, "")
    assert state(run, "shop") == KNOWN
    assert admitted.read_text() == ""
    assert run("plugins", "install", "shop").out.splitlines()[:2] == [
        "Installed: shop.",
        "Switched on: shop.",
    ]
    assert rows(bare, "SELECT count(*) FROM shop.item") == [(0,)]


def test_a_plugin_that_no_longer_loads_can_be_switched_off_and_purged(
    run: Run, packages: PluginPackages, admitted: Path, bare: Location
) -> None:
    """Whatever is wrong with it now: it is not asked, and does not come back by itself."""
    root = add(packages, "shop")
    run("plugins", "install", "shop")
    plugin = (root / "plugin.py").read_text()
    (root / "plugin.py").write_text("raise RuntimeError('no')")
    packages.forget()
    refused = run("plugins", "purge", "shop", "--yes", "shop", "--without-dump")
    assert "`meishi plugins disable shop` switches it off" in refused.err
    assert "shop is broken" in run("plugins", "enable", "shop").err
    assert run("plugins", "disable", "shop").out == "Switched off: shop.\n"
    purged = run("plugins", "purge", "shop", "--yes", "shop", "--without-dump")
    assert (purged.code, purged.err) == (0, "")
    assert (state(run, "shop"), admitted.read_text()) == (KNOWN, "")
    (root / "plugin.py").write_text(plugin)
    assert run("plugins", "install", "shop").out.splitlines()[1] == "Switched on: shop."


def test_a_plugin_without_tables_is_remembered_and_can_be_purged(
    run: Run, packages: PluginPackages, admitted: Path
) -> None:
    """It is known again then, like any other; without its package it is an orphan."""
    root = packages.add("shop")
    assert run("plugins", "install", "shop").code == 0
    run("plugins", "disable", "shop")
    purged = run("plugins", "purge", "shop", "--yes", "shop")
    assert (purged.code, purged.err) == (0, "")
    assert (state(run, "shop"), admitted.read_text()) == (KNOWN, "")
    assert run("plugins", "install", "shop").out.splitlines()[1] == "Switched on: shop."
    remove(root)
    assert state(run, "shop")[0] == "orphaned"
    assert run("plugins", "purge", "shop", "--yes", "shop").code == 0
    assert admitted.read_text() == ""


def test_a_package_that_is_gone_is_an_orphan_and_stops_nobody(
    run: Run, packages: PluginPackages
) -> None:
    """The list of what was installed outlives the package; its tables are told."""
    root = add(packages, "shop")
    run("plugins", "install", "shop")
    remove(root)
    assert state(run, "shop")[0] == "orphaned"
