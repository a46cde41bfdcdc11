"""Lists of contacts: filters, sorts and pages by operators that row security lets use an index.

An operator that might leak what it sees (LIKE, for one) would be asked only after row security,
about every row. Those of texts in the order of code points, of UUIDs and of times do not leak.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contacts.models import contact
from crm_contacts.repository.reading import document_sql
from crm_contacts.repository.searching import MATCHES, match_values
from crm_contacts.words import SearchTerm
from meishi.sdk.contract import Operator
from meishi.sdk.database import execute

Value = str | datetime | int | UUID

_SQL = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.GT: ">",
    Operator.GTE: ">=",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A column of contacts, of their emails or of their phones, compared with a value."""

    column: str
    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class AnyPart:
    """One email, or one phone, fulfils all comparisons of at least one of some groups."""

    table: str
    groups: tuple[tuple[Comparison, ...], ...]


@dataclass(frozen=True, slots=True)
class Order:
    """A column by which a list is sorted, and which way."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of contacts; `orders` end with the id, `after` has a value for each of them."""

    conditions: Sequence[Comparison | AnyPart] = ()
    terms: Sequence[SearchTerm] | None = None
    orders: Sequence[Order]
    after: Sequence[Value] | None = None
    deleted: bool = False


def page(listing: Listing, limit: int) -> list[tuple[Any, ...]]:
    """Return the document of each contact of a page, and then its values of the orders."""
    return execute(*page_statement(listing, limit))


def page_statement(listing: Listing, limit: int) -> tuple[str, dict[str, object]]:
    """Return the statement of a page, and its values."""
    values: dict[str, object] = {"limit": limit}
    conditions = _conditions(listing, values)
    if listing.after is not None:
        conditions += _behind(listing.orders, listing.after, values)
    names = [f"o{place}" for place in range(len(listing.orders))]
    columns = ", ".join(
        f"{order.column} AS {name}" for order, name in zip(listing.orders, names, strict=True)
    )
    inner = (
        f"SELECT c.*, {columns} FROM {_source(listing, values)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {_order_by(listing.orders, [order.column for order in listing.orders])}"
        " LIMIT %(limit)s"
    )
    statement = (
        f"SELECT {document_sql()}, {', '.join(names)} FROM ({inner}) c"
        f" ORDER BY {_order_by(listing.orders, names)}"
    )
    return statement, values


def count(listing: Listing) -> int:
    """Return how many contacts all pages of a list have."""
    values: dict[str, object] = {}
    conditions = " AND ".join(_conditions(listing, values))
    statement = f"SELECT count(*) FROM {_source(listing, values)} WHERE {conditions}"
    return int(execute(statement, values)[0][0])


def _source(listing: Listing, values: dict[str, object]) -> str:
    if listing.terms is None:
        return f"{contact.fullname} c"
    values.update(match_values(listing.terms))
    # The limit keeps it a look-up for each match; there are a thousand of them at most.
    return (
        f"{MATCHES} CROSS JOIN LATERAL"
        f" (SELECT * FROM {contact.fullname} WHERE id = s.contact_id LIMIT 1) c"
    )


def _conditions(listing: Listing, values: dict[str, object]) -> list[str]:
    deleted = "NOT NULL AND c.erased_at IS NULL" if listing.deleted else "NULL"
    conditions = [f"c.deleted_at IS {deleted}"]
    for condition in listing.conditions:
        if isinstance(condition, Comparison):
            conditions.append(_compared(condition, values))
        else:
            groups = (
                " AND ".join(_compared(item, values) for item in group)
                for group in condition.groups
            )
            conditions.append(
                f"c.id IN (SELECT p.contact_id FROM crm_contacts.{condition.table} p"
                f" WHERE ({') OR ('.join(groups)}))"
            )
    return conditions


def _compared(item: Comparison, values: dict[str, object]) -> str:
    return f"{item.column} {_SQL[item.operator]} {_parameter(item.value, values)}"


def _behind(
    orders: Sequence[Order], after: Sequence[Value], values: dict[str, object]
) -> list[str]:
    """Return what holds for contacts behind a place in the list.

    With one direction a comparison of rows says it all. Otherwise the first column bounds what
    the index has to show, and the rest is said column by column.
    """
    places = [_parameter(value, values) for value in after]
    signs = ["<" if order.descending else ">" for order in orders]
    columns = [order.column for order in orders]
    if len(set(signs)) == 1:
        return [f"({', '.join(columns)}) {signs[0]} ({', '.join(places)})"]
    said = ""
    for column, sign, place in reversed(list(zip(columns, signs, places, strict=True))):
        same = f" OR ({column} = {place} AND {said})" if said else ""
        said = f"({column} {sign} {place}{same})"
    return [f"{columns[0]} {signs[0]}= {places[0]}", said]


def _order_by(orders: Sequence[Order], names: Sequence[str]) -> str:
    return ", ".join(
        f"{name} DESC" if order.descending else name
        for order, name in zip(orders, names, strict=True)
    )


_TYPES: Mapping[type[Value], str] = {
    str: "text",
    datetime: "timestamptz",
    int: "integer",
    UUID: "uuid",
}


def _parameter(value: Value, values: dict[str, object]) -> str:
    """Add a value to the parameters; return how the statement names it, with its type."""
    name = f"v{len(values)}"
    values[name] = value
    return f"%({name})s::{_TYPES[type(value)]}"
