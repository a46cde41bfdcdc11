"""What stands for plugins that run elsewhere, on both sides, of those that come with the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from meishi.events.merging import all_handlers
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.placement import Placement
from meishi.settings import Settings

from .conftest import TOKEN

URL = "http://127.0.0.1:1"


def merges_followed(plugins: PluginSet, plugin: str) -> bool:
    """Whether a plugin does something here after contacts were merged."""
    for contribution, handlers in all_handlers(list(plugins.active()), plugins.extensions):
        if contribution.plugin == plugin:
            names = {item.subscription.name for item in handlers if item.subscription}
            return any("merge" in name for name in names)
    return False


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a deployment in one piece."""
    return Settings(home=tmp_path)


def test_a_service_follows_merges_and_the_main_deployment_leaves_that_to_it(
    settings: Settings,
) -> None:
    """Who owns the resource tells of them, wherever it runs."""
    one = load_plugins(settings)
    assert merges_followed(one, "crm_enrichment")
    service = load_plugins(
        replace(settings, only=("crm_enrichment",), main_url=URL, service_tokens=(TOKEN,))
    )
    assert merges_followed(service, "crm_enrichment")
    main = load_plugins(
        replace(settings, placements={"crm_enrichment": Placement(url=URL, token=TOKEN)})
    )
    assert not merges_followed(main, "crm_enrichment")
    assert merges_followed(main, "qr")


def test_a_service_has_its_plugin_and_the_contracts_that_it_needs(settings: Settings) -> None:
    """Of the others nothing is loaded; who is who, is known elsewhere."""
    service = load_plugins(
        replace(settings, only=("crm_enrichment",), main_url=URL, service_tokens=(TOKEN,))
    )
    assert not service.faults()
    active = {item.plugin: item.placement for item in service.active()}
    assert active["crm_enrichment"] is None
    assert active["crm_contacts"] is not None
    assert active["identity"] is not None
    assert active["meishi_events"] is None
    assert not {"crm_graph", "crm_viral", "qr"} & set(active)
