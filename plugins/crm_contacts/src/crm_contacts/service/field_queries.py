"""What a list's query says of the fields that contacts are filtered by besides their names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from crm_contacts.contract import InvalidContactQuery, Link, Visibility
from crm_contacts.filter_keys import ADDRESS_KEYS, FILLED, date_keys, site_key
from crm_contacts.normal_forms import name_key
from crm_contacts.repository.criteria import (
    AnyPart,
    Comparison,
    Filled,
    OfContact,
    Restriction,
    Seen,
)
from crm_contacts.repository.searching import prefix_end
from meishi.sdk.contract import Condition, Operator

_FLAGS = {"true": True, "false": False}
#: The column that says of a field whether there is something, and its bit.
_BITS = {
    name: (column, 1 << place)
    for column, names in FILLED.items()
    for place, name in enumerate(names)
}
_PHOTO = "photo"
_ADDRESS = "address"
#: Table and column of what a part of a contact is compared by, and how its form is made.
_PARTS: dict[str, tuple[str, str, Callable[[str], str]]] = {
    "link": ("link", "site_key", lambda written: site_key(Link(url=written))),
    "past_organisation": ("held_position", "past_organisation_key", name_key),
    "past_title": ("held_position", "past_title_key", name_key),
    **{name: (_ADDRESS, f"{name}_key", name_key) for name in ADDRESS_KEYS},
}
#: Fields that are none of a contact's names.
FIELDS = frozenset({"role", "birthday", "visibility", *_PARTS})


def flag(item: Condition) -> bool:
    """Return the value of a condition that is `true` or `false`."""
    if item.value not in _FLAGS:
        raise InvalidContactQuery(f"{item.field!r} is `true` or `false`.")
    return _FLAGS[item.value]


def field_condition(item: Condition) -> Restriction:
    """Return what must hold for one of `FIELDS`, or that any has to be empty, or must not be."""
    if item.operator is Operator.EMPTY:
        return _emptiness(item)
    if item.field == "visibility":
        return OfContact((Seen(_visibility(item) is Visibility.PRIVATE),))
    if item.field == "birthday":
        return OfContact(_of_date(item))
    if item.field == "role":
        return OfContact(text_range("role_key", item, name_key(item.value)))
    table, column, form = _PARTS[item.field]
    return AnyPart(table, (text_range(f"p.{column}", item, form(item.value)),), common=True)


def text_range(column: str, item: Condition, form: str) -> tuple[Comparison, ...]:
    """Return what a text in a stored form is compared with: itself, or where it begins and ends."""
    if item.operator is Operator.EQ:
        return (Comparison(column, Operator.EQ, form),)
    if item.operator is not Operator.PREFIX:
        raise _uncompared(item)
    return _beginning(column, form)


def together(conditions: Sequence[Restriction]) -> Iterator[Restriction]:
    """Yield conditions with those in one that hold for one thing: a contact, or an address."""
    itself = [item for item in conditions if isinstance(item, OfContact)]
    address = [
        item
        for item in conditions
        if isinstance(item, AnyPart) and item.table == _ADDRESS and not item.absent
    ]
    yield from (item for item in conditions if item not in itself and item not in address)
    if itself:
        yield OfContact(tuple(part for item in itself for part in item.parts))
    if address:
        found = tuple(compared for item in address for group in item.groups for compared in group)
        yield replace(address[0], groups=(found,))


def _emptiness(item: Condition) -> Restriction:
    empty = flag(item)
    if item.field == _PHOTO and not empty:
        return AnyPart("contact_photo", (), common=True)
    if item.field not in _BITS:
        raise InvalidContactQuery(f"{item.field!r} is not compared by {item.operator.value!r}.")
    column, bit = _BITS[item.field]
    numbers = range(1 << len(FILLED[column]))
    return OfContact((Filled(column, tuple(n for n in numbers if bool(n & bit) != empty)),))


def _of_date(item: Condition) -> tuple[Comparison, ...]:
    """Return what a date is compared with: with a year it is that, without it a day of any year.

    What is later than a month, or until it, is so of all of its days.
    """
    keys = date_keys(item.value)
    column, form = ("birthday_key", keys.date) if keys.date else ("birth_day_key", keys.day)
    if form is None:
        raise InvalidContactQuery(
            f"{item.field!r} is a day, a month or a year: `1990-04-04`, `1990-04`, `1990`;"
            " or of any year: `--04-04`, `--04`."
        )
    match item.operator:
        case Operator.EQ:
            return (Comparison(column, Operator.EQ, form),)
        case Operator.PREFIX:
            return _beginning(column, form)
        case Operator.GTE | Operator.LT:
            return (Comparison(column, item.operator, form),)
        case Operator.GT | Operator.LTE:
            later = Operator.GTE if item.operator is Operator.GT else Operator.LT
            return (Comparison(column, later, prefix_end(form) or form),)
    raise _uncompared(item)


def _beginning(column: str, form: str) -> tuple[Comparison, ...]:
    first, end = Comparison(column, Operator.GTE, form), prefix_end(form)
    return (first,) if end is None else (first, Comparison(column, Operator.LT, end))


def _visibility(item: Condition) -> Visibility:
    if item.operator is not Operator.EQ:
        raise _uncompared(item)
    if item.value not in set(Visibility):
        raise InvalidContactQuery(f"{item.field!r} is one of: {', '.join(Visibility)}.")
    return Visibility(item.value)


def _uncompared(item: Condition) -> InvalidContactQuery:
    return InvalidContactQuery(f"{item.field!r} is not compared by {item.operator.value!r}.")
