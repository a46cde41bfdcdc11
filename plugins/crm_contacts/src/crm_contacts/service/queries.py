"""What a list's query means: its texts as values, in the forms that are stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import phonenumbers

from crm_contacts.contract import ContactKind, Email, InvalidContactQuery, Phone
from crm_contacts.models import CONTACT_KEYS
from crm_contacts.normal_forms import MAX_KEY, email_form, folded, phone_parts
from crm_contacts.normalisation import e164
from crm_contacts.repository.listing import AnyPart, Comparison, Listing, Order, Value
from crm_contacts.repository.searching import prefix_end
from crm_contacts.words import search_terms
from meishi.sdk.contract import Condition, ListQuery, Operator, SortKey

_TIMES = ("created_at", "updated_at")
_SORTS = {"name": "c.name_key", "organisation": "c.organisation_key"} | {
    name: f"c.{name}" for name in _TIMES
}
_ID, _RANK = "c.id", "s.rank"
_EQUAL = frozenset({Operator.EQ})
_TEXT = frozenset({Operator.EQ, Operator.PREFIX})
_TIME = frozenset(Operator) - _TEXT
_FLAGS = {"true": True, "false": False}
_RANK_DIGITS = 9
#: What PostgreSQL keeps no text with.
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def listing_of(wanted: ListQuery, region: str | None) -> Listing:
    """Return what a query asks for; raise `InvalidContactQuery` if it cannot be understood."""
    deleted = [_flag(item) for item in wanted.conditions if item.field == "deleted"]
    orders = tuple(_orders(wanted))
    return Listing(
        conditions=[found for item in wanted.conditions for found in _conditions(item, region)],
        terms=None if wanted.text is None else search_terms(_text(wanted.text), region),
        orders=orders,
        after=None if wanted.after is None else tuple(_place(orders, wanted.after)),
        deleted=any(deleted),
    )


def position_of(values: Sequence[Any]) -> tuple[str, ...]:
    """Return a contact's values of the orders, as text."""
    return tuple(
        value.isoformat() if isinstance(value, datetime) else str(value) for value in values
    )


def _orders(wanted: ListQuery) -> Iterator[Order]:
    """Yield the columns of a sort; the id, which ends it, turns with the column before it."""
    keys = list(wanted.sort)
    if not keys and wanted.text is not None:
        yield Order(_RANK)
    for key in keys:
        yield Order(_sorted_column(key), key.descending)
    yield Order(_ID, keys[-1].descending if keys else False)


def _sorted_column(key: SortKey) -> str:
    if key.field not in _SORTS:
        raise InvalidContactQuery(f"Contacts are not sorted by {key.field!r}.")
    return _SORTS[key.field]


def _place(orders: Sequence[Order], after: Sequence[str]) -> Iterator[Value]:
    if len(after) != len(orders):
        raise InvalidContactQuery("The place in the list belongs to another sort.")
    for order, written in zip(orders, after, strict=True):
        yield _PLACES.get(order.column, _text)(written)


def _conditions(item: Condition, region: str | None) -> Iterator[Comparison | AnyPart]:
    column = f"c.{item.field}"
    match item.field:
        case "deleted":
            _allowed(item, _EQUAL)
        case "kind":
            yield Comparison(column, _allowed(item, _EQUAL), _kind(item.value))
        case "uid":
            yield Comparison(column, _allowed(item, _EQUAL), _text(item.value))
        case "created_at" | "updated_at":
            yield Comparison(column, _allowed(item, _TIME), _time(item.value))
        case "email":
            form = email_form(Email(address=_text(item.value)))[:MAX_KEY]
            yield AnyPart("email", (_range("p.normalised", item, form),))
        case "phone":
            forms = _phone_forms(item, region)
            yield AnyPart("phone", tuple(_range("p.normalised", item, form) for form in forms))
        case name if name in CONTACT_KEYS:
            yield from _range(f"{column}_key", item, folded(_text(item.value)))
        case name:
            raise InvalidContactQuery(f"Contacts are not filtered by {name!r}.")


def _range(column: str, item: Condition, form: str) -> tuple[Comparison, ...]:
    """Return what a text in a stored form is compared with: itself, or where it begins and ends."""
    if _allowed(item, _TEXT) is Operator.EQ:
        return (Comparison(column, Operator.EQ, form),)
    first, end = Comparison(column, Operator.GTE, form), prefix_end(form)
    return (first,) if end is None else (first, Comparison(column, Operator.LT, end))


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


def _flag(item: Condition) -> bool:
    if item.value not in _FLAGS:
        raise InvalidContactQuery(f"{item.field!r} is `true` or `false`.")
    return _FLAGS[item.value]


def _kind(written: str) -> str:
    if written not in set(ContactKind):
        raise InvalidContactQuery(f"There is no kind of contact called {written!r}.")
    return written


def _text(written: str) -> str:
    if _NO_TEXT.search(written):
        raise InvalidContactQuery("There are characters in the query that no text has.")
    return written


def _time(written: str) -> datetime:
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidContactQuery(f"Not a time with its offset (RFC 3339): {written!r}.")
    return found


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError as error:
        raise InvalidContactQuery("There is no such place in the list.") from error


def _rank(written: str) -> int:
    if not written.isdecimal() or len(written) > _RANK_DIGITS:
        raise InvalidContactQuery("There is no such place in the list.")
    return int(written)


#: How the values of a place in the list are read, by column; texts stand for themselves.
_PLACES: dict[str, Callable[[str], Value]] = {
    _ID: _id,
    _RANK: _rank,
    **{f"c.{name}": _time for name in _TIMES},
}
