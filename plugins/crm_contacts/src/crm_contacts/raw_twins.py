"""Raw properties that say what a field says, too, and go when that changes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from crm_contacts.card_mapping import KINDS, draft_from_card
from crm_contacts.contract import ContactDraft, RawProperty, VCardVersion
from crm_contacts.normal_forms import (
    address_form,
    date_form,
    email_form,
    link_form,
    phone_form,
    text_form,
)
from crm_contacts.vcard import Property, VCard

#: Something that a field says: the property that it is written as, its place if its parts have
#: one, and its form.
_Statement = tuple[str, int, Hashable]


def current_raw(before: ContactDraft, after: ContactDraft) -> tuple[RawProperty, ...]:
    """Return the raw properties of `before` that are no twins of values that `after` changed.

    A card's property whose field cannot hold all of it is kept in `raw`, and is written in
    place of the field. Where the field changes, it would bring the old value back: it goes if
    it says nothing but what fields said before, and some of that is not theirs any more.
    """
    old, new = dict(_statements(before)), dict(_statements(after))
    changed = {found for found, value in old.items() if new.get(found) != value}
    names = {name for name, _, _ in changed}

    def is_stale(raw: RawProperty) -> bool:
        if _written_name(raw) not in names:
            return False
        said = _said(raw)
        return said <= old.keys() and not said.isdisjoint(changed)

    return tuple(raw for raw in before.raw if not is_stale(raw))


def _said(raw: RawProperty) -> set[_Statement]:
    """Return what a raw property says to a reader of no other."""
    found = Property(raw.name.upper(), raw.value, raw.group, raw.parameters)
    alone = draft_from_card(VCard(VCardVersion.V4, (found,)))
    name = _written_name(raw)
    return {said for said, _ in _statements(alone) if said[0] == name}


def _written_name(raw: RawProperty) -> str:
    name = raw.name.upper()
    return "KIND" if name in KINDS else name


def _statements(draft: ContactDraft) -> Iterator[tuple[_Statement, Hashable]]:
    """Yield what the fields say that say something, with their values as they are written."""
    for name, place, form, value in (*_of_fields(draft), *_of_lists(draft)):
        if form not in {None, ""}:
            yield (name, place, form), value


def _of_fields(draft: ContactDraft) -> Iterator[tuple[str, int, Hashable, Hashable]]:
    name = draft.name
    structured = {
        "N": (name.family, name.given, name.additional, name.prefix, name.suffix),
        "ORG": (draft.organisation, *draft.units),
        "FN": (name.full,),
        "TITLE": (draft.title,),
        "ROLE": (draft.role,),
        "NOTE": (draft.note,),
    }
    for property_name, parts in structured.items():
        for place, part in enumerate(parts):
            yield property_name, place, text_form(part), parts
    yield "UID", 0, draft.uid, draft.uid
    yield "KIND", 0, draft.kind, draft.kind
    yield "BDAY", 0, date_form(draft.birthday), draft.birthday


def _of_lists(draft: ContactDraft) -> Iterator[tuple[str, int, Hashable, Hashable]]:
    for nickname in draft.nicknames:
        yield "NICKNAME", 0, text_form(nickname), nickname
    for email in draft.emails:
        yield "EMAIL", 0, email_form(email), email.address
    for phone in draft.phones:
        yield "TEL", 0, phone_form(phone), phone.number
    for link in draft.links:
        yield "URL", 0, link_form(link), link.url
    for address in draft.addresses:
        if any(address.parts):
            yield "ADR", 0, address_form(address), address.parts
