"""What plugins supply to a hook that another one adds: told apart, and listened to for its sake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from meishi.calls.event_versions import is_retired, newest_version
from meishi.declarations import EventHandler, HookSpec
from meishi.lifecycle.hook_results import ContributionError, checked_list
from meishi.lifecycle.raised import raised


@dataclass(frozen=True, slots=True)
class AddedHook:
    """A hook, and the plugin that adds it; `handlers` are what that one listens with anyway."""

    plugin: str
    spec: HookSpec
    handlers: tuple[EventHandler, ...] = ()


def is_told_whole(item: Any) -> bool:
    """Whether an item says all that there is to it: it holds no function that would be called."""
    values = (getattr(item, field.name) for field in fields(item))
    return all(isinstance(value, type) or not callable(value) for value in values)


def refuse_repeated(
    hook: str, spec: HookSpec, items: Sequence[Any], supplied: Mapping[str, Sequence[Any]]
) -> None:
    """Raise `ContributionError` for an item that is called like another one, whoever supplies it.

    `supplied` are the items that other plugins supply.
    """
    if spec.unique is None:
        return
    owners = {
        getattr(item, spec.unique): plugin for plugin, found in supplied.items() for item in found
    }
    for item in items:
        value = getattr(item, spec.unique)
        if value in owners:
            raise ContributionError(
                f"hook `{hook}`: the {spec.unique} {value!r} is taken by {owners[value]}"
            )
        owners[value] = "another item of the plugin"


def heard_for(
    hook: AddedHook, items: Sequence[Any], known: Iterable[Sequence[EventHandler]]
) -> tuple[EventHandler, ...]:
    """Return what the plugin that adds a hook listens with for the sake of some items.

    `known` is what it listens with for the sake of others. Raises `ContributionError` for what it
    could not do.
    """
    if hook.spec.listens is None:
        return ()
    name = hook.spec.function.__name__
    try:
        made = [hook.spec.listens(item) for item in items]
    except Exception as error:
        reason = f"hook `{name}`: listening for an item raised {raised(error)}"
        raise ContributionError(reason) from error
    handlers: tuple[EventHandler, ...] = checked_list(name, made, EventHandler)
    before = [*hook.handlers, *(handler for found in known for handler in found)]
    declared = {
        handler.subscription.name: handler.subscription
        for handler in before
        if handler.subscription is not None
    }
    for handler in handlers:
        if is_retired(handler.event):
            newest = newest_version(handler.event).event_type
            raise ContributionError(
                f"hook `{name}`: {handler.event.event_type} is retired; name {newest}"
            )
        mine = handler.subscription
        if mine is not None and declared.setdefault(mine.name, mine) != mine:
            raise ContributionError(
                f"hook `{name}`: the subscription {mine.name!r} is declared in two ways"
            )
    return handlers
