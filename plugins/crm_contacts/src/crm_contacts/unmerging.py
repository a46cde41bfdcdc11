"""Taking a merge back: a contact without what another one had added, as far as that is known."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Any

from crm_contacts.contract import (
    Address,
    ContactDraft,
    CustomValue,
    Email,
    KeptChange,
    Link,
    Phone,
    Position,
    RawProperty,
)
from crm_contacts.custom_values import text_of as custom_text
from crm_contacts.matching import merge_drafts
from crm_contacts.normal_forms import (
    address_form,
    email_form,
    link_form,
    phone_form,
    position_form,
    raw_form,
    text_form,
)
from crm_contacts.positions import position_text
from crm_contacts.tag_names import tag_key

#: Fields with one value, those that belong together at once.
_SINGLE: tuple[tuple[str, ...], ...] = (
    ("name",), ("kind",), ("uid",), ("organisation", "units"), ("title",), ("role",),
    ("birthday",), ("note",),
)  # fmt: skip
_LISTS: dict[str, Callable[[Any], Hashable]] = {
    "nicknames": text_form,
    "emails": email_form,
    "phones": phone_form,
    "addresses": address_form,
    "links": link_form,
    "positions": position_form,
    "tags": tag_key,
    "custom": itemgetter(0),
    "raw": raw_form,
}
CHANGED = "It was changed after the merge."
GONE = "It was changed or removed after the merge."
REMOVED = "Relationships were removed after the merge."
TARGET_GONE = "The contact that took it was deleted since; what it took stays in that."


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What a contact says without what was added, and what stays as somebody changed it."""

    draft: ContactDraft
    kept: tuple[KeptChange, ...]


@dataclass(frozen=True, slots=True)
class LaterMerge:
    """What a contact says before and after it took another one, and what that one says."""

    before: ContactDraft
    after: ContactDraft
    said: ContactDraft


def as_if_never(
    before: ContactDraft, after: ContactDraft, later: LaterMerge
) -> tuple[LaterMerge, tuple[KeptChange, ...]]:
    """Return a merge as it is if one before it, from `before` to `after`, had never been.

    What both have brought is that of the later one alone; of two merges after one, the second is
    without the difference that this makes to the first. What somebody has changed in between stays.
    """
    found = without(before, after, later.before)
    if later.after == merge_drafts(later.before, later.said):
        anew = merge_drafts(found.draft, later.said)
    else:  # somebody has chosen whose word counts
        anew = merge_drafts(without(before, after, later.after).draft, later.said)
    return replace(later, before=found.draft, after=anew), found.kept


def without(before: ContactDraft, after: ContactDraft, now: ContactDraft) -> TakenBack:
    """Return `now` without what makes the difference from `before` to `after`.

    Fields and list values that are as the merge has left them are what they were before; others
    were changed since, and stay.
    """
    values: dict[str, Any] = {}
    kept: list[KeptChange] = []
    for names in _SINGLE:
        old, merged, present = (_values(draft, names) for draft in (before, after, now))
        if old == merged:
            continue
        if present == merged:
            values.update(zip(names, old, strict=True))
        elif present != old:
            kept.append(KeptChange(field=names[0], value=text_of(now, names[0]), reason=CHANGED))
    for name, form in _LISTS.items():
        items, changes = _list(name, form, (before, after, now))
        values[name] = items
        kept += changes
    return TakenBack(replace(now, **values), tuple(kept))


def text_of(draft: ContactDraft, name: str) -> str | None:
    """Return what a contact says in a field with one value, as text."""
    match name:
        case "name":
            return draft.name.full
        case "kind":
            return draft.kind.value
        case "organisation":
            return "; ".join(filter(None, (draft.organisation, *draft.units))) or None
        case _:
            found: str | None = getattr(draft, name)
            return found


def _list(
    name: str,
    form: Callable[[Any], Hashable],
    drafts: tuple[ContactDraft, ContactDraft, ContactDraft],
) -> tuple[tuple[Any, ...], list[KeptChange]]:
    old, merged, present = ({form(item): item for item in getattr(draft, name)} for draft in drafts)
    items: list[Any] = []
    kept: list[KeptChange] = []
    for item in getattr(drafts[2], name):
        key = form(item)
        if key not in merged or merged[key] == old.get(key):
            items.append(item)
        elif item != merged[key]:
            items.append(item)
            kept.append(KeptChange(field=name, value=written(item), reason=CHANGED))
        elif key in old:
            items.append(old[key])
    for place, (key, item) in enumerate(old.items()):
        if key not in merged and key not in present:  # the merge knew a value that says more
            items.insert(place, item)
    kept += [
        KeptChange(field=name, value=written(item), reason=GONE)
        for key, item in merged.items()
        if key not in old and key not in present
    ]
    return tuple(items), kept


def written(
    item: str | Email | Phone | Address | Link | Position | RawProperty | tuple[str, CustomValue],
) -> str:
    """Return a value of a list as people write it."""
    match item:
        case Email(address=text) | Phone(number=text) | Link(url=text) | str(text):
            return text
        case Address():
            return ", ".join(filter(None, item.parts))
        case Position():
            return position_text(item)
        case RawProperty():
            return f"{item.name}:{item.value}"
        case (key, value):
            return f"{key}: {custom_text(value)}"


def _values(draft: ContactDraft, names: tuple[str, ...]) -> tuple[Any, ...]:
    return tuple(getattr(draft, name) for name in names)
