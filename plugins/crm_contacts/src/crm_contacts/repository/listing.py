"""Lists of contacts: filters, sorts and pages by operators that row security lets use an index.

An operator that might leak what it sees (LIKE, for one) would be asked only after row security,
about every row. Those of texts in the order of code points, of UUIDs and of times do not leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeGuard
from uuid import UUID

from crm_contacts.models import contact
from crm_contacts.repository.conditions import conditions_of, ids_behind
from crm_contacts.repository.criteria import (
    Amount,
    AnyPart,
    Comparison,
    Listing,
    Membership,
    Order,
    Restriction,
    Value,
)
from crm_contacts.repository.expressions import any_part, parameter
from crm_contacts.repository.match_sizes import with_sizes
from crm_contacts.repository.searching import MATCHES, match_values
from meishi.sdk.contract import Operator
from meishi.sdk.database import execute

#: The ids of what is found first, in the place of those of the contacts.
_LEADING_ID = "s.contact_id"
#: Contacts that are gone through in their order for the members of a tag. These may all stand
#: behind: who came with the last import, in the order of creation.
_PASSED = 20_000


def page(listing: Listing, limit: int) -> list[tuple[Any, ...]]:
    """Return the id of each contact of a page, and then its values of the orders.

    Of a list that is sorted by several fields, those who have the same of the first are a list of
    their own, with an index for the next field: so those without an organisation, who may be half
    of all, are not all read and sorted.
    """
    listing = with_sizes(listing)
    leading = _leading_value(listing) if _is_sorted_twice(listing) else None
    if leading is None:
        return _of_members(listing, limit)
    first, *orders = listing.orders
    same = Comparison(first.column, Operator.EQ, leading)
    behind = Comparison(first.column, Operator.LT if first.descending else Operator.GT, leading)
    inside = replace(
        listing,
        conditions=[*listing.conditions, same],
        orders=orders,
        after=listing.after and listing.after[1:],
    )
    found = [(row[0], leading, *row[1:]) for row in execute(*page_statement(inside, limit))]
    if len(found) < limit:
        rest = replace(listing, conditions=[*listing.conditions, behind], after=None)
        found += execute(*page_statement(rest, limit - len(found)))
    return found


def _of_members(listing: Listing, limit: int) -> list[tuple[Any, ...]]:
    """Return a page; for members of a tag not all others are gone through, wherever they stand.

    Nor are they for those of whom so many have a part in common, as a town.
    """
    members = [item for item in listing.conditions if _has_members(item)]
    sized = (item for size in (Amount.SOME, Amount.MANY) for item in members if item.amount is size)
    named = next(sized, None)
    alone = len(members) == len(listing.conditions) and listing.by_field is None
    if named is None or not alone or any(item.amount is Amount.FEW for item in members):
        return execute(*page_statement(listing, limit))
    found = execute(*page_statement(listing, limit, passed=_PASSED))
    if len(found) == limit:
        return found
    first = [replace(item, amount=Amount.FEW) if item is named else item for item in members]
    return execute(*page_statement(replace(listing, conditions=first), limit))


def page_statement(
    listing: Listing, limit: int, *, passed: int | None = None
) -> tuple[str, dict[str, object]]:
    """Return the statement of a page, and its values; among so many of the first, if `passed`.

    It says who is on the page and no more: what a contact is has one statement for all lists,
    whose plan the server keeps, as it takes longer to plan than to run.
    """
    values: dict[str, object] = {"limit": limit}
    leading = _leading(listing)
    if leading is not None:
        rest = [_unsized(item) for item in listing.conditions if item is not leading]
        orders = [replace(order, column=_LEADING_ID) for order in listing.orders]
        source = _found_first(leading, listing, values)
        listing = replace(listing, conditions=rest, orders=orders)
    elif passed is not None:
        source = _first(listing, passed, values)
    else:
        source = _source(listing, values)
    conditions = conditions_of(listing, values)
    if passed is None:
        conditions += _there(listing, values)
    columns = [order.column for order in listing.orders]
    shown = "".join(f", {column}" for column in columns)
    statement = (
        f"SELECT c.id{shown} FROM {source} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {_order_by(listing.orders)} LIMIT %(limit)s"
    )
    return statement, values


def count(listing: Listing) -> int:
    """Return how many contacts all pages of a list have, whichever of them is asked for."""
    listing = replace(listing, after=None)
    values: dict[str, object] = {}
    conditions = " AND ".join([*_there(listing, values), *conditions_of(listing, values)])
    statement = f"SELECT count(*) FROM {_source(listing, values)} WHERE {conditions}"
    return int(execute(statement, values)[0][0])


def ids(listing: Listing, limit: int) -> list[UUID]:
    """Return the ids of the contacts of a page."""
    return [row[0] for row in page(listing, limit)]


def _is_sorted_twice(listing: Listing) -> bool:
    """Whether a list is sorted by two fields of contacts, and then by their ids."""
    return len(listing.orders[:-1]) > 1 and listing.by_field is None and listing.terms is None


def _leading_value(listing: Listing) -> Value | None:
    """Return what those at the beginning of a page have of the field that comes first."""
    if listing.after is not None:
        return listing.after[0]
    # With the id, as a single order is that of ids where some are found first; in the direction of
    # the index, as many may have the same.
    first, last = listing.orders[0], listing.orders[-1]
    alone = replace(listing, orders=(first, replace(last, descending=first.descending)))
    rows = execute(*page_statement(alone, 1))
    return rows[0][1] if rows else None


def _leading(listing: Listing) -> AnyPart | None:
    """Return the condition whose contacts are found first, and then read until a page is full.

    Whose email begins with something, say, in the order of ids: however many there are, a page
    looks up no more contacts than it shows. The same with a range of values that few have, and
    such a one leads whatever else is asked.
    """
    if listing.by_field is not None or listing.terms is not None or len(listing.orders) > 1:
        return None
    parts = [item for item in listing.conditions if isinstance(item, AnyPart)]
    leading = [item for item in parts if item.few] or [item for item in parts if _leads(item)]
    if not leading and len(parts) == len(listing.conditions) == 1:
        # Those who have the very same come in the order of ids already.
        leading = [item for item in parts if item.is_equal]
    return leading[0] if leading else None


def _leads(item: AnyPart) -> bool:
    return item.is_prefix and not item.common


def _has_members(item: Restriction) -> TypeGuard[Membership | AnyPart]:
    return isinstance(item, Membership) or (isinstance(item, AnyPart) and item.common)


def _unsized(item: Restriction) -> Restriction:
    """Return a condition on contacts that are found already, each by itself."""
    return replace(item, amount=None) if isinstance(item, AnyPart) and not item.common else item


def _found_first(item: AnyPart, listing: Listing, values: dict[str, object]) -> str:
    found = any_part(item, values, ids_behind(listing, values))
    return (
        f"(SELECT DISTINCT {found} ORDER BY 1) s CROSS JOIN LATERAL"
        f" (SELECT * FROM {contact.fullname} WHERE id = s.contact_id LIMIT 1) c"
    )


def _first(listing: Listing, passed: int, values: dict[str, object]) -> str:
    """Return so many contacts, and of each what stands in the index by which they are sorted."""
    columns = ", ".join(order.column for order in listing.orders)
    return (
        f"(SELECT {columns} FROM {contact.fullname} c"
        f" WHERE {' AND '.join(_there(listing, values))}"
        f" ORDER BY {_order_by(listing.orders)} LIMIT {passed}) c"
    )


def _source(listing: Listing, values: dict[str, object]) -> str:
    if listing.by_field is not None and not listing.by_field.absent:
        return f"crm_contacts.custom_value o JOIN {contact.fullname} c ON c.id = o.contact_id"
    if listing.terms is None:
        return f"{contact.fullname} c"
    values.update(match_values(listing.terms))
    # The limit keeps it a look-up for each match; there are a thousand of them at most.
    return (
        f"{MATCHES} CROSS JOIN LATERAL"
        f" (SELECT * FROM {contact.fullname} WHERE id = s.contact_id LIMIT 1) c"
    )


def _there(listing: Listing, values: dict[str, object]) -> list[str]:
    deleted = "NOT NULL AND c.erased_at IS NULL" if listing.deleted else "NULL"
    behind = [] if listing.after is None else _behind(listing.orders, listing.after, values)
    return [f"c.deleted_at IS {deleted}", *behind]


def _behind(
    orders: Sequence[Order], after: Sequence[Value], values: dict[str, object]
) -> list[str]:
    """Return what holds for contacts behind a place in the list.

    With one direction a comparison of rows says it all. Otherwise the first column bounds what
    the index has to show, and the rest is said column by column.
    """
    places = [parameter(value, values) for value in after]
    signs = ["<" if order.descending else ">" for order in orders]
    columns = [order.column for order in orders]
    if len(set(signs)) == 1:
        return [f"({', '.join(columns)}) {signs[0]} ({', '.join(places)})"]
    said = ""
    for column, sign, place in reversed(list(zip(columns, signs, places, strict=True))):
        same = f" OR ({column} = {place} AND {said})" if said else ""
        said = f"({column} {sign} {place}{same})"
    return [f"{columns[0]} {signs[0]}= {places[0]}", said]


def _order_by(orders: Sequence[Order]) -> str:
    return ", ".join(
        f"{order.column} DESC" if order.descending else order.column for order in orders
    )
