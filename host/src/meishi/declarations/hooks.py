"""Hooks of a plugin's own, by which others extend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from meishi.declarations.events import EventHandler


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSpec:
    """A hook that a plugin adds, and other plugins implement.

    `function` is the specification, as those in `meishi.hookspecs` are: it takes nothing, its name
    begins with the plugin's prefix (`enrichment_providers`), its docstring is the documentation.
    Implementations return a list of `item`, a frozen dataclass of the plugin's contract, which may
    hold functions; they are marked `hookimpl(optionalhook=True)`, as the plugin that adds the hook
    may be absent. `meishi.sdk.hooks.extensions` returns what they supplied.

    `unique` names a field of the item, of which no two items may have the same value, whoever
    supplies them. `listens` makes of an item what the plugin that adds the hook hears for its
    sake, besides its `event_handlers`: so it listens to events of plugins that it does not know.
    """

    function: Callable[[], Sequence[Any]]
    item: type
    unique: str | None = None
    listens: Callable[[Any], EventHandler] | None = None
