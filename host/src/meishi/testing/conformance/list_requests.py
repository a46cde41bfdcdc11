"""The lists of a plugin's web API, and every way in which they can be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations, product
from typing import Any
from urllib.parse import quote, urlencode

from marshmallow import Schema, fields, validate

from meishi.http.blueprint import query_schema
from meishi.http.changes import ChangesQuerySchema
from meishi.http.lists import SortField
from meishi.http.routes import prefix_of
from meishi.http.selectables import INCLUDE, selectable_of
from meishi.lifecycle.contribution import Contribution
from meishi.sdk.contract import Operator
from meishi.testing.conformance.bulk_values import ALIKE, text_of
from meishi.testing.conformance.stored_values import StoredValues

LIMIT, AFTER, TOTAL, SORT, SEARCH = "limit", "after", "total", "sort", "q"
#: Where a feed of changes goes on.
SINCE = "since"

#: A text that many rows have; no column's first or last one.
TEXT = text_of(50 * ALIKE)

_PARAMETER = re.compile(r"<(?:[^<>:]*:)?([^<>:]+)>")
#: A parameter that says itself what it may be: the first of that.
_CHOICES = re.compile(r"<any\(([^,)]+)[^)]*\):\w+>")
_FILTER = re.compile(r"filter\[(\w+)\]\[(\w+)\]")
_BELOW = frozenset({Operator.LT, Operator.LTE})
_ABOVE = frozenset({Operator.GT, Operator.GTE})

#: Values for parameters that no column is called after, by the kinds of their fields.
_BY_KIND: tuple[tuple[type[fields.Field[Any]], str], ...] = (
    (fields.UUID, "00000000-0000-4000-8000-000000000000"),
    (fields.DateTime, "2026-01-31T09:30:00+00:00"),
    (fields.Date, "2026-01-31"),
    (fields.Number, "1"),
    (fields.Email, "anna@example.com"),
    (fields.Url, "https://example.com/"),
)


@dataclass(frozen=True, slots=True)
class ListRoute:
    """A list: its path with parameters, the schema of its query, and what can be included."""

    path: str
    query: Schema
    relations: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[str]:
        """The names of what the path leaves open."""
        return _PARAMETER.findall(self.path)

    @property
    def is_feed(self) -> bool:
        """Whether it tells changes, by tokens."""
        return isinstance(self.query, ChangesQuerySchema)


@dataclass(frozen=True, slots=True)
class ListRequest:
    """One request for a list."""

    path: str
    query: Mapping[str, str]

    def __str__(self) -> str:
        return f"GET {self.path}{'?' if self.query else ''}{urlencode(self.query, safe='[],:')}"


def list_routes(contribution: Contribution) -> Iterator[ListRoute]:
    """Yield the lists of a plugin: what is read by GET with a `limit`.

    There are none where no table belongs to workspaces, as the event log's: rows cannot be made for
    them, and what operators list there is no workspace's.
    """
    if not _keeps_workspaces(contribution):
        return
    for blueprint in contribution.routes:
        for _, rule, view in blueprint.views():
            operation = getattr(view, "get", None)
            schema = query_schema(operation) if operation is not None else None
            if operation is not None and schema is not None and LIMIT in _parameters(schema):
                selectable = selectable_of(operation)
                relations = selectable.relations if selectable else ()
                yield ListRoute(f"{prefix_of(contribution, blueprint)}{rule}", schema, relations)


def _keeps_workspaces(contribution: Contribution) -> bool:
    """Whether each row of some table belongs to a workspace."""
    metadata = contribution.schemas.db
    return metadata is not None and any(
        "workspace_id" in table.c and not table.c.workspace_id.nullable
        for table in metadata.tables.values()
    )


class UnknownParameter(Exception):
    """No row is known that a parameter of a path could name."""


def requests_of(route: ListRoute, stored: StoredValues) -> Iterator[ListRequest]:
    """Yield every request for a list: plain, with all relations, each filter, in each order.

    An order is a sort or two, each of them either way. Raises `UnknownParameter`.
    """
    parameters = _parameters(route.query)
    asked = {
        name: list(_values(name, field, route.path, stored))
        for name, field in parameters.items()
        if name not in ({LIMIT, SINCE} if route.is_feed else {LIMIT, AFTER, TOTAL})
    }
    needed = {name: values[0] for name, values in asked.items() if parameters[name].required}
    plain = ListRequest(_filled(route, stored), needed)
    yield plain
    if route.relations:
        yield replace(plain, query={**needed, INCLUDE: ",".join(route.relations)})
    for name, values in asked.items():
        for value in values:
            yield replace(plain, query={**needed, name: value})


def _parameters(schema: Schema) -> dict[str, fields.Field[Any]]:
    return {field.data_key or name: field for name, field in schema.load_fields.items()}


def _filled(route: ListRoute, stored: StoredValues) -> str:
    """Return the path with the id of a row in the place of each parameter."""

    def value(found: re.Match[str]) -> str:
        if (choices := _CHOICES.fullmatch(found[0])) is not None:
            return choices[1].strip()
        usual = stored.usual(found[1], route.path[: found.start()])
        if usual is None:
            raise UnknownParameter(f"no row is known that `{found[1]}` of {route.path} could name")
        return quote(str(usual), safe="")

    return _PARAMETER.sub(value, route.path)


def _values(name: str, field: fields.Field[Any], path: str, stored: StoredValues) -> Iterator[str]:
    """Yield what a parameter is asked for; what many rows have is as telling as what few have."""
    if isinstance(field, SortField):
        yield from _orders(field)
    elif (given := field.metadata.get("example")) is not None:
        yield _written(given)
    elif isinstance(field, fields.Boolean):
        yield from ("true", "false")
    elif choices := _choices(field):
        yield from map(_written, choices)
    elif name == SEARCH:
        yield from (TEXT, TEXT[:5], f"{TEXT} {TEXT[:5]}")
    else:
        yield from _of_column(name, field, path, stored)


def _orders(field: SortField) -> Iterator[str]:
    """Yield each sort and each pair of sorts, either way."""
    for chosen in (*permutations(field.names, 1), *permutations(field.names, 2)):
        for signs in product(("", "-"), repeat=len(chosen)):
            yield ",".join(f"{sign}{name}" for sign, name in zip(signs, chosen, strict=True))


def _choices(field: fields.Field[Any]) -> list[Any]:
    """Return the values that a field may have, if they can be told."""
    if isinstance(field, fields.Enum):
        return [item.value if field.by_value else item.name for item in field.enum]
    for found in field.validators:
        if isinstance(found, validate.OneOf):
            return list(found.choices)
    return []


def _of_column(
    name: str, field: fields.Field[Any], path: str, stored: StoredValues
) -> Iterator[str]:
    """Yield values of the column that a filter is called after, or some of its kind."""
    filtered = _FILTER.fullmatch(name)
    column, operator = (filtered[1], filtered[2]) if filtered else (name, Operator.EQ)
    examples = stored.examples(column, path)
    sample = None if examples else stored.sample(column, path)
    if examples:
        found: tuple[Any, ...] = (examples[0], examples[-1])
    elif sample is None:
        found = (next((value for kind, value in _BY_KIND if isinstance(field, kind)), TEXT),)
    elif operator in _BELOW:
        found = (sample.low, sample.middle)
    else:
        found = (sample.high, sample.middle) if operator in _ABOVE else (sample.middle,)
    for value in dict.fromkeys(map(_written, found)):
        yield value[: len(value) // 2] if operator == Operator.PREFIX else value


def _written(value: Any) -> str:
    """Return a value as a query says it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date) else str(value)
