import psycopg
import pytest

from meishi.database.location import Location
from meishi.host import Host
from meishi.lifecycle.manifest import Manifest, parse_manifest
from meishi.lifecycle.orphans import add_orphans, needed_by, remembered
from meishi.lifecycle.states import PluginState
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Load


def manifest(name: str, *needed: str) -> Manifest:
    """Return the manifest of a plugin that needs others."""
    return parse_manifest(
        {
            "name": name,
            "title": name,
            "version": "1",
            "host": "*",
            "requires": dict.fromkeys(needed, "*"),
        }
    )


def test_the_runtime_login_can_read_what_was_installed(workspace: WorkspaceUnderTest) -> None:
    """Orphans are found without an administrator's connection."""
    with workspace.host.within("meishi") as scope:
        known = remembered(scope.work)
    assert {"crm_contacts", "identity", "meishi", "qr"} <= known.keys()
    found = known["crm_contacts"]
    assert found is not None
    assert found.emits


@pytest.mark.parametrize("document", ["{}", "[]", '{"name": "shop", "requires": []}'])
def test_a_manifest_that_cannot_be_read_any_more_is_none(
    host: Host, database: Location, document: str
) -> None:
    """Whatever an older host has written down, the plugin is listed."""
    with psycopg.connect(database.administrator_url()) as connection:
        connection.execute(
            "INSERT INTO meishi.plugin (name, version, manifest) VALUES ('shop', '1', %s)",
            (document,),
        )
    with host.within("meishi") as scope:
        assert remembered(scope.work)["shop"] is None


def test_a_missing_plugin_that_the_settings_name_stays_a_fault(load: Load) -> None:
    """A strict boot does not go on without it; the reason says where its data are."""
    plugins = load("shop")
    for _ in range(2):
        add_orphans(plugins, {"shop": manifest("shop"), "store": manifest("store")})
    status = plugins.statuses["shop"]
    assert status.state is PluginState.MISSING_DEPENDENCY
    assert status.reason == (
        "named in the setting `plugins`, but not installed; its data are in the database"
    )
    orphan = plugins.statuses["store"]
    assert (orphan.state, orphan.manifest) == (PluginState.ORPHANED, manifest("store"))
    assert [item.name for item in plugins.faults()] == ["shop"]


def test_what_needs_a_plugin_is_found_over_others_and_goes_first() -> None:
    """Each comes before all that it needs, however the needs are knotted."""
    known = {
        "a": manifest("a"),
        "y": manifest("y", "a", "x"),
        "x": manifest("x", "a"),
        "z": manifest("z", "y"),
        "other": manifest("other"),
        "lost": None,
    }
    assert needed_by("a", known) == ["z", "y", "x"]
    assert needed_by("z", known) == []


def test_plugins_that_need_each_other_can_go() -> None:
    """What should never have been installed can be purged all the same."""
    known = {"a": manifest("a", "b"), "b": manifest("b", "a")}
    assert needed_by("a", known) == ["b"]
