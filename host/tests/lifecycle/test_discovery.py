import sys

import pytest

from meishi.lifecycle.discovery import FoundPlugin, discover
from meishi.testing.packages import PluginPackages

from .conftest import Load


def found(name: str) -> FoundPlugin:
    """Return the one plugin of a name."""
    (plugin,) = (item for item in discover() if item.name == name)
    return plugin


def test_the_hosts_own_parts_are_found_like_plugins() -> None:
    """Built-in parts have readable manifests and come first."""
    built_in = [plugin.name for plugin in discover() if plugin.built_in]
    assert {"identity", "meishi", "meishi_events"} <= set(built_in)
    assert [plugin.name for plugin in discover()][: len(built_in)] == built_in


def test_a_plugin_is_described_without_importing_it(packages: PluginPackages) -> None:
    """Discovery reads the manifest of a package whose code would raise and leave traces."""
    root = packages.add(
        "shop",
        files={
            "__init__.py": "from pathlib import Path\n"
            "Path(__file__).with_name('imported').touch()\nraise RuntimeError('imported')\n"
        },
        title="The shop",
    )
    plugin = found("shop")
    assert plugin.folder == root
    assert plugin.manifest is not None
    assert plugin.manifest.title == "The shop"
    assert not plugin.fault
    assert "shop" not in sys.modules
    assert not (root / "imported").exists()


@pytest.mark.parametrize(
    ("entry_point", "manifest_name", "fault"),
    [
        ("shop = shop.plugin", "store", "`name` is 'store', but the entry point is 'shop'"),
        ("shop = nowhere.plugin", "shop", "the package 'nowhere' cannot be found"),
        ("shop = ..", "shop", "the package '' cannot be found"),
        ("shop = json.plugin", "shop", "plugin.toml is missing from the package"),
        ("shop = this.plugin", "shop", "the package 'this' cannot be found"),
    ],
)
def test_a_package_that_does_not_fit_its_entry_point_has_a_fault(
    packages: PluginPackages, entry_point: str, manifest_name: str, fault: str
) -> None:
    """What cannot be read is listed with the reason, and stops nobody else's discovery."""
    packages.add("shop", entry_point=entry_point, name=manifest_name)
    assert fault in found("shop").fault
    assert not found("qr").fault


def test_an_entry_point_under_another_name_than_the_package_has_a_fault(
    packages: PluginPackages,
) -> None:
    """Name, package and entry point are one name, the db_schema's too."""
    packages.add("shop", entry_point="store = shop.plugin")
    assert "the entry point is 'store' and the package 'shop'" in found("store").fault


def test_a_malformed_distribution_is_listed_and_stops_nobody(
    packages: PluginPackages, load: Load
) -> None:
    """One broken `entry_points.txt` is named with its distribution; all other plugins are found."""
    for name, content in (
        ("rot", b"[meishi.plugins]\nrot\n"),
        ("mould", b"[meishi.plugins]\nmould = \xff\n"),
        ("stranger", b"[console_scripts]\nstranger\n"),
    ):
        packages.add(name)
        record = packages.folder / f"{name}-1.0.dist-info"
        (record / "entry_points.txt").write_bytes(content)
    packages.add("shop")
    statuses = load("shop", "qr", "crm_contacts").statuses
    for name in ("rot", "mould"):
        status = statuses[f"{name} (distribution)"]
        assert status.state.value == "broken"
        assert status.reason.startswith("its entry_points.txt cannot be read: ")
    assert "stranger (distribution)" not in statuses
    assert all(statuses[name].state.value == "active" for name in ("shop", "qr", "crm_contacts"))
