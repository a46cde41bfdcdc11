"""What can be known about a contact, and where it then stands."""

from __future__ import annotations

from enum import StrEnum


class Field(StrEnum):
    """What a finding is about; `CONTACT_FIELDS` are the contact's own, the others stand here."""

    ORGANISATION = "organisation"
    TITLE = "title"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    COUNTRY = "country"
    TIME_ZONE = "time_zone"
    PHONE_TYPE = "phone_type"
    EMAIL_TYPE = "email_type"
    SENIORITY = "seniority"
    DEPARTMENT = "department"


#: Fields that a contact has a place for: an email, phone or link is one more of a list.
CONTACT_FIELDS = frozenset({Field.ORGANISATION, Field.TITLE, Field.EMAIL, Field.PHONE, Field.LINK})
#: Fields of which a contact has several values.
LIST_FIELDS = frozenset({Field.EMAIL, Field.PHONE, Field.LINK})


class Input(StrEnum):
    """A part of a contact that a provider reads, named as in `contact.updated.v1`."""

    NAME = "name"
    ORGANISATION = "organisation"
    TITLE = "title"
    EMAILS = "emails"
    PHONES = "phones"
    LINKS = "links"
    NOTE = "note"


class Method(StrEnum):
    """How a provider comes to what it says."""

    RULES = "rules"
    LEXICON = "lexicon"
    EVIDENCE = "evidence"
    MODEL = "model"
    REMOTE = "remote"
