"""Hooks of a plugin's own, by which others extend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class HookSpec:
    """A hook that a plugin adds, and other plugins implement.

    `function` is the specification, as those in `meishi.hookspecs` are: it takes nothing, its name
    begins with the plugin's prefix (`enrichment_providers`), its docstring is the documentation.
    Implementations return a list of `item`, a frozen dataclass of the plugin's contract, which may
    hold functions; they are marked `hookimpl(optionalhook=True)`, as the plugin that adds the hook
    may be absent. `meishi.sdk.hooks.extensions` returns what they supplied.
    """

    function: Callable[[], Sequence[Any]]
    item: type
