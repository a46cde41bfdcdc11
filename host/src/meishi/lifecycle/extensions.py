"""Hooks that plugins add: who adds which, who implements it, and what they supplied."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from meishi.declarations import EventHandler
from meishi.hookspecs import Hooks
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.deadline import Deadline
from meishi.lifecycle.hook_items import AddedHook, heard_for, is_told_whole, refuse_repeated
from meishi.lifecycle.hook_results import ContributionError, checked_list
from meishi.lifecycle.raised import raised

#: How alike two names are of which one is a slip of the pen, where the prefix does not tell.
_SLIP = 0.9


@dataclass(frozen=True, slots=True)
class InstalledPlugin:
    """How the names of a plugin's hooks begin, and whether it runs."""

    prefix: str
    active: bool


#: All plugins that are installed, by name.
Installed = Mapping[str, InstalledPlugin]


@dataclass(slots=True)
class Extensions:
    """What plugins supply to each other's hooks, in one application object.

    `added` holds the hooks by name, `supplied` what each plugin supplies to each of them, `heard`
    what is listened to for the sake of that, and `wanted` the hooks that a plugin implements, with
    the plugins that may add them.
    """

    added: dict[str, AddedHook] = field(default_factory=dict)
    supplied: dict[str, dict[str, tuple[Any, ...]]] = field(default_factory=dict)
    heard: dict[str, dict[str, tuple[EventHandler, ...]]] = field(default_factory=dict)
    wanted: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def add(self, contribution: Contribution) -> None:
        """Take the hooks that a plugin adds; it listens for their sake where it runs."""
        here = contribution.placement is None
        for found in contribution.hookspecs:
            spec = found if here else replace(found, listens=None)
            name = spec.function.__name__
            self.added[name] = AddedHook(contribution.plugin, spec, contribution.event_handlers)

    def ask(self, contribution: Contribution, installed: Installed, limit: Deadline) -> None:
        """Call what a plugin implements of others' hooks; raise `ContributionError` for a fault."""
        name = contribution.plugin
        self.wanted[name] = {
            hook: self._owners(hook, contribution, installed)
            for hook in contribution.implementations
        }
        for hook, implementation in contribution.implementations.items():
            limit.step = f"hook `{hook}`"
            if hook in self.added:
                found = _called(hook, implementation, self.added[hook].spec.item)
                if contribution.placement is not None:
                    # A function is to be called where its plugin is.
                    found = tuple(item for item in found if is_told_whole(item))
                supplied = self.supplied.setdefault(hook, {})
                heard = self.heard.setdefault(hook, {})
                refuse_repeated(hook, self.added[hook].spec, found, supplied)
                heard[name] = heard_for(self.added[hook], found, heard.values())
                supplied[name] = found

    def handlers_of(self, plugin: str, active: Collection[str]) -> Iterator[EventHandler]:
        """Yield what a plugin listens with for the sake of what active plugins supply to it."""
        for hook, added in self.added.items():
            if added.plugin == plugin:
                for name, handlers in self.heard.get(hook, {}).items():
                    yield from handlers if name in active else ()

    def note(self, plugin: str, is_active: Callable[[str], bool]) -> str:
        """Return which hooks that a plugin implements are not there, and what they need."""
        return "; ".join(
            f"hook `{hook}` inactive: needs {' or '.join(owners) or 'a plugin that adds it'}"
            for hook, owners in self.wanted.get(plugin, {}).items()
            if not any(map(is_active, owners))
        )

    def of(
        self, spec: Callable[[], Sequence[Any]], asking: str, active: Iterable[Contribution]
    ) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what each of the active plugins supplies to a hook; only who adds it may ask."""
        found = self.added.get(spec.__name__)
        if found is None or found.spec.function is not spec or found.plugin != asking:
            raise LookupError(f"{asking} adds no hook `{spec.__name__}`")
        supplied = self.supplied.get(spec.__name__, {})
        return [(item.plugin, supplied[item.plugin]) for item in active if item.plugin in supplied]

    def _owners(self, hook: str, asked: Contribution, installed: Installed) -> tuple[str, ...]:
        """Return who adds a hook, or would if it were active; raise for a name that is misspelt."""
        if hook in self.added:
            return (self.added[hook].plugin,)
        alike = [name for name, item in installed.items() if hook.startswith(item.prefix)]
        present = [name for name in alike if installed[name].active]
        absent = [name for name in alike if not installed[name].active] or [
            name for name in asked.manifest.after if name not in installed
        ]
        own = [name for name, added in self.added.items() if added.plugin in present]
        close = get_close_matches(hook, own, n=1, cutoff=_SLIP if absent else 0)
        close += get_close_matches(hook, [*self.added, *host_hooks()], n=1, cutoff=_SLIP)
        if close or (present and not absent):
            whose = f" of {present[0]}" if present else ""
            hint = f"; did you mean `{close[0]}`?" if close else ""
            raise ContributionError(f"there is no hook `{hook}`{whose}{hint}")
        return tuple(absent)


def host_hooks() -> list[str]:
    """Return the names of the host's own hooks."""
    return [name for name in vars(Hooks) if not name.startswith("_")]


def _called(hook: str, implementation: Callable[[], Any], item: type) -> tuple[Any, ...]:
    try:
        result = implementation()
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise ContributionError(f"hook `{hook}` raised {raised(error)}") from error
    return checked_list(hook, result, item)
