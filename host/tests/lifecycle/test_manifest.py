from pathlib import Path
from typing import Any

import pytest

from meishi.lifecycle.manifest import (
    ManifestError,
    PluginScope,
    as_document,
    from_document,
    parse_manifest,
    read_manifest,
)

LEAST = {"name": "shop", "title": "Shop", "version": "1.0", "host": ">=0.1"}


def test_the_least_manifest_has_defaults_for_the_rest() -> None:
    """Name, title, version and host range are enough."""
    manifest = parse_manifest(LEAST)
    assert (manifest.prefix, manifest.scope) == ("shop", PluginScope.WORKSPACE)
    assert not manifest.requires
    assert not manifest.network


def test_everything_a_manifest_says_is_remembered() -> None:
    """The document that the host keeps holds every key of the manifest."""
    values: dict[str, Any] = LEAST | {
        "description": "Sells.",
        "api_prefix": "shops",
        "scope": "deployment",
        "requires": {"crm_contacts": ">=1.0"},
        "after": {"qr": "*"},
        "events": {"emits": ["order.placed.v1"], "consumes": ["contact.created.v2"]},
        "database": {"extensions": ["uuid-ossp", "pg_trgm"]},
        "capabilities": {"network": True},
    }
    assert as_document(parse_manifest(values)) == LEAST | {
        "description": "Sells.",
        "api_prefix": "shops",
        "scope": "deployment",
        "requires": {"crm_contacts": ">=1.0"},
        "after": ["qr"],
        "emits": ["order.placed.v1"],
        "consumes": ["contact.created.v2"],
        "extensions": ["uuid-ossp", "pg_trgm"],
        "network": True,
    }


def test_what_is_remembered_of_a_manifest_can_be_read_again() -> None:
    """A plugin whose package has gone still says what it needs, and what it publishes."""
    least = parse_manifest(LEAST)
    full = parse_manifest(
        LEAST
        | {
            "api_prefix": "shops",
            "requires": {"crm_contacts": ">=1.0"},
            "after": {"qr": "*"},
            "events": {"emits": ["order.placed.v1"], "consumes": ["contact.created.v2"]},
            "database": {"extensions": ["pg_trgm"]},
            "capabilities": {"network": True},
        }
    )
    for manifest in (least, full):
        assert from_document(as_document(manifest)) == manifest


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"name": None}, "`name`"),
        ({"name": "Shop"}, "`name`"),
        ({"name": "s" * 30}, "`name`"),
        ({"name": "pg_shop"}, "`name`"),
        ({"name": "shop_"}, "`name` must not end in an underscore"),
        ({"name": "shop__two"}, "`name` must not end in an underscore, nor have two in a row"),
        ({"title": 3}, "`title`"),
        ({"title": "Shop\nBank"}, "`title` must be one line"),
        ({"description": "\x1b[31mred"}, "`description` must be one line"),
        ({"description": 3}, "`description`"),
        ({"version": "one"}, "`version`"),
        ({"host": None}, "`host`"),
        ({"host": "about 1"}, "`host`"),
        ({"api_prefix": "a/b"}, "`api_prefix`"),
        ({"scope": "planet"}, "`scope`"),
        ({"scope": []}, "`scope`"),
        ({"requires": ["qr"]}, "[requires]"),
        ({"requires": {"qr": 1}}, "`requires.qr`"),
        ({"requires": {"qr": "new"}}, "`requires.qr`"),
        ({"requires": {"Q R": "*"}}, "`requires.Q R`"),
        ({"after": "qr"}, "[after]"),
        ({"after": {"qr": True}}, "`after.qr`"),
        ({"events": []}, "[events]"),
        ({"events": {"emit": []}}, "`events.emit`"),
        ({"events": {"emits": "order.placed.v1"}}, "`events.emits`"),
        ({"events": {"emits": ["order.placed"]}}, "`events.emits`"),
        ({"events": {"consumes": [3]}}, "`events.consumes`"),
        ({"database": {"extensions": ["pg trgm"]}}, "`database.extensions`"),
        ({"capabilities": {"network": "yes"}}, "`capabilities.network`"),
        ({"colour": "red"}, "`colour`"),
    ],
)
def test_a_fault_names_its_key(change: dict[str, Any], key: str) -> None:
    """Whoever wrote the manifest reads where to look."""
    values = {name: value for name, value in (LEAST | change).items() if value is not None}
    with pytest.raises(ManifestError) as caught:
        parse_manifest(values)
    assert key in str(caught.value)


def test_a_file_that_is_missing_or_no_toml_is_a_fault(tmp_path: Path) -> None:
    """Reading raises nothing but `ManifestError`."""
    with pytest.raises(ManifestError, match=r"plugin\.toml is missing"):
        read_manifest(tmp_path)
    (tmp_path / "plugin.toml").write_text("name = ")
    with pytest.raises(ManifestError, match=r"plugin\.toml cannot be read"):
        read_manifest(tmp_path)
    (tmp_path / "plugin.toml").write_bytes(b"\xff")
    with pytest.raises(ManifestError, match=r"plugin\.toml cannot be read"):
        read_manifest(tmp_path)
