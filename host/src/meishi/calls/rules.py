"""What may cross a contract: marked methods over frozen, encodable, immutable types."""

from __future__ import annotations

import dataclasses
import enum
import inspect
import types
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import (
    Any,
    Generic,
    Literal,
    Protocol,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)
from uuid import UUID

import msgspec

from meishi.sdk.contract import RULE_ATTRIBUTE, CallRule, DomainError, Event

#: Types that cross a contract as they are.
SCALARS = (
    type(None), bool, int, float, str, bytes, Decimal, UUID, datetime, date, time, timedelta,
    msgspec.UnsetType,
)  # fmt: skip


#: Types and functions of which is kept what was found; those of a large deployment find room.
_KEPT = 2048


@dataclasses.dataclass(frozen=True, slots=True)
class ContractMethod:
    """One method of a contract: its rule, and the types of its parameters and result."""

    name: str
    rule: CallRule
    signature: inspect.Signature
    parameters: dict[str, Any]
    result: Any


def contract_methods(protocol: type) -> dict[str, ContractMethod]:
    """Return the methods of a contract that has no faults."""
    return {name: _method(name, function) for name, function in _public_functions(protocol)}


def contract_faults(protocol: type) -> Iterator[str]:
    """Yield one sentence for each thing that must not be in a contract."""
    if not getattr(protocol, "_is_protocol", False):
        yield "is not a typing.Protocol"
        return
    for name in sorted(_public_names(protocol)):
        function = getattr(protocol, name, None)
        if not inspect.isfunction(function):
            yield f"{name} is not a method"
        else:
            yield from _method_faults(name, function)


def declared_errors(protocols: Iterable[type]) -> Iterator[type[DomainError]]:
    """Yield what the methods of contracts declare; unmarked ones declare nothing."""
    for protocol in protocols:
        for _, function in _public_functions(protocol):
            yield from getattr(getattr(function, RULE_ATTRIBUTE, None), "errors", ())


def event_faults(event: type[Event]) -> Iterator[str]:
    """Yield what keeps a class from being an event type."""
    for attribute in ("event_type", "subject"):
        if not isinstance(getattr(event, attribute, None), str):
            yield f"{event.__qualname__} has no `{attribute}`"
            return
    if not dataclasses.is_dataclass(event):
        yield f"{event.__qualname__} is not a dataclass"
        return
    if event.subject not in {field.name for field in dataclasses.fields(event)}:
        yield f"{event.__qualname__} has no field {event.subject!r}, its subject"
    yield from type_faults(event)


def type_faults(annotation: Any, *, seen: frozenset[type] = frozenset()) -> Iterator[str]:
    """Yield what keeps a type from crossing a contract; nothing for an allowed one."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, types.UnionType):
        for item in arguments:
            yield from type_faults(item, seen=seen)
    elif origin is tuple:
        for item in arguments:
            if item is not Ellipsis:
                yield from type_faults(item, seen=seen)
    elif origin is frozenset:
        yield from type_faults(arguments[0], seen=seen)
    elif origin is Literal or annotation in SCALARS or _is_enumeration(annotation):
        return
    elif isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        yield from _dataclass_faults(annotation, seen)
    else:
        name = getattr(annotation, "__qualname__", None) or repr(annotation)
        yield f"{name} must not cross a contract"


def _dataclass_faults(annotation: type, seen: frozenset[type]) -> Iterator[str]:
    if annotation in seen:
        return
    if not annotation.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        yield f"{annotation.__qualname__} is not frozen"
    hints = _hints(annotation)
    for field in dataclasses.fields(annotation):
        for fault in type_faults(hints[field.name], seen=seen | {annotation}):
            yield f"{annotation.__qualname__}.{field.name}: {fault}"


def _is_enumeration(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, enum.Enum)


def _method_faults(name: str, function: Any) -> Iterator[str]:
    rule = getattr(function, RULE_ATTRIBUTE, None)
    if not isinstance(rule, CallRule):
        yield f"{name} is not marked @query, @command or @atomic"
        return
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        yield f"{name} is asynchronous"
    yield from _signature_faults(name, function)
    codes: set[str] = set()
    for error in rule.errors:
        for fault in error_faults(error, codes):
            yield f"{name} declares {getattr(error, '__qualname__', repr(error))}: {fault}"


def error_faults(error: Any, codes: set[str]) -> Iterator[str]:
    """Yield what keeps a declared error from being made anew on the caller's side."""
    if not (isinstance(error, type) and issubclass(error, DomainError)):
        yield "it is no DomainError"
    elif not (hasattr(error, "code") and hasattr(error, "title")):
        yield "it has no `code` or no `title`"
    elif error.__init__ is not DomainError.__init__:
        yield "it has an `__init__` of its own"
    elif error.code in codes:
        yield f"another error of this method has the code {error.code!r}"
    else:
        codes.add(error.code)


def _signature_faults(name: str, function: Any) -> Iterator[str]:
    hints = _hints(function)
    for parameter in list(inspect.signature(function).parameters.values())[1:]:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            yield f"{name} takes a variable number of arguments"
        elif parameter.name not in hints:
            yield f"{name}: parameter {parameter.name} has no type"
        else:
            for fault in crossing_faults(hints[parameter.name]):
                yield f"{name}: parameter {parameter.name}: {fault}"
    if "return" not in hints:
        yield f"{name} has no result type"
    else:
        for fault in crossing_faults(hints["return"]):
            yield f"{name}: result: {fault}"


def crossing_faults(annotation: Any) -> Iterator[str]:
    """Yield what is wrong with a type; one that is allowed by its parts must also decode."""
    try:
        hash(annotation)
    except TypeError:
        # A `Literal` of what is no literal.
        yield from _crossing_faults(annotation)
    else:
        yield from _kept_crossing_faults(annotation)


@lru_cache(_KEPT, typed=True)
def _kept_crossing_faults(annotation: Any) -> tuple[str, ...]:
    return _crossing_faults(annotation)


def _crossing_faults(annotation: Any) -> tuple[str, ...]:
    faults = tuple(type_faults(annotation))
    if not faults:
        try:
            msgspec.json.Decoder(type=annotation)
        except TypeError as error:
            return (str(error),)
    return faults


@lru_cache(_KEPT)
def _hints(declared: Any) -> Mapping[str, Any]:
    """Return the types that a class or function names; they stay while it is there."""
    return types.MappingProxyType(get_type_hints(declared))


def _public_names(protocol: type) -> set[str]:
    names = {
        name
        for base in protocol.__mro__
        if base not in (object, Protocol, Generic)
        for name in (*vars(base), *vars(base).get("__annotations__", ()))
    }
    return {name for name in names if not name.startswith("_")}


def _public_functions(protocol: type) -> Iterator[tuple[str, Any]]:
    for name, function in inspect.getmembers(protocol, inspect.isfunction):
        if not name.startswith("_"):
            yield name, function


def _method(name: str, function: Any) -> ContractMethod:
    hints = dict(_hints(function))
    result = hints.pop("return")
    return ContractMethod(
        name=name,
        rule=getattr(function, RULE_ATTRIBUTE),
        signature=inspect.signature(function),
        parameters=hints,
        result=result,
    )
