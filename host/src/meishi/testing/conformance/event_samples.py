"""Samples of events, and of whatever type their fields may have, made from the types alone."""

from __future__ import annotations

import dataclasses
import enum
import types
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

_SCALARS: dict[Any, tuple[Any, ...]] = {
    type(None): (None,),
    bool: (False, True),
    int: (0, -1, 2**53 - 1),
    float: (0.0, -1.5),
    str: ("", "Łódź 名刺 \U0001f40d"),
    bytes: (b"", b"\x00\xff"),
    Decimal: (Decimal(0), Decimal("-1.50")),
    UUID: (UUID(int=0), UUID(int=2**128 - 1)),
    datetime: (datetime(2026, 1, 1, tzinfo=UTC), datetime(1, 1, 1, 0, 0, 0, 1, tzinfo=UTC)),
    date: (date(2026, 1, 1),),
    time: (time(12, 30),),
    timedelta: (timedelta(0), timedelta(days=-1, microseconds=1)),
    msgspec.UnsetType: (msgspec.UNSET,),
}


def samples_of(annotation: Any, *, inside: frozenset[type] = frozenset()) -> list[Any]:
    """Return values of a type: every member of a union or enum, and every field's values.

    A type without an end, such as a tree, ends where it would begin again.
    """
    origin, arguments = get_origin(annotation), get_args(annotation)
    if annotation in _SCALARS or origin is Literal:
        return [*_SCALARS.get(annotation, arguments)]
    if origin in (Union, types.UnionType):
        return [value for item in arguments for value in samples_of(item, inside=inside)]
    if origin is tuple:
        return _tuples(arguments, inside)
    if origin is frozenset:
        return [frozenset(), frozenset(samples_of(arguments[0], inside=inside))]
    if issubclass(annotation, enum.Enum):
        return [*annotation]
    return [] if annotation in inside else _records(annotation, inside | {annotation})


def _tuples(arguments: tuple[Any, ...], inside: frozenset[type]) -> list[Any]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:  # noqa: PLR2004 (tuple[kind, ...])
        return [(), tuple(samples_of(arguments[0], inside=inside))]
    return _combined([samples_of(item, inside=inside) for item in arguments])


def _records(annotation: Any, inside: frozenset[type]) -> list[Any]:
    hints = get_type_hints(annotation)
    names = [field.name for field in dataclasses.fields(annotation) if field.init]
    rows = _combined([samples_of(hints[name], inside=inside) for name in names])
    return [annotation(**dict(zip(names, row, strict=True))) for row in rows]


def _combined(columns: list[list[Any]]) -> list[tuple[Any, ...]]:
    """Return as many rows as the longest column has values; the others begin again."""
    if not all(columns):
        return []
    count = max(map(len, columns), default=1)
    return [tuple(column[row % len(column)] for column in columns) for row in range(count)]
