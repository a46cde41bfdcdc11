"""What one plugin may hand to another by a hook: frozen records that may hold functions."""

from __future__ import annotations

import collections.abc
import dataclasses
import types
from collections.abc import Iterator
from typing import Any, Union, get_args, get_origin, get_type_hints

from meishi.calls.rules import type_faults
from meishi.sdk.contract import Event


def hook_item_faults(item: type) -> Iterator[str]:
    """Yield what keeps a class from being the item of a hook.

    Its values are those that may cross a contract, classes of events, and functions that take and
    return such values: what is handed to them is nobody's to change.
    """
    if not (dataclasses.is_dataclass(item) and item.__dataclass_params__.frozen):  # type: ignore[attr-defined]
        yield f"{item.__qualname__} is not a frozen dataclass"
        return
    hints = get_type_hints(item)
    for field in dataclasses.fields(item):
        for fault in _field_faults(hints[field.name]):
            yield f"{item.__qualname__}.{field.name}: {fault}"


def _field_faults(annotation: Any) -> Iterator[str]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation is collections.abc.Callable:
        yield "a function must say what it takes and returns"
    elif origin is collections.abc.Callable:
        parameters, result = arguments
        if not isinstance(parameters, list):
            yield "a function must say what it takes"
            return
        for part in (*parameters, result):
            yield from type_faults(part)
    elif origin in (Union, types.UnionType):
        for part in arguments:
            yield from _field_faults(part)
    elif annotation == type[Event]:
        return
    else:
        yield from type_faults(annotation)
