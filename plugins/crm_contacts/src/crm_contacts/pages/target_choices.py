"""What a column can become, as the form of an import offers it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_contacts.contract import ColumnTarget, CustomField, ImportColumn, TargetField
from crm_contacts.target_words import written_target
from meishi.sdk.texts import gettext as _
from meishi.sdk.texts import noted

#: The value that leaves a column as it is shown.
AS_SHOWN = "="

TARGETS = {
    TargetField.RAW: noted("Keep as other property"),
    TargetField.SKIP: noted("Leave out"),
    TargetField.NAME: noted("Full name"),
    TargetField.GIVEN_NAME: noted("Given name"),
    TargetField.FAMILY_NAME: noted("Family name"),
    TargetField.ADDITIONAL_NAME: noted("Middle name"),
    TargetField.NAME_PREFIX: noted("Title before the name"),
    TargetField.NAME_SUFFIX: noted("Suffix"),
    TargetField.NICKNAMES: noted("Nicknames"),
    TargetField.KIND: noted("Kind"),
    TargetField.UID: noted("UID"),
    TargetField.ORGANISATION: noted("Organisation"),
    TargetField.UNITS: noted("Department"),
    TargetField.TITLE: noted("Job title"),
    TargetField.ROLE: noted("Role"),
    TargetField.BIRTHDAY: noted("Birthday"),
    TargetField.NOTE: noted("Note"),
    TargetField.POSITIONS: noted("Job history"),
    TargetField.TAGS: noted("Tags"),
    TargetField.EMAIL: noted("Email"),
    TargetField.EMAIL_LABEL: noted("Label of the email"),
    TargetField.PHONE: noted("Phone"),
    TargetField.PHONE_LABEL: noted("Label of the phone"),
    TargetField.LINK: noted("Link"),
    TargetField.LINK_LABEL: noted("Label of the link"),
    TargetField.ADDRESS: noted("Whole address"),
    TargetField.ADDRESS_STREET: noted("Street"),
    TargetField.ADDRESS_STREET_2: noted("Street, second line"),
    TargetField.ADDRESS_STREET_3: noted("Street, third line"),
    TargetField.ADDRESS_EXTENDED: noted("Address supplement"),
    TargetField.ADDRESS_PO_BOX: noted("Post office box"),
    TargetField.ADDRESS_LOCALITY: noted("Town"),
    TargetField.ADDRESS_REGION: noted("Region"),
    TargetField.ADDRESS_POSTAL_CODE: noted("Postal code"),
    TargetField.ADDRESS_COUNTRY: noted("Country"),
    TargetField.ADDRESS_LABEL: noted("Label of the address"),
}
_WORK, _HOME = noted("work"), noted("home")
_TYPES: Mapping[TargetField, tuple[tuple[str, ...], ...]] = {
    TargetField.EMAIL: ((_WORK,), (_HOME,)),
    TargetField.PHONE: ((_WORK,), (_HOME,), (noted("cell"),), (noted("fax"),)),
    TargetField.LINK: ((_WORK,), (_HOME,)),
    **{
        field: ((_WORK,), (_HOME,))
        for field in TargetField
        if field.value.startswith("address") and field is not TargetField.ADDRESS_LABEL
    },
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A target that a form offers: the value that is sent, and what it is called."""

    value: str
    title: str


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column with the choice that stands, and one of its own if the list has none."""

    column: ImportColumn
    chosen: str
    own: str
    separator: str


def choices(fields: Iterable[CustomField]) -> list[Choice]:
    """Return what every column can become."""
    found: list[Choice] = []
    for field in TARGETS:
        for types in ((), *_TYPES.get(field, ())):
            target = ColumnTarget(position=0, field=field, types=types)
            found.append(Choice(written_target(target), title_of(target)))
    for custom in fields:
        target = ColumnTarget(position=0, field=TargetField.CUSTOM, key=custom.key)
        found.append(Choice(written_target(target), custom.title))
    return found


def title_of(target: ColumnTarget) -> str:
    """Return what a target is called, with all that tells it from others."""
    title = target.key or "" if target.key is not None else _(TARGETS[target.field])
    more = [_(found) for found in target.types]
    more += [found for found in (target.label, target.group) if found]
    return f"{title} ({', '.join(more)})" if more else title


def shown_target(column: ImportColumn, *, mapped: bool) -> ColumnTarget:
    """Return the target that the form shows: what was chosen, or else what is proposed."""
    return column.target if mapped else column.proposed


def shown_column(column: ImportColumn, offered: Iterable[Choice], *, mapped: bool) -> ShownColumn:
    """Return a column as the form shows it."""
    target = shown_target(column, mapped=mapped)
    word = written_target(target)
    listed = any(choice.value == word for choice in offered)
    return ShownColumn(
        column=column,
        chosen=word if listed else AS_SHOWN,
        own="" if listed else title_of(target),
        separator=target.separator or "",
    )
