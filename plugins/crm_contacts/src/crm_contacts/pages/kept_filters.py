"""Filters of the address that no control of the list has: kept by its form, and said in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from flask import request

from crm_contacts.contract import (
    ContactLists,
    CustomField,
    CustomFieldType,
    ListNotFound,
    SegmentNotFound,
    Segments,
    TagNotFound,
    Tags,
)
from crm_contacts.field_values import CUSTOM
from crm_contacts.pages.custom_fields import all_fields
from crm_contacts.pages.words import (
    CONSENT_STATES,
    EVIDENCE,
    FILTERED,
    KIND_NAMES,
    MONTHS,
    VISIBILITIES,
)
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, Operator
from meishi.sdk.texts import gettext as _
from meishi.sdk.texts import noted

_EQUAL = noted("%(field)s: %(value)s")
_PHRASES = {
    Operator.EQ: _EQUAL,
    Operator.IN: _EQUAL,
    Operator.ALL: _EQUAL,
    Operator.NONE: noted("%(field)s: not %(value)s"),
    Operator.PREFIX: noted("%(field)s begins with %(value)s"),
    Operator.LT: noted("%(field)s before %(value)s"),
    Operator.LTE: noted("%(field)s until %(value)s"),
    Operator.GT: noted("%(field)s after %(value)s"),
    Operator.GTE: noted("%(field)s since %(value)s"),
}
_MISSING, _THERE = noted("%(field)s is missing"), noted("%(field)s is there")
_OF_NUMBERS = {
    Operator.LT: "%(field)s < %(value)s",
    Operator.LTE: "%(field)s ≤ %(value)s",
    Operator.GT: "%(field)s > %(value)s",
    Operator.GTE: "%(field)s ≥ %(value)s",
}
#: Words of values that are chosen, by the field; a month is one of any year.
_CHOICES: Mapping[str, Mapping[str, str]] = {
    "kind": KIND_NAMES,
    "consent": {state.value: title for state, title in CONSENT_STATES.items()},
    "visibility": {seen.value: title for seen, title in VISIBILITIES.items()},
    "birthday": {f"--{place:02}": title for place, title in enumerate(MONTHS, start=1)},
}
_TIMES = frozenset({"created_at", "updated_at"})
_SEVERAL = frozenset({Operator.IN, Operator.ALL, Operator.NONE})
_NAMED = frozenset({"tag", "list", "segment"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFilter:
    """A filter as the address has it and as a page says it; `without` is the list less it.

    `words` are those of the value; with `is_time` they are a moment (RFC 3339).
    """

    name: str
    value: str
    phrase: str
    title: str
    words: str
    is_time: bool
    without: str


def filter_name(item: Condition) -> str:
    """Return what a filter is called in the address."""
    return f"filter[{item.field}][{item.operator.value}]"


def kept_filters(
    conditions: Sequence[Condition],
    asked: Sequence[tuple[str, str]],
    *,
    controlled: Collection[str],
) -> Iterator[KeptFilter]:
    """Yield the filters of a list that are none of the `controlled`; `asked` is its address."""
    wanted = [item for item in conditions if filter_name(item) not in controlled]
    named = any(item.field.startswith(CUSTOM) for item in wanted)
    custom = {f"{CUSTOM}{field.key}": field for field in all_fields()} if named else {}
    for item in wanted:
        name = filter_name(item)
        rest = urlencode([pair for pair in asked if pair[0] != name])
        yield KeptFilter(
            name=name,
            value=request.args[name],
            phrase=_phrase(item, custom),
            title=_title(item, custom),
            words=_words(item, custom),
            is_time=item.field in _TIMES,
            without=f"/contacts?{rest}" if rest else "/contacts",
        )


def named_words(item: Condition) -> str:
    """Return the names of the tags, lists or segments of a filter; what is no id is a name."""
    several = item.operator in _SEVERAL
    names = [
        _name_of(item.field, text.strip())
        for text in (item.value.split(",") if several else (item.value,))
    ]
    last = noted("%(names)s and %(last)s")
    if item.operator is not Operator.ALL:
        last = noted("%(names)s or %(last)s")
    if len(names) == 1:
        return names[0]
    return _(last, names=", ".join(names[:-1]), last=names[-1])


def _phrase(item: Condition, custom: Mapping[str, CustomField]) -> str:
    if item.operator is Operator.EMPTY:
        return _MISSING if item.value.strip().lower() == "true" else _THERE
    if _is_month(item):
        return _EQUAL
    field = custom.get(item.field)
    if field is not None and field.type is CustomFieldType.NUMBER:
        return _OF_NUMBERS.get(item.operator) or _PHRASES[item.operator]
    return _PHRASES[item.operator]


def _title(item: Condition, custom: Mapping[str, CustomField]) -> str:
    if item.field in custom:
        return custom[item.field].title
    return _((FILTERED | EVIDENCE).get(item.field, item.field))


def _words(item: Condition, custom: Mapping[str, CustomField]) -> str:
    field = custom.get(item.field)
    if item.operator is Operator.EMPTY:
        return ""
    if item.field in _NAMED or (field is not None and item.operator in _SEVERAL):
        return named_words(item)
    if field is not None and field.type is CustomFieldType.BOOLEAN:
        return _("Yes") if item.value.strip().lower() == "true" else _("No")
    if item.field == "id":
        return str(item.value.count(",") + 1)
    words = _CHOICES.get("consent" if item.field.startswith("consent_") else item.field, {})
    return _(words[item.value]) if item.value in words else item.value


def _is_month(item: Condition) -> bool:
    """Whether contacts are asked for who have their birthday in a month."""
    return item.field == "birthday" and item.value in _CHOICES["birthday"]


def _name_of(field: str, text: str) -> str:
    """Return the name of what an id stands for; another text is a name, or a value, itself."""
    try:
        named = UUID(text)
    except ValueError:
        return text
    try:
        match field:
            case "tag":
                return service(Tags).get(named).name
            case "list":
                return service(ContactLists).get(named).name
            case "segment":
                return service(Segments).get(named).name
    except (ListNotFound, SegmentNotFound, TagNotFound):
        return _("one that is gone")
    return text
