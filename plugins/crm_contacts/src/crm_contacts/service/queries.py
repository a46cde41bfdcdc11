"""What a list's query means: its texts as values, in the forms that are stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import phonenumbers

from crm_contacts.contract import (
    ConsentChannel,
    ConsentState,
    ContactKind,
    Email,
    InvalidContactQuery,
    Phone,
)
from crm_contacts.field_values import CUSTOM
from crm_contacts.models import CONTACT_KEYS
from crm_contacts.normal_forms import MAX_KEY, email_form, name_key, phone_parts
from crm_contacts.normalisation import e164
from crm_contacts.repository.criteria import (
    AnyPart,
    ByField,
    Comparison,
    Consented,
    Listing,
    Named,
    Order,
    Owned,
    Restriction,
    Value,
)
from crm_contacts.service.custom_queries import custom_conditions, sorted_field
from crm_contacts.service.field_queries import (
    FIELDS,
    field_condition,
    flag,
    text_range,
    together,
)
from crm_contacts.service.memberships import memberships
from crm_contacts.words import search_terms
from meishi.sdk.context import current_actor
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey

_TIMES = ("created_at", "updated_at")
_SORTS = {"name": "c.name_key", "organisation": "c.organisation_key"} | {
    name: f"c.{name}" for name in _TIMES
}
_ID, _RANK, _MATCH, _VALUE, _VALUED_ID = "c.id", "s.rank", "s.contact_id", "o.key", "o.contact_id"
_CONSENTS = {f"consent_{channel}": channel.value for channel in ConsentChannel}
_IN = frozenset({Operator.IN})
_EQUAL = frozenset({Operator.EQ})
_NO_RANGE = frozenset({Operator.EQ, Operator.EMPTY})
_TIME = frozenset({Operator.LT, Operator.LTE, Operator.GT, Operator.GTE})
_RANK_DIGITS = 9
#: Whose contacts are asked for: those of who asks, or of nobody.
ME, NOBODY = "me", "none"
_NO_MEMBER = UUID(int=0)
#: What PostgreSQL keeps no text with.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def in_order(wanted: ListQuery) -> ListQuery:
    """Return a query with the sort that it has, if it says none.

    Who was created since a time, or whose name begins with something, stands by that, where a page
    is read at once: in any other order, all others would be passed by to find it.
    """
    if wanted.sort or wanted.text is not None:
        return wanted
    ranges = {item.field for item in wanted.conditions if item.operator not in _NO_RANGE}
    first = [SortKey(field=name) for name in _SORTS if name in ranges][:1]
    return replace(wanted, sort=tuple(first))


def listing_of(wanted: ListQuery, region: str | None) -> Listing:
    """Return what a query asks for; raise `InvalidContactQuery` if it cannot be understood."""
    deleted = [flag(item) for item in wanted.conditions if item.field == "deleted"]
    by_field = _by_field(wanted)
    orders = tuple(_orders(wanted))
    after = wanted.after
    if by_field is not None and after is not None and not after[0]:
        # All that have a value are behind us.
        by_field, orders, after = replace(by_field, absent=True), orders[1:], after[1:]
    elif by_field is not None:
        # The id that stands in the index beside the value, so that a page begins there.
        orders = (*orders[:-1], replace(orders[-1], column=_VALUED_ID))
    conditions = [found for item in wanted.conditions for found in _conditions(item, region)]
    return Listing(
        conditions=list(together(conditions)),
        terms=None if wanted.text is None else search_terms(_text(wanted.text), region),
        orders=orders,
        after=None if after is None else tuple(_place(orders, after)),
        deleted=any(deleted),
        by_field=by_field,
    )


def position_of(values: Sequence[Any]) -> tuple[str, ...]:
    """Return a contact's values of the orders, as text."""
    return tuple(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def absent_orders(orders: Sequence[Order]) -> tuple[Order, ...]:
    """Return the orders of contacts without a value, behind those that have one."""
    return (*orders[1:-1], replace(orders[-1], column=_ID))


def _by_field(wanted: ListQuery) -> ByField | None:
    """Return the custom field by which a list is sorted, if it is."""
    named = [key for key in wanted.sort if key.field.startswith(CUSTOM)]
    if not named:
        return None
    if len(named) > 1 or named[0] is not wanted.sort[0]:
        raise InvalidContactQuery("Sort by one custom field, before all others.")
    if wanted.text is not None:
        raise InvalidContactQuery("What a search finds is not sorted by custom fields.")
    return ByField(sorted_field(named[0].field))


def _orders(wanted: ListQuery) -> Iterator[Order]:
    """Yield the columns of a sort; the id, which ends it, turns with the column before it."""
    keys = list(wanted.sort)
    if not keys and wanted.text is not None:
        # As the matches come, so that no more of them are looked up than are shown.
        yield Order(_RANK)
        yield Order(_MATCH)
        return
    for key in keys:
        yield Order(_sorted_column(key), key.descending)
    yield Order(_ID, keys[-1].descending if keys else False)


def _sorted_column(key: SortKey) -> str:
    if key.field.startswith(CUSTOM):
        return _VALUE
    if key.field not in _SORTS:
        raise InvalidContactQuery(f"Contacts are not sorted by {key.field!r}.")
    return _SORTS[key.field]


def _place(orders: Sequence[Order], after: Sequence[str]) -> Iterator[Value]:
    if len(after) != len(orders):
        raise InvalidContactQuery("The place in the list belongs to another sort.")
    for order, written in zip(orders, after, strict=True):
        yield _PLACES.get(order.column, _text)(written)


def _conditions(item: Condition, region: str | None) -> Iterator[Restriction]:
    column = f"c.{item.field}"
    match item.field:
        case name if name.startswith(CUSTOM):
            yield from custom_conditions(item, _text(item.value))
        case name if name in FIELDS or item.operator is Operator.EMPTY:
            yield field_condition(replace(item, value=_text(item.value)))
        case "deleted":
            _allowed(item, _EQUAL)
        case "kind" | "uid":
            yield Comparison(column, _allowed(item, _EQUAL), _EXACT[item.field](item.value))
        case "created_at" | "updated_at":
            yield Comparison(column, _allowed(item, _TIME), _time(item.value))
        case "email" | "phone":
            yield _reached(item, region)
        case "tag" | "list":
            yield from memberships(item, _text(item.value))
        case name if name in _WHOLE:
            yield _WHOLE[name](item)
        case name if name in CONTACT_KEYS:
            yield from text_range(f"{column}_key", item, name_key(_text(item.value)))
        case name:
            raise InvalidContactQuery(f"Contacts are not filtered by {name!r}.")


def _reached(item: Condition, region: str | None) -> AnyPart:
    """Return what must hold for one email, or one phone."""
    if item.field == "email":
        forms = [email_form(Email(address=_text(item.value)))[:MAX_KEY]]
    else:
        forms = _phone_forms(item, region)
    groups = tuple(text_range("p.normalised", item, form) for form in forms)
    return AnyPart(item.field, groups)


def _phone_forms(item: Condition, region: str | None) -> list[str]:
    """Return the forms under which a number, or its beginning, may be stored."""
    phone = Phone(number=_text(item.value))
    if item.operator is Operator.EQ:
        return [e164(phone, region)[:MAX_KEY]]
    dialled, _ = phone_parts(phone)
    forms = [dialled[:MAX_KEY]]
    if dialled.startswith("00"):
        forms.append(f"+{dialled[2:]}"[:MAX_KEY])
    elif region is not None and dialled.startswith("0"):
        code = phonenumbers.country_code_for_region(region)
        forms.append(f"+{code}{dialled[1:]}"[:MAX_KEY])
    return forms


def _allowed(item: Condition, operators: frozenset[Operator]) -> Operator:
    if item.operator not in operators:
        raise InvalidContactQuery(f"{item.field!r} is not compared by {item.operator.value!r}.")
    return item.operator


def _kind(written: str) -> str:
    if written not in set(ContactKind):
        raise InvalidContactQuery(f"There is no kind of contact called {written!r}.")
    return written


def _consented(item: Condition) -> Consented:
    _allowed(item, _EQUAL)
    if item.value not in set(ConsentState):
        raise InvalidContactQuery(f"{item.field!r} is one of: {', '.join(ConsentState)}.")
    unknown = item.value == ConsentState.UNKNOWN
    return Consented(_CONSENTS[item.field], item.value, or_nothing=unknown)


def _named(item: Condition) -> Named:
    _allowed(item, _IN)
    try:
        return Named(tuple(UUID(text.strip()) for text in item.value.split(",")))
    except ValueError as error:
        raise InvalidContactQuery("Contacts are named by their ids.") from error


def _owned(item: Condition) -> Owned:
    _allowed(item, _EQUAL)
    if item.value == NOBODY:
        return Owned(None)
    if item.value == ME:
        return Owned(current_actor().user_id or _NO_MEMBER)
    try:
        return Owned(UUID(item.value))
    except ValueError as error:
        raise InvalidContactQuery(
            f"{item.field!r} is `{ME}`, `{NOBODY}` or the id of a member."
        ) from error


def _text(written: str) -> str:
    if _NO_TEXT.search(written):
        raise InvalidContactQuery("There are characters in the query that no text has.")
    return written


def _time(written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
        # Its offset may lead out of the years that there are.
        moment = found.astimezone(UTC) if found.tzinfo is not None else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None:
        raise InvalidContactQuery(f"Not a time with its offset (RFC 3339): {written!r}.")
    return moment


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as error:
        raise InvalidContactQuery("There is no such place in the list.") from error


def _rank(written: str) -> int:
    if not written.isdecimal() or len(written) > _RANK_DIGITS:
        raise InvalidContactQuery("There is no such place in the list.")
    return int(written)


#: Conditions that say by themselves what they ask, by field.
_WHOLE: dict[str, Callable[[Condition], Restriction]] = {
    "id": _named,
    "owner": _owned,
    **dict.fromkeys(_CONSENTS, _consented),
}
#: How the values of fields are read that are only compared as a whole.
_EXACT: dict[str, Callable[[str], Value]] = {"kind": _kind, "uid": _text}
#: How the values of a place in the list are read, by column; texts stand for themselves.
_PLACES: dict[str, Callable[[str], Value]] = {
    _ID: _id,
    _MATCH: _id,
    _VALUED_ID: _id,
    _RANK: _rank,
    **{f"c.{name}": _time for name in _TIMES},
}
