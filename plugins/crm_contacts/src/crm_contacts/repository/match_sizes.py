"""How many contacts fulfil a condition, roughly: whether they are found first, or page by page."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

from crm_contacts.repository import scans
from crm_contacts.repository.criteria import (
    Amount,
    AnyPart,
    Comparison,
    Filled,
    Listing,
    Membership,
    OfContact,
    Restriction,
)
from crm_contacts.repository.expressions import any_part, few_contacts, of_contact, one_of
from meishi.sdk.database import execute

#: Ids that are read, and sorted or kept in mind, sooner than each contact is asked for its own.
_MOST_IDS = 8_000

#: Contacts that are looked up to be sorted by their names, at least and at most, sooner than all
#: are gone through in that order with their ids in mind. Between these the square of their number
#: is so many times that of all, as a page is full the sooner the more there are.
_LEAST_FOUND, _MOST_FOUND, _TIMES = 500, 2_000, 7


def with_sizes(listing: Listing) -> Listing:
    """Return a list whose conditions know whether few fulfil them, if that matters.

    Who lists them in another order than that of ids either finds them first, or goes through all
    contacts in that order; in the order of ids it is the same with a range of values. The server
    chooses by what is usual. Where many are in a range, it does: two ranges may have few in common.
    """
    if listing.terms is not None:
        return listing
    by_id = listing.orders[0].column == "c.id"
    alone = len(listing.conditions) == 1
    wanted = [
        item
        for item in listing.conditions
        if _matters(item, by_id=by_id, alone=alone)
        and not (listing.deleted and isinstance(item, OfContact))
    ]
    if not wanted:
        return listing
    most = _most_found()
    few = _MOST_IDS if by_id else most
    return replace(
        listing,
        conditions=[
            _with_size(item, few, most) if item in wanted else item for item in listing.conditions
        ],
    )


def _matters(item: Restriction, *, by_id: bool, alone: bool) -> bool:
    if isinstance(item, OfContact):
        return True
    if isinstance(item, Membership):
        return not item.absent and not by_id
    if isinstance(item, AnyPart) and item.common:
        return not item.absent and not (by_id and alone and item.is_equal)
    # Those with a prefix are always found first in the order of ids.
    return isinstance(item, AnyPart) and item.is_range and not (by_id and item.is_prefix)


def _most_found() -> int:
    """Return how many are few, by the number of all contacts when names were counted."""
    known = scans.counts([scans.ALL]).get(scans.ALL)
    if known is None:
        return _MOST_FOUND
    return max(_LEAST_FOUND, min(isqrt(_TIMES * known), _MOST_FOUND))


def _with_size(item: Restriction, few: int, most: int) -> Restriction:
    if isinstance(item, OfContact) or (isinstance(item, AnyPart) and item.common):
        return _with_common_size(item, most)
    values: dict[str, object] = {"most": _MOST_IDS + 1}
    if isinstance(item, Membership):
        found = f"FROM crm_contacts.{item.table} p WHERE p.{item.column} {one_of(item.ids, values)}"
        size = _size(found, values)
        some = Amount.SOME if size <= _MOST_IDS else Amount.MANY
        return replace(item, amount=Amount.FEW if size <= few else some)
    if isinstance(item, AnyPart):
        few_have_it = _size(any_part(item, values), values) <= few
        return replace(item, amount=Amount.FEW if few_have_it else None)
    return item


def _with_common_size(item: OfContact | AnyPart, few: int) -> Restriction:
    """Return a condition that any number may fulfil; it is not counted beyond what is few.

    Of values that are looked for by an index, some are known by their ids.
    """
    if isinstance(item, OfContact):
        if not any(isinstance(part, Comparison | Filled) or part.private for part in item.parts):
            return replace(item, amount=Amount.MANY)  # hardly anybody is kept from all others
        values: dict[str, object] = {"most": few + 1}
        many = _size(_counted(item, values), values) > few
        return replace(item, amount=Amount.MANY if many else Amount.FEW)
    values = {"most": (_MOST_IDS if item.groups else few) + 1}
    size = _size(any_part(item, values) + _in_order(item), values)
    some = Amount.SOME if size <= _MOST_IDS and item.groups else Amount.MANY
    return replace(item, amount=Amount.FEW if size <= few else some)


def _counted(item: OfContact, values: dict[str, object]) -> str:
    """Return what selects contacts to be counted, number by number until there are enough."""
    number = next((part for part in item.parts if isinstance(part, Filled)), None)
    if number is None:
        columns = [f"p.{part.column}" for part in item.parts if isinstance(part, Comparison)][:1]
        return f"{few_contacts(item, values)} ORDER BY {', '.join([*columns, 'p.id'])}"
    values["numbers"] = list(number.numbers)
    rest = OfContact(tuple(part for part in item.parts if part is not number))
    further = f" AND {of_contact(rest, values, 'p')}" if rest.parts else ""
    return (
        "FROM unnest(%(numbers)s::smallint[]) AS n (number) CROSS JOIN LATERAL ("
        f"SELECT FROM crm_contacts.contact p WHERE p.{number.column} = n.number{further}"
        " AND p.deleted_at IS NULL LIMIT %(most)s) numbered"
    )


def _in_order(item: AnyPart) -> str:
    """Return the order of the index that finds parts: so its rest is not read first.

    That of custom values has others between what is compared and the contact.
    """
    columns = [group[0].column for group in item.groups[:1]]
    if "p.field_id" in columns:
        return ""
    return f" ORDER BY {', '.join([*columns, 'p.contact_id'])}"


def _size(found: str, values: dict[str, object]) -> int:
    statement = f"SELECT count(*) FROM (SELECT {found} LIMIT %(most)s) found"
    return int(execute(statement, values)[0][0])
