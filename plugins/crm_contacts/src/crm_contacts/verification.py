"""Which emails, phones, addresses and links are verified: that is said of a value, not of a place.

It stays where the value stays, however it is spelled, labelled or ordered, and is lost where the
value becomes another one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from crm_contacts.address_forms import address_key
from crm_contacts.contract import Address, ContactDraft, Email, Link, Phone
from crm_contacts.normal_forms import MAX_KEY, phone_parts

#: The lists of a contact whose values may be verified.
CHANNELS = ("emails", "phones", "addresses", "links")

Channel = Email | Phone | Address | Link
#: What kind of value it is, its normalised form, and what else makes it another one.
VerifiedValue = tuple[type[Channel], object, str]


def verified_values(draft: ContactDraft) -> frozenset[VerifiedValue]:
    """Return the values of a stored draft that are verified."""
    return frozenset(
        _value(item, item.normalised)
        for name in CHANNELS
        for item in getattr(draft, name)
        if item.verified
    )


def is_verified(item: Channel, form: str | None, known: Collection[VerifiedValue]) -> bool:
    """Return what an item says, or, where it says nothing, whether its value is `known` to be.

    `form` is the normalised form that it is to be stored with.
    """
    if item.verified is None:
        return bool(known) and _value(item, form) in known
    return item.verified


def settled(draft: ContactDraft, before: ContactDraft | None = None) -> ContactDraft:
    """Return a draft of stored forms in which nothing is unsaid; equal values stay as `before`.

    So is one that was kept before anything was said of it.
    """
    known = frozenset[VerifiedValue]() if before is None else verified_values(before)
    values: dict[str, Any] = {
        name: tuple(_settled(item, known) for item in getattr(draft, name)) for name in CHANNELS
    }
    return replace(draft, **values)


def _settled(item: Any, known: Collection[VerifiedValue]) -> Any:
    if isinstance(item, Address) and item.normalised is None:
        item = replace(item, normalised=address_key(item)[:MAX_KEY])
    if item.verified is not None:
        return item
    return replace(item, verified=is_verified(item, item.normalised, known))


def _value(item: Channel, form: str | None) -> VerifiedValue:
    match item:
        case Address():
            return Address, address_key(item), ""  # which may be longer than what is stored
        case Phone():
            return Phone, form, phone_parts(item)[1]
        case _:
            return type(item), form, ""
