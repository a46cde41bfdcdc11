"""Contacts that another system keeps, too: changed if they are there, created if they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from msgspec import UNSET

from crm_contacts.contract import (
    Contact,
    ContactChanges,
    ContactMatch,
    ContactUidTaken,
    Email,
    InvalidContact,
    SeveralContactsMatch,
    UpsertedContact,
)
from crm_contacts.normal_forms import MAX_KEY, email_form
from crm_contacts.repository import identities, reading
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.locking import lock_email
from crm_contacts.repository.writing import VersionGone
from meishi.sdk.contract import FieldError, VersionMismatch, check_version
from meishi.sdk.database import savepoint

#: How many contacts are told that have an email in common.
MAX_TOLD = 10

#: How often it is looked again, where others change or delete what was found.
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """What a contact is known again by: its UID, or the normalised form of an email."""

    match: ContactMatch
    value: str
    pointer: str

    def find(self) -> UUID | None:
        """Return the contact that has it, None if none has; several are none to choose from."""
        if self.match is ContactMatch.UID:
            found = identities.of_uid(self.value)
        else:
            found = identities.of_email(self.value, MAX_TOLD + 1)
        if len(found) > 1:
            raise self._several(found)
        return found[0] if found else None

    def find_in_turn(self) -> UUID | None:
        """Return the contact, having waited for whoever is about to create it.

        A UID has an index that lets one of two in.
        """
        if self.match is ContactMatch.UID:
            return None
        lock_email(self.value)
        return self.find()

    def _several(self, found: list[UUID]) -> SeveralContactsMatch:
        number = str(len(found)) if len(found) <= MAX_TOLD else f"More than {MAX_TOLD}"
        told = [
            FieldError(self.pointer, "several", f"The contact {contact_id} has it.")
            for contact_id in found[:MAX_TOLD]
        ]
        return SeveralContactsMatch(
            f"{number} contacts have the email {self.value!r}; name the one that is meant by its"
            " UID, or by its id.",
            errors=told,
        )


def identity_of(wanted: ContactChanges, match: ContactMatch) -> Identity:
    """Return what a contact is to be known by; raise `InvalidContact` if that is not said."""
    if match is ContactMatch.UID:
        if wanted.uid is UNSET or not (wanted.uid or "").strip():
            raise _unsaid("/uid", "A contact is matched by its UID: give one.")
        return Identity(match, str(wanted.uid), "/uid")
    emails: tuple[Email, ...] = () if wanted.emails is UNSET else wanted.emails
    if not emails:
        raise _unsaid("/emails", "A contact is matched by its first email: give one.")
    place = next((place for place, item in enumerate(emails) if item.primary), 0)
    pointer = f"/emails/{place}/address"
    value = email_form(emails[place])[:MAX_KEY]
    if not value:
        raise _unsaid(pointer, "Must not be blank.")
    return Identity(match, value, pointer)


def upsert(
    identity: Identity,
    *,
    create: Callable[[], Contact] | None,
    change: Callable[[Contact], Contact],
    versions: tuple[int, ...] | None,
) -> UpsertedContact:
    """Change the contact that has an identity, if it is at one of the `versions`, or create it.

    `create` is None where there has to be one. Raises `SeveralContactsMatch`, `VersionMismatch`,
    and what the two functions raise.
    """
    for _ in range(_ATTEMPTS):
        contact_id = identity.find() or identity.find_in_turn()
        if contact_id is None:
            if create is None:
                raise VersionMismatch("No contact matches, so there is no version of it.")
            try:
                with savepoint():
                    return UpsertedContact(contact=create(), created=True)
            except ContactUidTaken:
                if identity.find() is None:
                    raise  # by a contact that who acts does not see, or that is another one
                continue
        stored = reading.get(contact_id)
        if stored is None:
            continue
        check_version(stored.version, versions)
        try:
            return UpsertedContact(contact=change(stored), created=False)
        except VersionGone:
            check_writable([contact_id])
    raise VersionMismatch("Others change what matches all the time; try again.")


def _unsaid(pointer: str, message: str) -> InvalidContact:
    return InvalidContact(
        "What the contact is to be matched by is missing.",
        errors=[FieldError(pointer, "required", message)],
    )
