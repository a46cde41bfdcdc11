"""What must hold for the contacts of a list, each a row called `c`."""

from __future__ import annotations

from crm_contacts.repository.criteria import (
    Amount,
    AnyPart,
    ByField,
    Comparison,
    Consented,
    Listing,
    Membership,
    Named,
    OfContact,
    Owned,
)
from crm_contacts.repository.expressions import (
    any_part,
    compared,
    few_contacts,
    of_contact,
    one_of,
    parameter,
)

#: A part is the contact's own.
_OWN = " AND p.contact_id = c.id"


def conditions_of(listing: Listing, values: dict[str, object]) -> list[str]:
    """Return what must hold for each contact of a list."""
    conditions: list[str] = []
    behind = ids_behind(listing, values)
    if listing.by_field is not None:
        conditions.append(_has_value(listing.by_field, values))
    for condition in listing.conditions:
        if isinstance(condition, Comparison):
            conditions.append(compared(condition, values))
        elif isinstance(condition, Named):
            conditions.append(f"c.id {one_of(condition.ids, values)}")
        elif isinstance(condition, Membership):
            conditions.append(_is_member(condition, values, behind))
        elif isinstance(condition, Owned):
            owner = condition.owner_id
            said = "IS NULL" if owner is None else f"= {parameter(owner, values)}"
            conditions.append(f"c.owner_id {said}")
        elif isinstance(condition, OfContact):
            conditions.append(_is_itself(condition, values))
        elif isinstance(condition, Consented):
            conditions.append(_has_consented(condition, values))
        else:
            conditions.append(_has_part(condition, values, behind))
    return conditions


def _has_part(item: AnyPart, values: dict[str, object], behind: str) -> str:
    if item.absent:
        return f"NOT EXISTS (SELECT {any_part(item, values, _OWN)})"
    if item.amount is Amount.MANY:
        return f"EXISTS (SELECT {any_part(item, values, _OWN)} OFFSET 0)"
    found = any_part(item, values, behind)
    if item.few:
        return f"c.id = ANY (ARRAY(SELECT {found}))"
    if item.amount is Amount.SOME:
        return f"(c.id IN (SELECT {found})) IS TRUE"
    return f"c.id IN (SELECT {found})"


def _is_itself(item: OfContact, values: dict[str, object]) -> str:
    if item.amount is Amount.FEW:
        return f"c.id = ANY (ARRAY(SELECT {few_contacts(item, values)}))"
    said = of_contact(item, values, "c")
    # What follows keeps the server from finding them all first: they come in the list's order.
    return f"({said}) IS TRUE" if item.amount is Amount.MANY else said


def _has_value(item: ByField, values: dict[str, object]) -> str:
    field = parameter(item.field_id, values)
    if not item.absent:
        return f"o.field_id = {field}"
    return (
        "NOT EXISTS (SELECT FROM crm_contacts.custom_value o"
        f" WHERE o.contact_id = c.id AND o.field_id = {field})"
    )


def _is_member(item: Membership, values: dict[str, object], behind: str) -> str:
    found = f"crm_contacts.{item.table} p WHERE p.{item.column} {one_of(item.ids, values)}"
    if item.absent:
        return f"NOT EXISTS (SELECT FROM {found} AND p.contact_id = c.id)"
    if item.amount is Amount.FEW:
        return f"c.id = ANY (ARRAY(SELECT p.contact_id FROM {found}))"
    if item.amount is Amount.SOME:
        # What follows keeps the server from joining them: it looks each contact up in a hash table.
        return f"(c.id IN (SELECT p.contact_id FROM {found})) IS TRUE"
    if item.amount is Amount.MANY:
        return f"EXISTS (SELECT FROM {found} AND p.contact_id = c.id OFFSET 0)"
    return f"c.id IN (SELECT p.contact_id FROM {found}{behind})"


def ids_behind(listing: Listing, values: dict[str, object]) -> str:
    """Return where members of a page begin, so that those before it are not looked up again."""
    if listing.after is None or [order.column for order in listing.orders] != ["c.id"]:
        return ""
    sign = "<" if listing.orders[0].descending else ">"
    return f" AND p.contact_id {sign} {parameter(listing.after[0], values)}"


def _has_consented(item: Consented, values: dict[str, object]) -> str:
    channel, state = parameter(item.channel, values), parameter(item.state, values)
    found = f"crm_contacts.consent p WHERE p.counts AND p.reached_by = {channel} AND p.state"
    if item.or_nothing:
        return f"NOT EXISTS (SELECT FROM {found} <> {state} AND p.contact_id = c.id)"
    return f"c.id IN (SELECT p.contact_id FROM {found} = {state})"
