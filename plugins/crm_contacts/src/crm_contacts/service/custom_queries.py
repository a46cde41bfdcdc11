"""What a list's query says of custom fields: `custom.KEY` in filters and sorts."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from crm_contacts.contract import CustomField, CustomFieldType, InvalidContactQuery
from crm_contacts.custom_values import UnfitValue, key_of, read
from crm_contacts.field_values import CUSTOM
from crm_contacts.normal_forms import folded
from crm_contacts.repository import custom_fields
from crm_contacts.repository.criteria import AnyPart, Comparison
from crm_contacts.repository.searching import prefix_end
from crm_contacts.service.field_queries import flag
from meishi.sdk.contract import Condition, Operator

_WORDS = frozenset({Operator.EQ, Operator.PREFIX})
_ORDERED = frozenset({Operator.EQ, Operator.LT, Operator.LTE, Operator.GT, Operator.GTE})
_OPERATORS = {
    CustomFieldType.TEXT: _WORDS,
    CustomFieldType.URL: _WORDS,
    CustomFieldType.NUMBER: _ORDERED,
    CustomFieldType.DATE: _ORDERED,
    CustomFieldType.BOOLEAN: frozenset({Operator.EQ}),
    CustomFieldType.CHOICE: frozenset({Operator.EQ, Operator.IN}),
}


def custom_conditions(item: Condition, written: str) -> Iterator[AnyPart]:
    """Yield what must hold for a custom field."""
    field = field_named(item.field)
    of_field = Comparison("p.field_id", Operator.EQ, field.id)
    if item.operator is Operator.EMPTY:
        yield AnyPart("custom_value", ((of_field,),), common=True, absent=flag(item))
        return
    if item.operator not in _OPERATORS[field.type]:
        raise InvalidContactQuery(f"{item.field!r} is not compared by {item.operator.value!r}.")
    groups = tuple((of_field, *group) for group in _groups(field, item, written))
    yield AnyPart("custom_value", groups)


def sorted_field(name: str) -> UUID:
    """Return the id of the field by which a list is sorted."""
    return field_named(name).id


def field_named(name: str) -> CustomField:
    """Return the field that a query calls `custom.KEY`."""
    key = name.removeprefix(CUSTOM)
    found = custom_fields.by_key([key])
    if key not in found:
        raise InvalidContactQuery(f"There is no custom field {key!r}.")
    return found[key]


def _groups(field: CustomField, item: Condition, written: str) -> Iterator[tuple[Comparison, ...]]:
    match item.operator:
        case Operator.PREFIX:
            form = folded(written)
            first, end = Comparison("p.key", Operator.GTE, form), prefix_end(form)
            yield (first,) if end is None else (first, Comparison("p.key", Operator.LT, end))
        case Operator.IN:
            for text in written.split(","):
                yield (Comparison("p.key", Operator.EQ, _key(field, item, text.strip())),)
        case operator:
            yield (Comparison("p.key", operator, _key(field, item, written)),)


def _key(field: CustomField, item: Condition, written: str) -> str:
    if field.type in {CustomFieldType.TEXT, CustomFieldType.URL}:
        return key_of(written)
    try:
        return key_of(read(field, written))
    except UnfitValue as error:
        raise InvalidContactQuery(f"{item.field!r}: {error}") from error
