"""Decisions that have changed a contact and are not noted yet: somebody is at it, or has died.

Where each call has a transaction of its own, a contact is changed a moment before its proposals
are. Its history tells at once which decision that was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

import msgspec

from crm_contacts.contract import Contact, ContactNotFound, FieldChange, History
from crm_enrichment.contract import CONTACT_FIELDS, Field, ProposalState
from crm_enrichment.keys import value_key
from crm_enrichment.policy import Past
from crm_enrichment.repository import proposals
from crm_enrichment.subjects import keys_of
from meishi.sdk.context import service

#: How fields are called in histories, and where the items of lists have their values.
_NAMES = {Field.EMAIL: "emails", Field.PHONE: "phones", Field.LINK: "links"}
_VALUES = ("address", "number", "url")
#: Changes of a list among which a decision's own is looked for.
_RECENT = 50


def taken(contact: Contact, item: Past) -> FieldChange | None:
    """Return how a proposal that waits became what its contact says; None if it did not."""
    if item.state is not ProposalState.PROPOSED or not _is_doubtful(contact, item):
        return None
    change = _last_change(contact, item)
    return change if change is not None and _said(item, change) == (False, True) else None


def taken_back(contact: Contact, item: Past) -> bool:
    """Whether a contact does not say any more what was taken over, as that was taken back."""
    if not item.known or not _is_doubtful(contact, item):
        return False
    change = _last_change(contact, item)
    return change is not None and _said(item, change) == (True, False)


def said_before(item: Past, change: FieldChange) -> str | None:
    """Return what stood where a proposal was taken over; lists lose nothing."""
    return None if item.field in _NAMES else msgspec.json.decode(change.before, type=str | None)


def as_decided(
    contacts: Sequence[Contact], past: Mapping[UUID, Sequence[Past]]
) -> dict[UUID, list[Past]]:
    """Return what was decided on contacts as it is once all has been noted.

    The contacts are to be read after their past: what changes both at once is then seen here.
    """
    doubtful = {
        contact.id: [item for item in past.get(contact.id, ()) if _is_doubtful(contact, item)]
        for contact in contacts
    }
    asked_about = [contact_id for contact_id, items in doubtful.items() if items]
    locks = proposals.locks_of(asked_about) if asked_about else {}
    found: dict[UUID, list[Past]] = {}
    for contact in contacts:
        typed = locks.get(contact.id, ())
        asked = [item for item in doubtful[contact.id] if item.field not in typed]
        found[contact.id] = _as_decided(contact, past.get(contact.id, ()), asked)
    return found


def _is_doubtful(contact: Contact, item: Past) -> bool:
    """Whether a contact says what waits, or does not say what was taken over."""
    if item.field not in CONTACT_FIELDS:
        return False
    said = item.value_key in keys_of(contact, item.field)
    return item.state is ProposalState.PROPOSED if said else item.known


def _as_decided(contact: Contact, past: Sequence[Past], doubtful: Sequence[Past]) -> list[Past]:
    applied = [item for item in doubtful if taken(contact, item) is not None]
    reverted = [item for item in doubtful if taken_back(contact, item)]
    if not applied and not reverted:
        return list(past)
    own = [item for item in past if item.field in CONTACT_FIELDS]
    places = {item.place for item in applied}
    given_back = {item.replaces for item in reverted}
    changed = {item.id: replace(item, known=False) for item in own if item.place in places}
    changed |= {
        item.id: replace(item, state=ProposalState.APPLIED, known=True, verified=True)
        for item in applied
    }
    changed |= {
        item.id: replace(item, state=ProposalState.REVERTED, known=False) for item in reverted
    }
    changed |= {
        item.id: replace(item, state=ProposalState.APPLIED, known=True)
        for item in own
        if item.id in given_back and item.state is ProposalState.SUPERSEDED
    }
    return [changed.get(item.id, item) for item in past]


def _last_change(contact: Contact, item: Past) -> FieldChange | None:
    """Return what made a field be as it is, if that was a decision on a proposal.

    Of a list, that is whatever has added or removed what the proposal says; the rest is no matter.
    """
    name = _NAMES.get(item.field, item.field.value)
    try:
        recent = service(History).list(contact.id, field=name, limit=_RECENT).items
    except ContactNotFound:
        return None
    for record in recent:
        for change in record.fields:
            if change.field == name and (item.field not in _NAMES or _alters(item, change)):
                return change if record.source_id == item.id else None
    return None


def _alters(item: Past, change: FieldChange) -> bool:
    before, after = _said(item, change)
    return before != after


def _said(item: Past, change: FieldChange) -> tuple[bool, bool]:
    """Return whether a field said what a proposal says before a change, and after it."""
    before, after = (_keys(item.field, text) for text in (change.before, change.after))
    return item.value_key in before, item.value_key in after


def _keys(field: Field, text: str) -> set[str]:
    """Return the values of a field as histories write it, in the form for comparing."""
    said = msgspec.json.decode(text)
    items = [said] if isinstance(said, str) else said or []
    values = [item if isinstance(item, str) else _value(item) for item in items]
    return {value_key(field, value) for value in values}


def _value(item: Mapping[str, str]) -> str:
    return next(item[name] for name in _VALUES if name in item)
