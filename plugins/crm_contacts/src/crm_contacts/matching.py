"""Finding the same contact again: a key of its content, and merging what a copy adds."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable

from crm_contacts.card_custom import is_custom
from crm_contacts.card_photos import is_ours
from crm_contacts.contract import ContactDraft, RawProperty
from crm_contacts.merging import merge_drafts
from crm_contacts.normal_forms import (
    address_form,
    date_form,
    email_form,
    link_form,
    phone_form,
    raw_form,
    text_form,
)
from crm_contacts.vcard import escape, split_fields, split_items, unescape

__all__ = ["content_key", "merge_drafts", "uid_key"]

#: Properties about a copy of the card rather than about the contact. A list, since many a
#: property that ends in ID is a number that tells people apart.
_BOOKKEEPING = re.compile(r"UID|REV|PRODID|VERSION|X-ETAG|X-ABUID|X-EVOLUTION-(?:.*-)?(?:UID|ETAG)")
_NAME_PARTS = 5


def content_key(draft: ContactDraft) -> bytes:
    """Return a SHA-256 of what `draft` says, equal for copies of the same contact.

    Order, case, width, white space and punctuation of numbers make no difference; neither do
    UID, revision and similar bookkeeping, types, labels and parameters, empty properties, and
    raw properties that repeat what a field says, custom values, or are the photo that an export
    wrote.
    """
    name = draft.name
    parts = (name.full, name.given, name.family, name.additional, name.prefix, name.suffix)
    single = (draft.organisation, *draft.units, None, draft.title, draft.role, draft.note)
    canonical = [
        draft.kind.value,
        [text_form(part) for part in parts],
        [text_form(text) for text in single],
        date_form(draft.birthday),
        sorted({text_form(nickname) for nickname in draft.nicknames}),
        sorted({email_form(email) for email in draft.emails}),
        sorted({phone_form(phone) for phone in draft.phones}),
        sorted({address_form(address) for address in draft.addresses}),
        sorted({link_form(link) for link in draft.links}),
        sorted({raw_form(raw) for raw in (*draft.raw, *_categories(draft)) if _adds(raw, draft)}),
    ]
    return hashlib.sha256(json.dumps(canonical, ensure_ascii=False).encode()).digest()


def uid_key(uid: str) -> bytes:
    """Return a SHA-256 of a UID that is unlike that of any content."""
    return hashlib.sha256(b"uid:" + uid.encode()).digest()


def _adds(raw: RawProperty, draft: ContactDraft) -> bool:
    """Whether a raw property says something about the contact that no field does."""
    text = unescape(raw.value)
    if _BOOKKEEPING.fullmatch(raw.name) or not text.replace(";", "").strip():
        return False
    name = draft.name
    match raw.name:
        case "N":
            parts = (name.family, name.given, name.additional, name.prefix, name.suffix)
            added = _forms(split_fields(raw.value), _NAME_PARTS) != _forms(parts)
        case "ORG":
            known = (draft.organisation, *draft.units)
            added = _forms(filter(None, split_fields(raw.value))) != _forms(filter(None, known))
        case "NICKNAME":
            added = not set(_forms(split_items(raw.value))) <= {"", *_forms(draft.nicknames)}
        case "BDAY":
            added = date_form(text) != date_form(draft.birthday)
        case "FN":
            added = text_form(text) != text_form(name.full)
        case "PHOTO":
            added = not is_ours(raw)
        case "KIND" | "TITLE" | "ROLE" | "NOTE":
            added = text_form(text) != text_form(getattr(draft, raw.name.lower()))
        case _:
            added = not is_custom(raw.name)
    return added


def _categories(draft: ContactDraft) -> tuple[RawProperty, ...]:
    """Return the tags as they stand in a card, and as they were kept before there were any."""
    if not draft.tags:
        return ()
    return (RawProperty(name="CATEGORIES", value=",".join(map(escape, draft.tags))),)


def _forms(texts: Iterable[str | None], size: int = 0) -> list[str]:
    """Return text forms, filled up with empty ones to at least `size`."""
    forms = [text_form(text) for text in texts]
    return forms + [""] * (size - len(forms))
