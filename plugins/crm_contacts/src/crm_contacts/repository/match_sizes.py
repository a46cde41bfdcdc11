"""How many contacts fulfil a condition, roughly: whether they are found first, or page by page."""

from __future__ import annotations

from dataclasses import replace
from math import isqrt

from crm_contacts.repository import scans
from crm_contacts.repository.criteria import Amount, AnyPart, Listing, Membership, Restriction
from crm_contacts.repository.expressions import any_part, one_of
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
    wanted = [item for item in listing.conditions if _matters(item, by_id=by_id)]
    if not wanted:
        return listing
    few = _MOST_IDS if by_id else _most_found()
    return replace(
        listing,
        conditions=[
            _with_size(item, few) if item in wanted else item for item in listing.conditions
        ],
    )


def _matters(item: Restriction, *, by_id: bool) -> bool:
    if isinstance(item, Membership):
        return not item.absent and not by_id
    # Those with a prefix are always found first in the order of ids.
    return isinstance(item, AnyPart) and item.is_range and not (by_id and item.is_prefix)


def _most_found() -> int:
    """Return how many are few, by the number of all contacts when names were counted."""
    known = scans.counts([scans.ALL]).get(scans.ALL)
    if known is None:
        return _MOST_FOUND
    return max(_LEAST_FOUND, min(isqrt(_TIMES * known), _MOST_FOUND))


def _with_size(item: Restriction, few: int) -> Restriction:
    values: dict[str, object] = {"most": _MOST_IDS + 1}
    if isinstance(item, Membership):
        found = f"FROM crm_contacts.{item.table} p WHERE p.{item.column} {one_of(item.ids, values)}"
        size = _size(found, values)
        some = Amount.SOME if size <= _MOST_IDS else Amount.MANY
        return replace(item, amount=Amount.FEW if size <= few else some)
    if isinstance(item, AnyPart):
        return replace(item, few=_size(any_part(item, values), values) <= few)
    return item


def _size(found: str, values: dict[str, object]) -> int:
    statement = f"SELECT count(*) FROM (SELECT {found} LIMIT %(most)s) found"
    return int(execute(statement, values)[0][0])
