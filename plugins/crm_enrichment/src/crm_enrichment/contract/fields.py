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


class PhoneType(StrEnum):
    """What kind of line a telephone number is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    TOLL_FREE = "toll_free"
    SHARED_COST = "shared_cost"
    VOIP = "voip"
    PERSONAL = "personal"


class EmailType(StrEnum):
    """Whose an email address is: of somebody at a company, of a role there, or of anybody."""

    BUSINESS = "business"
    ROLE = "role"
    FREE = "free"
    DISPOSABLE = "disposable"


class Seniority(StrEnum):
    """How high somebody stands, the highest first."""

    FOUNDER = "founder"
    C_LEVEL = "c_level"
    VICE_PRESIDENT = "vice_president"
    DIRECTOR = "director"
    HEAD = "head"
    MANAGER = "manager"
    SENIOR = "senior"
    STAFF = "staff"
    ENTRY = "entry"


class Department(StrEnum):
    """What part of an organisation somebody works in."""

    EXECUTIVE = "executive"
    ADMINISTRATION = "administration"
    COMMUNICATIONS = "communications"
    CONSULTING = "consulting"
    DESIGN = "design"
    EDUCATION = "education"
    ENGINEERING = "engineering"
    FINANCE = "finance"
    HEALTH = "health"
    HUMAN_RESOURCES = "human_resources"
    IT = "it"
    LEGAL = "legal"
    LOGISTICS = "logistics"
    MARKETING = "marketing"
    OPERATIONS = "operations"
    PROCUREMENT = "procurement"
    PRODUCT = "product"
    PRODUCTION = "production"
    QUALITY = "quality"
    RESEARCH = "research"
    SALES = "sales"
    SUPPORT = "support"
