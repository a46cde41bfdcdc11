"""What is created, or changed if it is there already."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crm_contacts.contract.values import Contact


class ContactMatch(StrEnum):
    """By what a contact is known again: its UID, or an email that it alone has."""

    UID = "uid"
    EMAIL = "email"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertedContact:
    """A contact as it is now, and whether it has just been created."""

    contact: Contact
    created: bool
