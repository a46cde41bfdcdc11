"""At boot: what `meishi extract --check` says pins a plugin keeps it from running elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from meishi.extraction.examining import reasons
from meishi.extraction.reasons import Reason, Weight
from meishi.lifecycle.loading import PluginSet, load_plugins
from meishi.lifecycle.states import PluginState
from meishi.placement import Placement
from meishi.settings import Settings


def take_out_pinned(plugins: PluginSet, settings: Settings) -> None:
    """Mark plugins broken that do not run with all others, and are pinned to some of them.

    Plugins of one service are together there. Nothing is asked of the database; `meishi extract
    NAME --check` does that besides.
    """
    places = _places(plugins, settings)
    if not places:
        return
    together = load_plugins(_together(plugins, settings))
    for name, place in places.items():
        if not together.is_active(name) or not plugins.is_active(name):
            continue
        company = {other for other, there in places.items() if there == place}
        reason = next(_pinning(together, name, company), None)
        if reason is not None:
            message = f"it cannot run apart from the others: {reason.message}"
            plugins.mark(name, PluginState.BROKEN, message)


def _pinning(together: PluginSet, name: str, company: set[str]) -> Iterator[Reason]:
    """Yield what ties a plugin to others than those that are with it."""
    for reason in reasons(together, name):
        alone = not reason.others or not company.issuperset(reason.others)
        if reason.weight is Weight.PINS and alone:
            yield reason


def _places(plugins: PluginSet, settings: Settings) -> dict[str, Placement | None]:
    """Return where the plugins are that a service has, or the main deployment has at services."""
    if settings.only:
        return {item.plugin: None for item in plugins.active() if item.plugin in settings.only}
    return {item.plugin: item.placement for item in plugins.active() if item.placement is not None}


def _together(plugins: PluginSet, settings: Settings) -> Settings:
    """Return settings by which the same plugins would run in one process."""
    names = [name for name in plugins.contributions if not plugins.statuses[name].built_in]
    return replace(settings, only=(), placements={}, plugins=tuple(names), plugins_listed=True)
