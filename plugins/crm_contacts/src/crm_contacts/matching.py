"""Finding the same contact again: a key of its content, and merging what a copy adds."""

from __future__ import annotations

import hashlib
import json
import re

from crm_contacts.contract import ContactDraft
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

__all__ = ["content_key", "merge_drafts"]

#: Properties about a copy of the card rather than about the contact.
_BOOKKEEPING = re.compile(r"UID|REV|PRODID|VERSION|X-(?:.*-)?(?:ETAG|ID|UID|UUID|ABUID)")


def content_key(draft: ContactDraft) -> bytes:
    """Return a SHA-256 of what `draft` says, equal for copies of the same contact.

    Order, case, width, white space and punctuation of numbers make no difference; neither do
    UID, revision and similar bookkeeping, types, labels and parameters.
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
        sorted({raw_form(raw) for raw in draft.raw if not _BOOKKEEPING.fullmatch(raw.name)}),
    ]
    return hashlib.sha256(json.dumps(canonical, ensure_ascii=False).encode()).digest()
