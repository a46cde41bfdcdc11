"""Calling the hooks of one plugin, and checking that each returned what its kind supplies."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import click
import pluggy

from meishi.declarations import (
    EventHandler,
    Exporter,
    HealthCheck,
    HookSpec,
    Importer,
    Job,
    Lifecycle,
    MergeHandler,
    Meter,
    Metric,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PlanFeature,
    PluginSettings,
    PublicPage,
    Schemas,
    SearchProvider,
    Service,
)
from meishi.hookspecs import Hooks
from meishi.http.blueprint import Blueprint
from meishi.lifecycle.deadline import Deadline
from meishi.lifecycle.declaration_faults import declaration_faults
from meishi.lifecycle.raised import raised
from meishi.sdk.contract import Event

#: Hooks that return one declaration of a kind.
ONE: Mapping[str, type] = {
    "schemas": Schemas,
    "migrations": Migrations,
    "settings": PluginSettings,
    "cli": click.Group,
    "data_subject": PersonalData,
    "lifecycle": Lifecycle,
}
#: Hooks that return a list of declarations of a kind.
SEVERAL: Mapping[str, type] = {
    "routes": Blueprint,
    "pages": Page,
    "public_pages": PublicPage,
    "navigation": NavigationEntry,
    "panels": Panel,
    "event_handlers": EventHandler,
    "services": Service,
    "permissions": Permission,
    "jobs": Job,
    "plan_features": PlanFeature,
    "meters": Meter,
    "importers": Importer,
    "exporters": Exporter,
    "search_providers": SearchProvider,
    "merge_entities": MergeHandler,
    "health": HealthCheck,
    "metrics": Metric,
    "hookspecs": HookSpec,
}
#: Hooks that return a list of classes.
CLASSES: Mapping[str, type] = {"event_types": Event}


class ContributionError(Exception):
    """A hook raised, or returned something that the plugin must not supply."""


def refuse_unknown_hooks(manager: pluggy.PluginManager, plugin: object) -> None:
    """Raise `ContributionError` for a function that is marked as a hook and specified by nobody.

    pluggy's own check tells no near miss, and where the module's file is instead.
    """
    known = [name for name in vars(Hooks) if not name.startswith("_")]
    for caller in manager.get_hookcallers(plugin) or []:
        implementations = [item for item in caller.get_hookimpls() if item.plugin is plugin]
        if caller.has_spec() or all(item.optionalhook for item in implementations):
            continue
        close = get_close_matches(caller.name, known, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise ContributionError(f"there is no hook `{caller.name}`{hint}")


def call_hooks(manager: pluggy.PluginManager, plugin: object, limit: Deadline) -> dict[str, Any]:
    """Return what each implemented hook supplies; raise `ContributionError` naming the hook.

    A hook that calls `sys.exit` has failed like one that raises anything else. One that is marked
    optional and that nobody specifies is of a plugin that is not there.
    """
    supplied: dict[str, Any] = {}
    for caller in manager.get_hookcallers(plugin) or []:
        if not caller.has_spec():
            continue
        for implementation in caller.get_hookimpls():
            if implementation.plugin is not plugin:
                continue
            limit.step = f"hook `{caller.name}`"
            try:
                result = implementation.function()
            except KeyboardInterrupt:
                raise
            except BaseException as error:
                reason = f"hook `{caller.name}` raised {raised(error)}"
                raise ContributionError(reason) from error
            supplied[caller.name] = _checked(caller.name, result)
    return supplied


def foreign_hooks(manager: pluggy.PluginManager, plugin: object) -> dict[str, Callable[[], Any]]:
    """Return what a plugin implements of hooks that other plugins add, by their names."""
    return {
        caller.name: implementation.function
        for caller in manager.get_hookcallers(plugin) or []
        if not caller.has_spec()
        for implementation in caller.get_hookimpls()
        if implementation.plugin is plugin
    }


def _checked(hook: str, result: object) -> object:
    if isinstance(result, Coroutine):
        # Nobody will await it: closed, it says nothing of that beside the reason.
        result.close()
    if hook in ONE:
        _require(hook, result, isinstance(result, ONE[hook]), ONE[hook])
        return result
    if hook not in CLASSES:
        return checked_list(hook, result, SEVERAL[hook])
    kind = CLASSES[hook]
    for item in _listed(hook, result):
        _require(hook, item, isinstance(item, type) and issubclass(item, kind), kind)
    return _listed(hook, result)


def checked_list(hook: str, result: object, kind: type) -> tuple[Any, ...]:
    """Return a hook's list; raise `ContributionError` if it is none, or holds anything else."""
    for item in _listed(hook, result):
        _require(hook, item, isinstance(item, kind), kind)
    return _listed(hook, result)


def _listed(hook: str, result: object) -> tuple[Any, ...]:
    if isinstance(result, str) or not isinstance(result, Sequence):
        raise ContributionError(f"hook `{hook}` must return a list, not {_described(result)}")
    return tuple(result)


def _require(hook: str, found: object, holds: bool, kind: type) -> None:
    if not holds:
        raise ContributionError(
            f"hook `{hook}` must return {kind.__qualname__}, not {_described(found)}"
        )
    for fault in declaration_faults(found):
        raise ContributionError(f"hook `{hook}`: {kind.__qualname__}: {fault}")


def _described(found: object) -> str:
    return found.__qualname__ if isinstance(found, type) else f"a {type(found).__qualname__}"
