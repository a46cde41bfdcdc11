"""Where the routes of the viral engine are gathered, and what they have in common."""

from __future__ import annotations

from typing import TypedDict
from uuid import UUID

from meishi.sdk.contract import ListQuery
from meishi.sdk.http import Blueprint

blueprint = Blueprint("viral", description="Referral programmes, attribution and rewards")


class Wanted(TypedDict):
    """What a list of a contract is asked for."""

    programme_id: UUID | None
    after: UUID | None
    limit: int
    with_total: bool


def wanted_of(query: ListQuery) -> Wanted:
    """Return what a list is asked for."""
    chosen = [UUID(item.value) for item in query.conditions if item.field == "programme_id"]
    return Wanted(
        programme_id=chosen[0] if chosen else None,
        after=after_of(query),
        limit=query.limit,
        with_total=query.with_total,
    )


def after_of(query: ListQuery) -> UUID | None:
    """Return the id behind which a list goes on."""
    return None if query.after is None else UUID(query.after[0])
