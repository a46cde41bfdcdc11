"""The contact service's rules."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import (
    MAX_PAGE,
    CardOutcome,
    Contact,
    ContactCreated,
    ContactDraft,
    ContactNotFound,
    ContactPage,
    ContactUidTaken,
    InvalidContact,
    SourceCard,
)
from crm_contacts.importing import CardImport, as_contact, filled_fields
from crm_contacts.matching import content_key, uid_key
from crm_contacts.normalisation import normalised
from crm_contacts.repository import fingerprints, reading, writing
from crm_contacts.repository.locking import lock_imports
from crm_contacts.validation import draft_errors, property_errors
from meishi.sdk.context import publish
from meishi.sdk.database import savepoint
from meishi.sdk.plugin import PluginContext


class ContactService:
    """Implements `Contacts`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._region: str | None = context.settings["default_region"]

    def create(self, draft: ContactDraft) -> Contact:
        """Store a contact."""
        errors = [*draft_errors(draft), *property_errors(draft)]
        if errors:
            raise InvalidContact("Some values cannot be stored.", errors=errors)
        contact_id, now = self._new_id(), self._clock()
        stored = normalised(draft, self._region)
        try:
            writing.add({contact_id: stored}, now)
        except writing.UidTaken as error:
            raise _uid_taken(draft) from error
        keys = [content_key(draft), *([uid_key(draft.uid)] if draft.uid else [])]
        fingerprints.add(dict.fromkeys(keys, contact_id))
        publish(ContactCreated(contact_id=contact_id, fields=filled_fields(draft)))
        return as_contact(stored, contact_id, now)

    def get(self, contact_id: UUID) -> Contact:
        """Return one contact."""
        found = reading.get(contact_id)
        if found is None:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        return found

    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> ContactPage:
        """Return contacts in order of creation."""
        size = max(1, min(limit, MAX_PAGE))
        items = reading.page(after, size + 1)
        return ContactPage(
            items=tuple(items[:size]),
            next_after=items[size - 1].id if len(items) > size else None,
            total=reading.count() if with_total else None,
        )

    def import_cards(self, cards: tuple[SourceCard, ...]) -> tuple[CardOutcome, ...]:
        """Read every card and store it, one import at a time in each workspace.

        A contact that is created meanwhile with one of the UIDs is found the second time.
        """
        batch = CardImport(cards, self._region, self._new_id)
        lock_imports()
        try:
            return self._stored(batch)
        except writing.UidTaken:
            return self._stored(batch)

    def _stored(self, batch: CardImport) -> tuple[CardOutcome, ...]:
        with savepoint():
            outcomes = batch.match()
            batch.store(self._clock())
        return outcomes


def _uid_taken(draft: ContactDraft) -> ContactUidTaken:
    return ContactUidTaken(f"There is a contact with the UID {draft.uid!r} already.")
