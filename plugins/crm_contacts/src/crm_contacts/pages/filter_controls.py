"""The form with a control for each of the filters that people use, beside the search."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from flask import request

from crm_contacts.contract import ContactList, CustomField, CustomFieldType, Segment
from crm_contacts.field_values import CUSTOM
from crm_contacts.pages.kept_filters import KeptFilter
from crm_contacts.pages.words import (
    CHANNELS,
    CONSENT_STATES,
    EVIDENCE,
    FILTERED,
    KIND_NAMES,
    MONTHS,
    VISIBILITIES,
)
from meishi.sdk.contract import Operator
from meishi.sdk.texts import gettext as _
from meishi.sdk.texts import noted

#: Value and words of what can be chosen.
Choice = tuple[str, str]

_DAY = re.compile(r"\d{4}-\d\d-\d\d")
#: Texts that begin with what is typed.
_TEXTS = (
    "organisation", "title", "role", "past_organisation", "email", "phone", "link",
    "locality", "postal_code", "region", "country",
)  # fmt: skip
#: Controls of custom fields: empty ones are sent, too, and an address has a hundred parameters.
_MOST_CUSTOM = 40
#: What there is, or is not.
_PRESENT = (
    "email", "phone", "link", "address", "organisation", "title", "birthday", "note",
)  # fmt: skip
_SINCE, _BEFORE = noted("%(field)s since"), noted("%(field)s before")
_AT_LEAST, _AT_MOST = noted("%(field)s at least"), noted("%(field)s at most")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control: its parameter and label, its type in HTML, and choices if it is to choose from."""

    name: str
    title: str
    type: str = "text"
    choices: tuple[Choice, ...] = ()

    @property
    def value(self) -> str:
        """What the address says of it."""
        return request.args.get(self.name, "")

    @property
    def shown_type(self) -> str:
        """The type of the field that can show it: a day has none for a moment."""
        moment = self.type == "date" and self.value and not _DAY.fullmatch(self.value)
        return "text" if moment else self.type


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterForm:
    """Controls under their headings, and what of the address the form keeps as it is."""

    sections: tuple[tuple[str, tuple[Control, ...]], ...]
    used: bool


def filter_form(
    fields: Sequence[CustomField],
    lists: Sequence[ContactList],
    segments: Sequence[Segment],
    kept: Sequence[KeptFilter],
) -> FilterForm:
    """Return the form; what is asked for and cannot be chosen is offered in the words of `kept`."""
    words = {item.name: item.words for item in kept}
    sections = tuple(
        (title, tuple(_offering(item, words) for item in controls))
        for title, controls in (
            (_("What they are and do"), tuple(_about(lists, segments))),
            (_("Dates"), tuple(_dates())),
            (_("What is there, and what is missing"), tuple(_presence())),
            (_("Consent and sharing"), tuple(_agreed())),
            (_("Custom fields"), tuple(islice(chain(*map(_custom, fields)), _MOST_CUSTOM))),
        )
        if controls
    )
    used = any(item.value for _title, controls in sections for item in controls)
    return FilterForm(sections=sections, used=used)


def controlled(form: FilterForm) -> frozenset[str]:
    """Return the parameters for which the form has controls."""
    return frozenset(item.name for _title, controls in form.sections for item in controls)


def _about(lists: Sequence[ContactList], segments: Sequence[Segment]) -> Iterator[Control]:
    kinds = tuple((value, _(words)) for value, words in KIND_NAMES.items())
    yield _chosen("kind", Operator.EQ, kinds)
    for field in _TEXTS:
        yield Control(name=_name(field, Operator.PREFIX), title=_title(field))
    if lists:
        yield _chosen("list", Operator.IN, [(str(item.id), item.name) for item in lists])
    if segments:
        yield _chosen("segment", Operator.EQ, [(str(item.id), item.name) for item in segments])


def _dates() -> Iterator[Control]:
    for field in ("created_at", "updated_at"):
        yield from _between(field, _title(field), "date", (_SINCE, _BEFORE), Operator.LT)
    months = [(f"--{place:02}", _(name)) for place, name in enumerate(MONTHS, start=1)]
    yield _chosen("birthday", Operator.PREFIX, months, _("Birthday in"))


def _presence() -> Iterator[Control]:
    choices = (("false", _("is there")), ("true", _("is missing")))
    for field in _PRESENT:
        yield _chosen(field, Operator.EMPTY, choices)
    yield _chosen("photo", Operator.EMPTY, choices[:1])


def _agreed() -> Iterator[Control]:
    states = tuple((state.value, _(words)) for state, words in CONSENT_STATES.items())
    for channel in CHANNELS:
        yield _chosen(f"consent_{channel.value}", Operator.EQ, states)
    seen = tuple((item.value, _(words)) for item, words in VISIBILITIES.items())
    yield _chosen("visibility", Operator.EQ, seen)


def _custom(field: CustomField) -> Iterator[Control]:
    name = f"{CUSTOM}{field.key}"
    match field.type:
        case CustomFieldType.NUMBER:
            yield from _between(name, field.title, "number", (_AT_LEAST, _AT_MOST), Operator.LTE)
        case CustomFieldType.DATE:
            yield from _between(name, field.title, "date", (_SINCE, _BEFORE), Operator.LT)
        case CustomFieldType.BOOLEAN:
            flags = (("true", _("Yes")), ("false", _("No")))
            yield _chosen(name, Operator.EQ, flags, field.title)
        case CustomFieldType.CHOICE:
            choices = [(choice, choice) for choice in field.choices]
            yield _chosen(name, Operator.EQ, choices, field.title)
        case _:
            yield Control(name=_name(name, Operator.PREFIX), title=field.title)


def _between(
    field: str, title: str, kind: str, phrases: tuple[str, str], end: Operator
) -> Iterator[Control]:
    for operator, phrase in zip((Operator.GTE, end), phrases, strict=True):
        yield Control(name=_name(field, operator), title=_(phrase, field=title), type=kind)


def _chosen(
    field: str, operator: Operator, choices: Sequence[Choice], title: str | None = None
) -> Control:
    name = _name(field, operator)
    return Control(name=name, title=title or _title(field), type="select", choices=tuple(choices))


def _offering(control: Control, words: dict[str, str]) -> Control:
    """Return a control that offers what is asked for, also where nobody could choose it."""
    value = control.value
    if control.type != "select" or not value or value in dict(control.choices):
        return control
    more = (value, words.get(control.name, value))
    return Control(
        name=control.name, title=control.title, type="select", choices=(*control.choices, more)
    )


def _name(field: str, operator: Operator) -> str:
    return f"filter[{field}][{operator.value}]"


def _title(field: str) -> str:
    return _((FILTERED | EVIDENCE)[field])
