"""What a list of pairs is asked for: its texts as values."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import DuplicateState, InvalidContactQuery
from crm_contacts.repository.duplicates import PairListing, StoredPair
from meishi.sdk.contract import Condition, ListQuery, Operator

_MOST = 1_000


def pair_listing(wanted: ListQuery) -> PairListing:
    """Return what a query asks for; raise `InvalidContactQuery` if it cannot be understood."""
    if any(key.field != "score" for key in wanted.sort):
        raise InvalidContactQuery("Pairs are sorted by score.")
    least = [_bits(item) for item in wanted.conditions if _is(item, "score", Operator.GTE)]
    below = [_bits(item) for item in wanted.conditions if _is(item, "score", Operator.LT)]
    contacts = [_uuid(item.value) for item in wanted.conditions if item.field == "contact_id"]
    states = [_state(item.value) for item in wanted.conditions if item.field == "state"]
    if len(contacts) > 1 or len(states) > 1:
        raise InvalidContactQuery("Name one state, and one contact.")
    return PairListing(
        state=states[0] if states else DuplicateState.OPEN,
        contact_id=contacts[0] if contacts else None,
        least_score=max(least, default=None),
        below_score=min(below, default=None),
        descending=wanted.sort[0].descending if wanted.sort else True,
        after=None if wanted.after is None else _place(wanted.after),
    )


def place_of(pair: StoredPair) -> tuple[str, ...]:
    """Return where a pair stands in the list."""
    return str(pair.score), str(pair.id)


def _place(after: tuple[str, ...]) -> tuple[int, UUID]:
    try:
        score, pair_id = after
        return int(score), UUID(pair_id)
    except ValueError as error:
        raise InvalidContactQuery("The place in the list belongs to another sort.") from error


def _is(item: Condition, field: str, operator: Operator) -> bool:
    return item.field == field and item.operator is operator


def _bits(item: Condition) -> int:
    try:
        bits = int(item.value)
    except ValueError as error:
        raise InvalidContactQuery("A score is a number of bits.") from error
    return 100 * max(-_MOST, min(bits, _MOST))


def _state(value: str) -> DuplicateState:
    try:
        return DuplicateState(value)
    except ValueError as error:
        raise InvalidContactQuery(f"There is no state {value!r}.") from error


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidContactQuery("A contact is named by its id.") from error
