"""Importing a batch of cards: read, match against each other and against what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    Contact,
    ContactCreated,
    ContactDraft,
    ContactUpdated,
    SourceCard,
)
from crm_contacts.matching import content_key, merge_drafts, uid_key
from crm_contacts.normalisation import normalised
from crm_contacts.repository import fingerprints, reading, writing
from crm_contacts.validation import draft_errors
from crm_contacts.vcard import VCardError, read_card
from meishi.sdk.context import publish

#: How much of a rejected card's text is handed back, in characters.
MAX_ORIGINAL = 16_000

_DRAFT_FIELDS = tuple(item.name for item in fields(ContactDraft))


@dataclass(frozen=True, slots=True)
class _ReadCard:
    """A card that could be read: what it says, and the keys under which it is known again."""

    source: SourceCard
    draft: ContactDraft
    content: bytes
    uid: bytes | None


class CardImport:
    """One batch: read at once, matched with what is stored next, written by `store` only."""

    def __init__(
        self, cards: Sequence[SourceCard], region: str | None, new_id: Callable[[], UUID]
    ) -> None:
        self._read = [_read(card) for card in cards]
        self._region = region
        self._new_id = new_id
        self._new: dict[UUID, ContactDraft] = {}
        self._changed: dict[UUID, ContactDraft] = {}
        self._stored: dict[UUID, Contact] = {}
        self._by_uid: dict[str, UUID] = {}
        self._by_key: dict[bytes, UUID] = {}

    def match(self) -> tuple[CardOutcome, ...]:
        """Decide what becomes of each card, by what is stored now."""
        self._new, self._changed = {}, {}
        self._look_up([card for card in self._read if isinstance(card, _ReadCard)])
        return tuple(
            self._place(card) if isinstance(card, _ReadCard) else card for card in self._read
        )

    def store(self, at: datetime) -> None:
        """Write new and changed contacts, and publish what happened.

        :raises UidTaken: if somebody else stored one of the UIDs meanwhile
        """
        writing.add(self._normalised(self._new), at)
        for contact_id, draft in self._normalised(self._changed).items():
            stored = self._stored[contact_id]
            writing.change(contact_id, stored.version, as_draft(stored), draft, at)
        fingerprints.add(self._by_key)
        publish(*self._events())

    def _look_up(self, cards: Sequence[_ReadCard]) -> None:
        """Load every stored contact that one of the cards may be a copy of."""
        uids = {card.draft.uid for card in cards if card.draft.uid}
        self._by_uid = fingerprints.ids_by_uid(uids)
        keys = {card.content for card in cards} | {card.uid for card in cards if card.uid}
        self._by_key = fingerprints.ids_by_key(keys)
        matched = {*self._by_uid.values(), *self._by_key.values()}
        self._stored = {found.id: found for found in reading.get_many(list(matched))}

    def _place(self, card: _ReadCard) -> CardOutcome:
        same_uid = self._by_uid.get(card.draft.uid or "") or self._by_key.get(card.uid or b"")
        match = same_uid or self._by_key.get(card.content)
        contact_id = match or self._new_id()
        if match is None:
            self._new[contact_id] = card.draft
        else:
            try:
                self._merge(contact_id, card.draft)
            except VCardError as error:
                same = "UID" if same_uid else "content"
                return _rejected(
                    card.source, f"merged with the contact of the same {same}, {error}"
                )
        self._by_key.setdefault(card.content, contact_id)
        if card.uid:
            self._by_key.setdefault(card.uid, contact_id)
        return CardOutcome(
            index=card.source.index,
            line=card.source.line,
            status=CardStatus.CREATED if match is None else CardStatus.DUPLICATE,
            name=card.draft.name.full,
            contact_id=contact_id,
        )

    def _merge(self, contact_id: UUID, draft: ContactDraft) -> None:
        """Add what a copy says; raise `VCardError` if that is more than a contact can hold."""
        waiting = self._new if contact_id in self._new else self._changed
        before = waiting.get(contact_id) or as_draft(self._stored[contact_id])
        after = merge_drafts(before, draft)
        if after != before:
            _check(after)
            waiting[contact_id] = after

    def _normalised(self, drafts: dict[UUID, ContactDraft]) -> dict[UUID, ContactDraft]:
        return {key: normalised(draft, self._region) for key, draft in drafts.items()}

    def _events(self) -> Iterator[ContactCreated | ContactUpdated]:
        for contact_id, draft in self._new.items():
            yield ContactCreated(contact_id=contact_id, fields=filled_fields(draft))
        for contact_id, draft in self._changed.items():
            before = as_draft(self._stored[contact_id])
            yield ContactUpdated(contact_id=contact_id, fields=_different_fields(before, draft))


def as_draft(contact: Contact) -> ContactDraft:
    """Return what a stored contact says, without its id and times."""
    return ContactDraft(**{name: getattr(contact, name) for name in _DRAFT_FIELDS})


def as_contact(draft: ContactDraft, contact_id: UUID, at: datetime) -> Contact:
    """Return a draft as the contact that it is from now on."""
    values = {name: getattr(draft, name) for name in _DRAFT_FIELDS}
    return Contact(**values, id=contact_id, version=1, created_at=at, updated_at=at)


def filled_fields(draft: ContactDraft) -> tuple[str, ...]:
    """Return the names of the fields that say something."""
    return tuple(name for name in _DRAFT_FIELDS if getattr(draft, name))


def _different_fields(before: ContactDraft, after: ContactDraft) -> tuple[str, ...]:
    return tuple(name for name in _DRAFT_FIELDS if getattr(before, name) != getattr(after, name))


def _read(card: SourceCard) -> _ReadCard | CardOutcome:
    try:
        if card.fault is not None:
            raise VCardError(card.fault)
        draft = draft_from_card(read_card(card.content))
        _check(draft)
    except VCardError as error:
        return _rejected(card, str(error))
    return _ReadCard(card, draft, content_key(draft), uid_key(draft.uid) if draft.uid else None)


def _check(draft: ContactDraft) -> None:
    """Raise `VCardError` for the first thing about a draft that cannot be stored."""
    for error in draft_errors(draft):
        raise VCardError(f"{error.pointer}: {error.message}")


def _rejected(card: SourceCard, reason: str) -> CardOutcome:
    return CardOutcome(
        index=card.index,
        line=card.line,
        status=CardStatus.REJECTED,
        reason=reason,
        original=card.content.decode("utf-8", "replace")[:MAX_ORIGINAL],
    )
