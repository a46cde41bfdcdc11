"""What can be done with many contacts: what a page offers, asks for, and what that means."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import abort

from crm_contacts.contract import (
    ContactKind,
    CustomField,
    CustomFieldType,
    Edits,
    FieldEdits,
    Visibility,
)
from crm_contacts.custom_values import read
from crm_contacts.field_values import CUSTOM
from crm_contacts.pages.custom_fields import all_fields
from crm_contacts.pages.groups import all_lists
from crm_contacts.pages.sharing import member_names
from crm_contacts.pages.tags import all_tags
from crm_contacts.pages.words import EVIDENCE, KIND_NAMES, VISIBILITIES
from meishi.sdk.texts import gettext as _
from meishi.sdk.texts import noted

EXPORT, DELETE, RESTORE = "export", "delete", "restore"
#: Begins what is offered for each field.
_SET = "set."
_TEXTS = ("organisation", "title", "role")
_FLAGS = {"true": noted("Yes"), "false": noted("No")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Something that is done with contacts: its name in forms, and how people read it."""

    name: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What has to be known besides: one of some values, if there are any, or else a text."""

    title: str
    values: Mapping[str, str] | None
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    title: str
    question: str
    values: Callable[[], Mapping[str, str]]
    edits: Callable[[Any], Edits]
    take: Callable[[str], Any] = UUID


def _named(items: Any) -> dict[str, str]:
    return {str(item.id): item.name for item in items}


def _tags() -> dict[str, str]:
    return _named(all_tags())


def _lists() -> dict[str, str]:
    return _named(all_lists())


_CHOICES = {
    "add-tag": _Choice(
        title=noted("Put a tag on them"),
        question=noted("Tag"),
        values=_tags,
        edits=lambda tag: Edits(add_tags=(tag,)),
    ),
    "remove-tag": _Choice(
        title=noted("Take a tag off them"),
        question=noted("Tag"),
        values=_tags,
        edits=lambda tag: Edits(remove_tags=(tag,)),
    ),
    "add-list": _Choice(
        title=noted("Put them on a list"),
        question=noted("List"),
        values=_lists,
        edits=lambda found: Edits(add_to_lists=(found,)),
    ),
    "remove-list": _Choice(
        title=noted("Take them off a list"),
        question=noted("List"),
        values=_lists,
        edits=lambda found: Edits(remove_from_lists=(found,)),
    ),
    "owner": _Choice(
        title=noted("Hand them over"),
        question=noted("New owner"),
        values=lambda: {str(user): name for user, name in member_names().items()},
        edits=lambda user: Edits(owner_id=user),
    ),
    "visibility": _Choice(
        title=noted("Say who sees them"),
        question=noted("Who sees them"),
        values=lambda: {value.value: _(title) for value, title in VISIBILITIES.items()},
        edits=lambda value: Edits(visibility=value),
        take=Visibility,
    ),
}


def offers(*, deleted: bool) -> list[Offer]:
    """Return what can be done with contacts of a list, or with deleted ones."""
    if deleted:
        return [Offer(name=RESTORE, title=_("Restore them"))]
    names = [*_CHOICES, *(f"{_SET}{name}" for name in ("kind", *_TEXTS))]
    names += [f"{_SET}{CUSTOM}{field.key}" for field in all_fields()]
    return [Offer(name=name, title=title_of(name)) for name in (*names, DELETE)]


def title_of(name: str) -> str:
    """Return how people read what is done; an unknown name is a bad request."""
    if name in _CHOICES:
        return _(_CHOICES[name].title)
    if name == DELETE:
        return _("Delete them")
    if name == RESTORE:
        return _("Restore them")
    return _("Change a field: %(name)s", name=_field_title(name))


def question_of(name: str) -> Question | None:
    """Return what has to be known for what is done, if anything."""
    if name in {DELETE, RESTORE}:
        return None
    if name in _CHOICES:
        choice = _CHOICES[name]
        return Question(title=_(choice.question), values=choice.values())
    title = _field_title(name)
    if name == f"{_SET}kind":
        return Question(title=title, values={key: _(word) for key, word in KIND_NAMES.items()})
    return Question(title=title, values=_field_values(_custom(name)), may_be_empty=True)


def edits_of(name: str, value: str) -> Edits:
    """Return what is done, with the value that was chosen or typed.

    Raises `UnfitValue` if a custom field does not take it.
    """
    if name in {DELETE, RESTORE}:
        return Edits(deleted=name == DELETE)
    try:
        if name in _CHOICES:
            return _CHOICES[name].edits(_CHOICES[name].take(value))
        if name == f"{_SET}kind":
            return Edits(changes=FieldEdits(kind=ContactKind(value)))
    except ValueError:
        abort(HTTPStatus.BAD_REQUEST, "value: choose one of those that are offered.")
    field = _custom(name)
    text = value.strip() or None
    if field is not None:
        typed = None if text is None else read(field, text)
        return Edits(changes=FieldEdits(custom=((field.key, typed),)))
    _field_title(name)
    said: dict[str, Any] = {name.removeprefix(_SET): text}
    return Edits(changes=FieldEdits(**said))


def _field_title(name: str) -> str:
    field = _custom(name)
    if field is not None:
        return field.title
    plain = name.removeprefix(_SET)
    if not name.startswith(_SET) or plain not in {"kind", *_TEXTS}:
        abort(HTTPStatus.BAD_REQUEST, "do: choose one of those that are offered.")
    return _(EVIDENCE[plain])


def _custom(name: str) -> CustomField | None:
    start = f"{_SET}{CUSTOM}"
    known = all_fields() if name.startswith(start) else ()
    return next((field for field in known if field.key == name.removeprefix(start)), None)


def _field_values(field: CustomField | None) -> dict[str, str] | None:
    if field is None:
        return None
    if field.type is CustomFieldType.BOOLEAN:
        return {key: _(word) for key, word in _FLAGS.items()}
    if field.type is CustomFieldType.CHOICE:
        return {choice: choice for choice in field.choices}
    return None


def reasons_in_words(passed_over: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """Yield why contacts were passed over, as people read it, and how many were."""
    for code, count in passed_over.items():
        yield _(_REASONS[code]) if code in _REASONS else code, count


_REASONS = {
    "contact-not-found": noted("Not there any more"),
    "contact-read-only": noted("Shared with you for reading alone"),
    "sharing-refused": noted("Not yours to hand over or to hide"),
    "invalid-sharing": noted("Nobody would see it"),
    "too-many-tags": noted("As many tags as a contact can have"),
    "contact-uid-taken": noted("Another contact has its UID by now"),
    "contact-merged": noted("Merged into another contact"),
    "invalid-contact": noted("The value does not fit"),
}
