"""What statements about contacts say of their values, which they have as parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crm_contacts.repository.criteria import AnyPart, Comparison, OfContact, Seen, Value
from meishi.sdk.contract import Operator

_SQL = {
    Operator.EQ: "=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.GT: ">",
    Operator.GTE: ">=",
}

_THERE = "p.deleted_at IS NULL"

_TYPES: Mapping[type[Value], str] = {
    str: "text",
    datetime: "timestamptz",
    int: "integer",
    UUID: "uuid",
}


def parameter(value: Value, values: dict[str, object]) -> str:
    """Add a value to the parameters; return how the statement names it, with its type."""
    name = f"v{len(values)}"
    values[name] = value
    return f"%({name})s::{_TYPES[type(value)]}"


def compared(item: Comparison, values: dict[str, object]) -> str:
    """Return a comparison; one with nothing names it, so that it is planned as what many have."""
    if item.value == "":
        return f"{item.column} {_SQL[item.operator]} ''"
    return f"{item.column} {_SQL[item.operator]} {parameter(item.value, values)}"


def one_of(ids: Sequence[UUID], values: dict[str, object]) -> str:
    """Return a comparison with ids; of a single one the index shows members in their order."""
    if len(ids) == 1:
        return f"= {parameter(ids[0], values)}"
    name = f"v{len(values)}"
    values[name] = list(ids)
    return f"= ANY(%({name})s::uuid[])"


def any_part(item: AnyPart, values: dict[str, object], behind: str = "") -> str:
    """Return what selects the ids of contacts with a part; one with several is there as often.

    `behind` is a further condition on them, which begins with AND.
    """
    groups = [" AND ".join(compared(found, values) for found in group) for group in item.groups]
    wanted = f"(({') OR ('.join(groups)}))" if groups else "true"
    return f"p.contact_id FROM crm_contacts.{item.table} p WHERE {wanted}{behind}"


def of_contact(item: OfContact, values: dict[str, object], alias: str) -> str:
    """Return what a contact, a row with an alias, fulfils."""
    said = []
    for found in item.parts:
        if isinstance(found, Comparison):
            said.append(compared(replace(found, column=f"{alias}.{found.column}"), values))
        elif isinstance(found, Seen):
            said.append(f"{alias}.readers IS {'NOT NULL' if found.private else 'NULL'}")
        else:
            name = f"v{len(values)}"
            values[name] = list(found.numbers)
            said.append(f"{alias}.{found.column} = ANY(%({name})s::smallint[])")
    return " AND ".join(said)


def few_contacts(item: OfContact, values: dict[str, object]) -> str:
    """Return what selects the contacts that fulfil it, among those that are not deleted."""
    return f"p.id FROM crm_contacts.contact p WHERE {of_contact(item, values, 'p')} AND {_THERE}"
