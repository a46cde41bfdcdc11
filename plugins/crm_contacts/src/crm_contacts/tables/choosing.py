"""Between what a layout says of columns and what people are told, and choose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from crm_contacts.contract import (
    ColumnTarget,
    CustomField,
    DateOrder,
    ImportMapping,
    TargetField,
)
from crm_contacts.tables.dates import DAY_FIRST, MONTH_FIRST
from crm_contacts.tables.own_columns import own_title
from crm_contacts.tables.targets import LABEL, VALUE, Kind, Layout, Target, Thing, apart, header_key

_DATES = {DateOrder.DAY_FIRST: DAY_FIRST, DateOrder.MONTH_FIRST: MONTH_FIRST}
_PARTS = {
    TargetField.SKIP: (Thing.SKIP, VALUE),
    TargetField.NAME: (Thing.NAME, "full"),
    TargetField.GIVEN_NAME: (Thing.NAME, "given"),
    TargetField.FAMILY_NAME: (Thing.NAME, "family"),
    TargetField.ADDITIONAL_NAME: (Thing.NAME, "additional"),
    TargetField.NAME_PREFIX: (Thing.NAME, "prefix"),
    TargetField.NAME_SUFFIX: (Thing.NAME, "suffix"),
    **{
        field: (Thing.TEXT, field.value)
        for field in (
            TargetField.KIND,
            TargetField.UID,
            TargetField.ORGANISATION,
            TargetField.TITLE,
            TargetField.ROLE,
            TargetField.BIRTHDAY,
            TargetField.NOTE,
            TargetField.POSITIONS,
        )
    },
    TargetField.NICKNAMES: (Thing.LIST, "nicknames"),
    TargetField.UNITS: (Thing.LIST, "units"),
    TargetField.EMAIL: (Thing.EMAIL, VALUE),
    TargetField.EMAIL_LABEL: (Thing.EMAIL, LABEL),
    TargetField.PHONE: (Thing.PHONE, VALUE),
    TargetField.PHONE_LABEL: (Thing.PHONE, LABEL),
    TargetField.LINK: (Thing.LINK, VALUE),
    TargetField.LINK_LABEL: (Thing.LINK, LABEL),
    TargetField.ADDRESS: (Thing.ADDRESS, "formatted"),
    TargetField.ADDRESS_STREET: (Thing.ADDRESS, "street"),
    TargetField.ADDRESS_STREET_2: (Thing.ADDRESS, "street 2"),
    TargetField.ADDRESS_STREET_3: (Thing.ADDRESS, "street 3"),
    TargetField.ADDRESS_EXTENDED: (Thing.ADDRESS, "extended"),
    TargetField.ADDRESS_PO_BOX: (Thing.ADDRESS, "po_box"),
    TargetField.ADDRESS_LOCALITY: (Thing.ADDRESS, "locality"),
    TargetField.ADDRESS_REGION: (Thing.ADDRESS, "region"),
    TargetField.ADDRESS_POSTAL_CODE: (Thing.ADDRESS, "postal_code"),
    TargetField.ADDRESS_COUNTRY: (Thing.ADDRESS, "country"),
    TargetField.ADDRESS_LABEL: (Thing.ADDRESS, LABEL),
    TargetField.TAGS: (Thing.TAGS, VALUE),
}
_FIELDS = {parts: field for field, parts in _PARTS.items()}
#: Headings of columns that hold tags, without capitals.
_TAG_HEADINGS = frozenset(
    "tags|tag|labels|label|categories|category|groups|group|schlagwörter|kategorien|kategorie"
    "|gruppen|étiquettes|catégories|etiquetas|categorías|etichette".split("|")
)


def column_target(position: int, target: Target | None) -> ColumnTarget:
    """Return what a layout says of a column in the words of the contract."""
    if target is None:
        return ColumnTarget(position=position, field=TargetField.RAW)
    if target.thing is Thing.CUSTOM:
        return ColumnTarget(position=position, field=TargetField.CUSTOM, key=target.part)
    group = " ".join(target.place.split())
    return ColumnTarget(
        position=position,
        field=_FIELDS[target.thing, target.part],
        types=target.kind.types,
        label=target.kind.label,
        primary=target.kind.primary,
        # What its kind tells apart already needs no group.
        group=None if set(group.split()) <= set(_own_group(target.kind).split()) else group,
        separator=target.separator,
    )


def keys_by_heading(fields: Iterable[CustomField]) -> dict[str, str]:
    """Return the keys of custom fields by the headings that stand for them: titles and keys."""
    found: dict[str, str] = {}
    for field in fields:
        for heading in (header_key(field.title), field.key):
            found.setdefault(heading, field.key)
    return found


def proposed_target(
    position: int, heading: str, target: Target | None, custom: Mapping[str, str]
) -> ColumnTarget:
    """Return where the values of a column go best: what no field stands for may be one's own.

    That is a custom field whose title or key is the heading, or tags.
    """
    if target is not None:
        return column_target(position, target)
    key = header_key(own_title(heading))
    if key in custom:
        return ColumnTarget(position=position, field=TargetField.CUSTOM, key=custom[key])
    if key in _TAG_HEADINGS:
        return ColumnTarget(position=position, field=TargetField.TAGS)
    return column_target(position, None)


def chosen_layout(mapping: ImportMapping, told: Layout) -> Layout:
    """Return the layout of a table as it was chosen; cells are split as its program writes them."""
    targets: list[Target | None] = [None] * len(told.targets)
    for column in mapping.columns:
        if column.position < len(targets):
            targets[column.position] = _target(column)
    dates = told.dates if mapping.date_order is None else _DATES[mapping.date_order]
    return replace(told, targets=apart(targets), dates=dates)


def date_order(layout: Layout) -> DateOrder | None:
    """Return which of day and month comes first in a table, as far as that is known."""
    return next((order for order, name in _DATES.items() if name == layout.dates), None)


def kept_out(mapping: ImportMapping, headings: Sequence[str]) -> tuple[str, ...]:
    """Return the columns whose values are kept as raw properties."""
    chosen: Mapping[int, TargetField] = {item.position: item.field for item in mapping.columns}
    return tuple(
        heading
        for position, heading in enumerate(headings)
        if chosen.get(position, TargetField.RAW) is TargetField.RAW
    )


def _target(column: ColumnTarget) -> Target | None:
    if column.field is TargetField.RAW:
        return None
    if column.field is TargetField.CUSTOM:
        return Target(Thing.CUSTOM, column.key or "")
    thing, part = _PARTS[column.field]
    kind = Kind(column.types, column.label, column.primary)
    group = _own_group(kind) if column.group is None else column.group
    return Target(thing, part, group, kind, column.separator)


def _own_group(kind: Kind) -> str:
    """Return the group of what has none: things of different kinds are different things."""
    return " ".join((*kind.types, kind.label or "")).strip()
