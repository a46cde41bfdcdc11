"""Every plugin of this repository may run as a service."""

from __future__ import annotations

import pytest

from meishi.extraction.examining import reasons
from meishi.extraction.reasons import Weight
from meishi.lifecycle.loading import load_plugins
from meishi.settings import FIRST_PARTY_PLUGINS, load_settings


@pytest.mark.parametrize("plugin", FIRST_PARTY_PLUGINS)
def test_a_plugin_may_be_a_service_alone_or_with_others(plugin: str) -> None:
    """What pins one names whom it moves with; by itself none is tied to where its callers are."""
    plugins = load_plugins(
        load_settings(environment={}, overrides={"plugins": FIRST_PARTY_PLUGINS})
    )
    pinned = [item for item in reasons(plugins, plugin) if item.weight is Weight.PINS]
    assert [item.message for item in pinned if not item.others] == []
