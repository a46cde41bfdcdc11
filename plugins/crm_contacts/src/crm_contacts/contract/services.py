"""What the contact service does for others."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from crm_contacts.contract.cards import CardOutcome, SourceCard
from crm_contacts.contract.errors import (
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    InvalidContact,
    InvalidContactQuery,
    PersonSuppressed,
    SeveralContactsMatch,
)
from crm_contacts.contract.sharing import SharingRefused
from crm_contacts.contract.upserts import ContactMatch, UpsertedContact
from crm_contacts.contract.values import (
    ChangeSource,
    Contact,
    ContactChanges,
    ContactDraft,
    ContactPage,
    VCardVersion,
)
from meishi.sdk.contract import (
    ChangePage,
    ChangeQuery,
    Document,
    DocumentPage,
    ListQuery,
    SyncTokenExpired,
    VersionMismatch,
    command,
    query,
)


class Contacts(Protocol):
    """People and organisations of the current workspace."""

    @command(errors=(InvalidContact, ContactUidTaken, PersonSuppressed))
    def create(self, draft: ContactDraft) -> Contact:
        """Store a contact; emits `contact.created.v1`.

        :raises PersonSuppressed: if the person was erased
        """
        ...

    @query(errors=(ContactNotFound,))
    def get(self, contact_id: UUID) -> Contact:
        """Return one contact."""
        ...

    @query()
    def find(self, contact_ids: tuple[UUID, ...]) -> tuple[Contact, ...]:
        """Return those of these contacts that there are, in no order."""
        ...

    @query()
    def list(
        self, *, after: UUID | None = None, limit: int = 50, with_total: bool = False
    ) -> ContactPage:
        """Return contacts in order of creation, from behind the contact `after`."""
        ...

    @command(
        errors=(
            ContactNotFound,
            ContactReadOnly,
            ContactUidTaken,
            InvalidContact,
            PersonSuppressed,
            VersionMismatch,
        )
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
        """Change a contact, if it has one of the `versions`; None stands for any.

        Emits `contact.updated.v1` with the names of the fields that differ and the `source` of
        the change. Its history says so, too, and which run or decision it came from (`source_id`,
        an id of whoever changes it). Where none does, nothing happens and the version stays.
        """
        ...

    @command(
        errors=(
            ContactReadOnly,
            ContactUidTaken,
            InvalidContact,
            PersonSuppressed,
            SeveralContactsMatch,
            VersionMismatch,
        )
    )
    def upsert(
        self,
        wanted: ContactChanges,
        *,
        match: ContactMatch,
        versions: tuple[int, ...] | None = None,
        create: bool = True,
    ) -> UpsertedContact:
        """Change the one contact that matches as `update` does, or create one as `create` does.

        By its UID, or by the first of its emails, the primary one if there is one; `wanted` must
        say it, and the name of who is created. A contact that who acts does not see matches
        nothing. Of two at the same time that find none, one creates it and the other changes it.

        :param versions: which it must be at; None stands for any
        :param create: whether to create one, if `versions` is None, too
        :raises SeveralContactsMatch: if the email is that of several contacts
        :raises VersionMismatch: if it has another version, or if there must be one and is none
        """
        ...

    @command(errors=(ContactNotFound, ContactReadOnly, VersionMismatch))
    def delete(self, contact_id: UUID, *, versions: tuple[int, ...] | None = None) -> None:
        """Delete a contact, such that it can be restored; emits `contact.deleted.v1`."""
        ...

    @command(errors=(ContactNotFound, ContactReadOnly, ContactUidTaken))
    def restore(self, contact_id: UUID) -> Contact:
        """Bring a deleted contact back; emits `contact.restored.v1`.

        A contact that was not deleted is returned as it is. `ContactUidTaken` if another one
        has taken its UID meanwhile; `ContactReadOnly` if it is deleted, and shared with who asks
        for reading alone.
        """
        ...

    @command(
        errors=(ContactNotFound, ContactReadOnly, InvalidContact, SharingRefused, VersionMismatch)
    )
    def merge(self, contact_id: UUID, merged_ids: tuple[UUID, ...]) -> Contact:
        """Add to a contact what others say, and delete these; emits `contact.merged.v1`.

        Empty fields are filled and missing list values appended; where both know something
        different, the contact keeps its own and the other value becomes a raw property. That
        emits `contact.updated.v1` if it adds anything. `VersionMismatch` if somebody else changes
        one of them at the same time.
        """
        ...

    @query(errors=(InvalidContact,))
    def write_card(self, draft: ContactDraft, *, version: VCardVersion = VCardVersion.V3) -> bytes:
        """Return the vCard of a contact, or of what of it shall be seen, in UTF-8."""
        ...

    @command()
    def import_cards(self, cards: tuple[SourceCard, ...]) -> tuple[CardOutcome, ...]:
        """Read every card and store it; return one outcome per card, in their order.

        A broken card never hides the others. A card with the UID or the normalised content of
        a stored contact, or of any card that was merged into it, is a duplicate: what it adds
        is merged into that contact, which is `updated`, or else `unchanged`. Emits
        `contact.created.v1`, and `contact.updated.v1` where a duplicate added something.
        """
        ...


class ContactDocuments(Protocol):
    """Contacts as the web API shows them, ready to be sent."""

    @query(errors=(ContactNotFound,))
    def get(
        self, contact_id: UUID, *, with_photo: bool = False, with_relations: bool = False
    ) -> Document:
        """Return the document of one contact.

        To be written as a card it can have its photo in `raw`, in the place of any PHOTO there,
        and its relationships to others as RELATED.
        """
        ...

    @query(errors=(InvalidContactQuery,))
    def list(
        self, wanted: ListQuery, *, with_photos: bool = False, with_relations: bool = False
    ) -> DocumentPage:
        """Return documents of contacts: filtered, searched and sorted.

        Filters: `kind`, `uid`, `name`, `given_name`, `family_name`, `organisation`, `title`,
        `email`, `phone` (eq, prefix; kind and uid only eq), `created_at`, `updated_at` (lt,
        lte, gt, gte), `consent_email`, `consent_phone`, `consent_sms`, `consent_post`,
        `owner` (`me`, `none` or an id), `deleted` (eq). Texts are compared without regard to case,
        accents and width. Sorts: `name`, `organisation`, `created_at`, `updated_at`; without any,
        the first of these that is filtered by a range or a prefix, or else the order of creation.
        Deleted contacts are left out unless `deleted` is `true`, which shows them alone.
        """
        ...

    @query(errors=(SyncTokenExpired,))
    def changes(self, wanted: ChangeQuery) -> ChangePage:
        """Return what has changed since a mark: contacts as they are, and which are deleted.

        A change of anything that the document shows counts, in the transaction that made it.
        """
        ...
