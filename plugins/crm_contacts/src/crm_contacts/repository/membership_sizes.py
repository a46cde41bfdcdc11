"""How many members there are of a tag or list by which contacts are filtered, roughly."""

from __future__ import annotations

from dataclasses import replace

from crm_contacts.repository.criteria import Listing, Membership, Restriction
from meishi.sdk.database import execute

#: Members that are sorted sooner than a page of them is found among half a million contacts.
FEW = 5_000


def with_sizes(listing: Listing) -> Listing:
    """Return a list whose memberships know whether they are few, if that matters.

    Who lists members in another order than that of ids either finds them first, or goes through
    all contacts in that order. The server chooses by what is usual, and keeps its plan.
    """
    if listing.terms is not None or listing.orders[0].column == "c.id":
        return listing
    return replace(listing, conditions=[_with_size(item) for item in listing.conditions])


def _with_size(item: Restriction) -> Restriction:
    if not isinstance(item, Membership) or item.absent:
        return item
    ((found,),) = execute(
        f"SELECT count(*) FROM (SELECT FROM crm_contacts.{item.table} p"
        f" WHERE p.{item.column} = ANY (%(ids)s::uuid[]) LIMIT %(most)s) few",
        {"ids": list(item.ids), "most": FEW + 1},
    )
    return replace(item, few=found <= FEW)
