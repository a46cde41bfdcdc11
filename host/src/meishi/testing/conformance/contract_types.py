"""The classes of a contract: which there are, and what keeps one from crossing it."""

from __future__ import annotations

import dataclasses
import pkgutil
from collections.abc import Collection, Iterator
from importlib import import_module
from importlib.util import find_spec

from meishi.calls.rules import contract_faults, event_faults, type_faults
from meishi.sdk.contract import DomainError, Event


def contract_classes(module: str) -> Iterator[type]:
    """Yield the public classes that a contract defines; none where there is no contract."""
    if find_spec(module) is None:
        return
    root = import_module(module)
    names = [
        item.name for item in pkgutil.walk_packages(getattr(root, "__path__", ()), f"{module}.")
    ]
    for name in (module, *names):
        for item in vars(import_module(name)).values():
            own = isinstance(item, type) and item.__module__ == name
            if own and not item.__name__.startswith("_"):
                yield item


def fault_of_class(item: type, declared: Collection[type[Event]]) -> Iterator[str]:
    """Yield what is wrong with a class of a contract; `declared` are the plugin's event types."""
    if getattr(item, "_is_protocol", False):
        yield from contract_faults(item)
    elif issubclass(item, Event):
        yield from event_faults(item)
        if item not in declared:
            yield "the hook `event_types` does not return it, so it cannot be published"
    elif issubclass(item, DomainError):
        for name in ("code", "title"):
            if not isinstance(getattr(item, name, None), str):
                yield f"it has no `{name}`"
    elif dataclasses.is_dataclass(item):
        yield from type_faults(item)
