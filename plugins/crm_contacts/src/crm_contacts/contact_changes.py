"""What some changes of a contact say, and what it says with them."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from msgspec import UNSET

from crm_contacts.contract import ContactChanges, ContactDraft, FieldEdits, Name, NameChanges


def given_of(changes: ContactChanges | FieldEdits | NameChanges) -> dict[str, Any]:
    """Return what is set of some changes, by field."""
    values = {item.name: getattr(changes, item.name) for item in fields(changes)}
    return {name: value for name, value in values.items() if value is not UNSET}


def merged(draft: ContactDraft, given: dict[str, Any]) -> ContactDraft:
    """Return a draft with what is given: parts of the name and custom values stay otherwise."""
    if "name" in given:
        given = given | {"name": replace(draft.name, **given_of(given["name"]))}
    if "custom" in given:
        kept = {} if given["custom"] is None else {**dict(draft.custom), **dict(given["custom"])}
        found = {key: value for key, value in kept.items() if value is not None}
        given = given | {"custom": tuple(sorted(found.items()))}
    return replace(draft, **given)


def draft_of(changes: ContactChanges) -> ContactDraft:
    """Return what a contact says of which nothing but some changes is known; its name may miss."""
    return merged(ContactDraft(name=Name(full="")), given_of(changes))
