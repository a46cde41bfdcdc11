"""The contact service's rules."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from uuid import UUID

from crm_contacts.candidates import SUPPRESSED, with_original
from crm_contacts.card_writing import write_card
from crm_contacts.career import Follow, as_named, following, with_current_job
from crm_contacts.contact_changes import draft_of, given_of, merged
from crm_contacts.contract import (
    MAX_PAGE,
    CardOutcome,
    ChangeAction,
    ChangeSource,
    Contact,
    ContactChanges,
    ContactDraft,
    ContactMatch,
    ContactNotFound,
    ContactPage,
    ContactUidTaken,
    InvalidContact,
    PersonSuppressed,
    SourceCard,
    UpsertedContact,
    VCardVersion,
)
from crm_contacts.importing import (
    ContactBatch,
    as_contact,
    as_draft,
    suppressed,
)
from crm_contacts.matching import content_key, uid_key
from crm_contacts.normalisation import normalised
from crm_contacts.raw_twins import current_raw
from crm_contacts.repository import (
    custom_fields,
    duplicates,
    fingerprints,
    reading,
    relationships,
    tags,
    writing,
)
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.repository.merges import state_of
from crm_contacts.repository.recording import Change, Origin, Recorder, creation, update
from crm_contacts.repository.relationship_events import publish_related, publish_unrelated
from crm_contacts.service import merges, upserts
from crm_contacts.service.custom_fields import with_checked_values, write_values
from crm_contacts.service.regions import default_region, region_of_phones
from crm_contacts.service.tags import with_stored_names
from crm_contacts.sources import read_source
from crm_contacts.validation import draft_errors, property_errors
from crm_contacts.verification import settled, verified_values
from meishi.sdk.contract import VersionMismatch, check_version
from meishi.sdk.database import past_readers
from meishi.sdk.plugin import PluginContext

#: How often a change is tried again that is meant for any version, and that others overtake.
_ATTEMPTS = 5
_FIELDS = tuple(item.name for item in fields(ContactDraft))


class ContactService:
    """Implements `Contacts`."""

    def __init__(self, context: PluginContext, recorder: Recorder | None = None) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._recorder = recorder or Recorder(context.new_id)

    def create(self, draft: ContactDraft) -> Contact:
        """Store a contact."""
        draft = with_current_job(draft)
        check_draft(draft)
        contact_id, now = self._new_id(), self._clock()
        stored = with_stored_names(normalised(draft, region_of_phones(draft.phones)))
        stored = with_checked_values(stored)
        _check_allowed(stored)
        try:
            writing.add({contact_id: stored}, now)
        except writing.UidTaken as error:
            raise _uid_taken(draft) from error
        tags.put({contact_id: stored.tags}, now, self._new_id)
        if stored.custom:
            stored = write_values(contact_id, stored)
        _remember(contact_id, stored)
        self._recorder.record([creation(contact_id, stored)], now)
        return as_contact(stored, contact_id, now)

    def get(self, contact_id: UUID) -> Contact:
        """Return one contact."""
        found = reading.get(contact_id)
        if found is None:
            raise _not_found(contact_id)
        return found

    def find(self, contact_ids: tuple[UUID, ...]) -> tuple[Contact, ...]:
        """Return those of these contacts that there are, in no order."""
        return tuple(reading.get_many(contact_ids))

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

    def update(
        self,
        contact_id: UUID,
        changes: ContactChanges,
        *,
        versions: tuple[int, ...] | None = None,
        source: ChangeSource = ChangeSource.USER,
        source_id: UUID | None = None,
    ) -> Contact:
        """Change a contact, if it has one of the `versions`; None stands for any."""
        for _ in range(_ATTEMPTS):
            stored = self.get(contact_id)
            check_version(stored.version, versions)
            try:
                return self.change(stored, changes, Origin(source, source_id))
            except writing.VersionGone:
                check_writable([contact_id])
                continue  # what was read is history: read again, and compare again
        raise VersionMismatch(f"Others change the contact {contact_id} all the time; try again.")

    def upsert(
        self,
        wanted: ContactChanges,
        *,
        match: ContactMatch,
        versions: tuple[int, ...] | None = None,
        create: bool = True,
    ) -> UpsertedContact:
        """Change the one contact that matches, or create one."""
        draft = draft_of(wanted)
        check_draft(draft, ("uid", "emails"))
        return upserts.upsert(
            upserts.identity_of(wanted, match),
            create=(lambda: self.create(draft)) if create and versions is None else None,
            change=lambda stored: self.change(stored, wanted, Origin(), as_named),
            versions=versions,
        )

    def delete(self, contact_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a contact, such that it can be restored."""
        now = self._clock()
        if not writing.delete(contact_id, now, versions):
            check_version(self.get(contact_id).version, versions)
            check_writable([contact_id])
            raise VersionMismatch(f"The contact {contact_id} has just been changed; read it again.")
        self._recorder.record([Change(contact_id, ChangeAction.DELETED)], now)
        with past_readers():
            publish_unrelated(relationships.hide([contact_id]))

    def restore(self, contact_id: UUID) -> Contact:
        """Bring a deleted contact back."""
        now = self._clock()
        try:
            restored = writing.restore(contact_id, now)
        except writing.UidTaken as error:
            raise ContactUidTaken("Another contact has the UID of this one by now.") from error
        if restored:
            self._recorder.record([Change(contact_id, ChangeAction.RESTORED)], now)
            with past_readers():
                duplicates.come_back([contact_id])
                publish_related(relationships.show([contact_id]))
        elif (state := state_of(contact_id)) and state.deleted and not state.erased:
            check_writable([contact_id])
        return self.get(contact_id)

    def merge(self, contact_id: UUID, merged_ids: tuple[UUID, ...]) -> Contact:
        """Add to a contact what others say, and delete these."""
        hold_off_erasing()
        stored = self.get(contact_id)
        steps = merges.steps_of(stored, merges.sources_of(stored, merged_ids), ())
        check_draft(steps[-1].after)
        return merges.merge(stored, steps, self.write, self._new_id, self._clock())

    def write_card(self, draft: ContactDraft, *, version: VCardVersion = VCardVersion.V3) -> bytes:
        """Return the vCard of a contact, in UTF-8."""
        check_draft(draft)
        return write_card(draft, version)

    def import_cards(self, cards: tuple[SourceCard, ...]) -> tuple[CardOutcome, ...]:
        """Read every card and store it, one import at a time in each workspace."""
        custom = custom_fields.every()
        sources = [read_source(card, custom=custom) for card in cards]
        outcomes = ContactBatch(sources, default_region(), self._new_id).bring_in(self._clock())
        return tuple(
            with_original(outcome, card) for outcome, card in zip(outcomes, cards, strict=True)
        )

    def change(
        self, stored: Contact, changes: ContactChanges, origin: Origin, follow: Follow = following
    ) -> Contact:
        """Write what differs; of the other fields the stored forms stay, whatever rules now.

        Raises `VersionGone` if the contact is not as it was any more, else what an update does.
        """
        before = as_draft(stored)
        given = follow(before, given_of(changes), self._clock().date())
        wanted = merged(before, given)
        check_draft(wanted, given)
        region = region_of_phones(wanted.phones if "phones" in given else ())
        forms = normalised(wanted, region, verified_values(before))
        forms = with_stored_names(forms) if "tags" in given else forms
        forms = with_checked_values(forms) if "custom" in given else forms
        after = replace(before, **{name: getattr(forms, name) for name in given})
        if "raw" not in given:
            after = replace(after, raw=current_raw(before, after))
        if (before.emails, before.phones) != (after.emails, after.phones):
            _check_allowed(after)
        return self.write(stored, after, origin)

    def put(self, stored: Contact, wanted: ContactDraft, origin: Origin) -> Contact:
        """Write another draft, of stored forms, that was that of the contact before.

        What rules now is asked again: tags and custom values are those that there are. Raises
        `VersionGone` as `write` does, else what an update does.
        """
        before = as_draft(stored)
        wanted = settled(wanted, before)
        names = {name for name in _FIELDS if getattr(before, name) != getattr(wanted, name)}
        check_draft(wanted, names)
        after = with_stored_names(wanted) if "tags" in names else wanted
        after = with_checked_values(after) if "custom" in names else after
        if "raw" not in names:
            after = replace(after, raw=current_raw(before, after))
        if {"emails", "phones"} & names:
            _check_allowed(after)
        return self.write(stored, after, origin)

    def write(self, stored: Contact, after: ContactDraft, origin: Origin) -> Contact:
        """Write what differs from a stored contact, in its stored forms.

        Raises `VersionGone` if it is not as it was any more.
        """
        before = as_draft(stored)
        names = tuple(name for name in _FIELDS if getattr(before, name) != getattr(after, name))
        if not names:
            return stored
        now = self._clock()
        try:
            writing.change(stored.id, stored.version, before, after, now)
        except writing.UidTaken as error:
            raise _uid_taken(after) from error
        if "tags" in names:
            tags.replace(stored.id, after.tags, now, self._new_id)
        if "custom" in names:
            after = write_values(stored.id, after)
        _remember(stored.id, after)
        self._recorder.record([update(stored.id, before, after)], now, origin)
        values = {name: getattr(after, name) for name in names}
        return replace(stored, **values, version=stored.version + 1, updated_at=now)


def check_draft(draft: ContactDraft, names: Collection[str] | None = None) -> None:
    """Raise `InvalidContact` for what is wrong with a draft, or with some fields of it."""
    errors = [
        error
        for error in (*draft_errors(draft), *property_errors(draft))
        if names is None or not error.pointer or error.pointer.split("/")[1] in names
    ]
    if errors:
        raise InvalidContact("Some values cannot be stored.", errors=errors)


def _check_allowed(draft: ContactDraft) -> None:
    """Raise `PersonSuppressed` if a normalised draft is about somebody who was erased."""
    if suppressed([draft]):
        raise PersonSuppressed(SUPPRESSED)


def _remember(contact_id: UUID, draft: ContactDraft) -> None:
    """Let copies of a contact be known again by its content and its UID."""
    keys = [content_key(draft), *([uid_key(draft.uid)] if draft.uid else [])]
    fingerprints.add(dict.fromkeys(keys, contact_id))


def _not_found(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")


def _uid_taken(draft: ContactDraft) -> ContactUidTaken:
    return ContactUidTaken(f"There is a contact with the UID {draft.uid!r} already.")
