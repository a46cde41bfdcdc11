"""What a whole contract may offer: every public name of its module, and of those inside it."""

from __future__ import annotations

import enum
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import is_dataclass
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, ClassVar, get_origin

from meishi.calls.rules import (
    SCALARS,
    contract_faults,
    crossing_faults,
    declared_errors,
    error_faults,
    event_faults,
)
from meishi.sdk.contract import DomainError, Event

#: `Any`, `ClassVar` and their like.
_FORMS = (type(Any), type(ClassVar))
_OF_A_CONTRACT = re.compile(r"(?:^|\.)contract(?:\.|$)")


def contract_module_faults(
    module: ModuleType, items: frozenset[type] = frozenset()
) -> Iterator[str]:
    """Yield one sentence for each public name that a contract must not offer.

    Allowed are Protocols of marked methods, events, declared errors, enumerations, frozen
    records, aliases of allowed types, constants that cannot be changed, and what other
    contracts offer. `module` may be a package; what stands in its modules is of the contract too.
    `items` are those of hooks that the plugin adds: they may hold functions.
    """
    offered = [*_offered(module)]
    for name, value in offered:
        if not (isinstance(value, type) and value in items):
            for fault in _value_faults(value):
                yield f"{name}: {fault}"
    declared = set(declared_errors(value for _, value in offered if _is_protocol(value)))
    for name, value in offered:
        if _is_error(value) and not any(_related(value, error) for error in declared):
            yield f"{name}: no method declares this error, so it reaches no caller as itself"


def contract_events(module: ModuleType) -> Iterator[type[Event]]:
    """Yield the event classes that a contract defines."""
    for _, value in _offered(module):
        is_event = isinstance(value, type) and issubclass(value, Event)
        if is_event and _is_inside(value.__module__, module):
            yield value


def _offered(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the names that a module offers of its own; what it only imports is not offered."""
    exported = getattr(module, "__all__", ())
    for name, value in vars(module).items():
        # What tools put in besides has names that nobody can write.
        public = name.isidentifier() and not name.startswith("_")
        if name in exported or (public and not _is_imported(name, value, module)):
            yield name, value
    for item in iter_modules(getattr(module, "__path__", ())):
        yield from _offered(import_module(f"{module.__name__}.{item.name}"))


def _is_imported(name: str, value: Any, module: ModuleType) -> bool:
    """Whether a name only stands in a module because the module uses it."""
    if isinstance(value, ModuleType):
        return value.__name__.partition(".")[0] in sys.stdlib_module_names or _is_inside(
            value.__name__, module
        )
    home = _home(value)
    if home is None or _is_inside(home, module):
        return type(value).__module__ == "__future__"
    if _OF_A_CONTRACT.search(home):
        return True
    known = name == getattr(value, "__name__", name) or inspect.isfunction(value)
    return known and home.partition(".")[0] in sys.stdlib_module_names


def _home(value: Any) -> str | None:
    """Return the module in which a class, function or special form was made; else None."""
    if isinstance(value, type) or inspect.isroutine(value) or isinstance(value, _FORMS):
        return str(value.__module__)
    return None


def _is_inside(home: str, module: ModuleType) -> bool:
    return f"{home}.".startswith(f"{module.__name__}.")


def _value_faults(value: Any) -> Iterator[str]:
    """Yield what is wrong with one thing that a contract offers."""
    home = _home(value)
    if isinstance(value, ModuleType):
        yield f"a contract does not offer the module {value.__name__}"
    elif isinstance(value, type) and value in SCALARS:
        return
    elif home is not None and _OF_A_CONTRACT.search(home) is None:
        yield f"it is of {home}, which is no contract"
    elif isinstance(value, type) and get_origin(value) is None:
        yield from _class_faults(value)
    elif get_origin(value) is not None or value is Any:
        yield from crossing_faults(value)
    elif callable(value):
        yield "it is a function; a contract offers methods of Protocols"
    elif not _is_constant(value):
        yield f"a constant of the type {type(value).__qualname__} can be changed"


def _class_faults(value: type) -> Iterator[str]:
    if _is_protocol(value):
        yield from contract_faults(value)
    elif issubclass(value, Event):
        yield from event_faults(value)
    elif issubclass(value, BaseException):
        yield from error_faults(value, set())
    else:
        yield from crossing_faults(value)


def _is_protocol(value: Any) -> bool:
    return isinstance(value, type) and bool(getattr(value, "_is_protocol", False))


def _is_error(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, DomainError)


def _related(one: type, other: type) -> bool:
    return issubclass(one, other) or issubclass(other, one)


def _is_constant(value: Any) -> bool:
    """Whether a value, and all in it, stays what it is."""
    if isinstance(value, tuple | frozenset):
        return all(_is_constant(item) for item in value)
    if isinstance(value, enum.Enum):
        return True
    if is_dataclass(value):
        return not list(crossing_faults(type(value)))
    return isinstance(value, SCALARS)
