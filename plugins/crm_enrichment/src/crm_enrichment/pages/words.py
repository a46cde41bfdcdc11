"""Words for what is found: titles of fields, and of values that are codes."""

from __future__ import annotations

from collections.abc import Mapping

from crm_enrichment.contract import Department, EmailType, Field, PhoneType, Seniority
from meishi.sdk.texts import gettext as _
from meishi.sdk.texts import noted

FIELDS = {
    Field.ORGANISATION: noted("Organisation"),
    Field.TITLE: noted("Title"),
    Field.EMAIL: noted("Email"),
    Field.PHONE: noted("Phone"),
    Field.LINK: noted("Link"),
    Field.COUNTRY: noted("Country"),
    Field.TIME_ZONE: noted("Time zone"),
    Field.PHONE_TYPE: noted("Kind of line"),
    Field.EMAIL_TYPE: noted("Kind of address"),
    Field.SENIORITY: noted("Seniority"),
    Field.DEPARTMENT: noted("Department"),
}
_CODES: Mapping[Field, Mapping[str, str]] = {
    Field.PHONE_TYPE: {
        PhoneType.MOBILE: noted("Mobile"),
        PhoneType.LANDLINE: noted("Landline"),
        PhoneType.TOLL_FREE: noted("Toll-free"),
        PhoneType.SHARED_COST: noted("Shared cost"),
        PhoneType.VOIP: noted("Internet"),
        PhoneType.PERSONAL: noted("Personal number"),
    },
    Field.EMAIL_TYPE: {
        EmailType.BUSINESS: noted("At a company"),
        EmailType.ROLE: noted("Of a role"),
        EmailType.FREE: noted("Free mail"),
        EmailType.DISPOSABLE: noted("Disposable"),
    },
    Field.SENIORITY: {
        Seniority.FOUNDER: noted("Founder or owner"),
        Seniority.C_LEVEL: noted("Executive board"),
        Seniority.VICE_PRESIDENT: noted("Vice president"),
        Seniority.DIRECTOR: noted("Director"),
        Seniority.HEAD: noted("Head"),
        Seniority.MANAGER: noted("Manager"),
        Seniority.SENIOR: noted("Senior"),
        Seniority.STAFF: noted("Staff"),
        Seniority.ENTRY: noted("Entry level"),
    },
    Field.DEPARTMENT: {
        Department.EXECUTIVE: noted("Management"),
        Department.ADMINISTRATION: noted("Administration"),
        Department.COMMUNICATIONS: noted("Communications"),
        Department.CONSULTING: noted("Consulting"),
        Department.DESIGN: noted("Design"),
        Department.EDUCATION: noted("Education"),
        Department.ENGINEERING: noted("Engineering"),
        Department.FINANCE: noted("Finance"),
        Department.HEALTH: noted("Health"),
        Department.HUMAN_RESOURCES: noted("Human resources"),
        Department.IT: noted("IT"),
        Department.LEGAL: noted("Legal"),
        Department.LOGISTICS: noted("Logistics"),
        Department.MARKETING: noted("Marketing"),
        Department.OPERATIONS: noted("Operations"),
        Department.PROCUREMENT: noted("Procurement"),
        Department.PRODUCT: noted("Product"),
        Department.PRODUCTION: noted("Production"),
        Department.QUALITY: noted("Quality"),
        Department.RESEARCH: noted("Research"),
        Department.SALES: noted("Sales"),
        Department.SUPPORT: noted("Support"),
    },
}


def field_title(field: Field) -> str:
    """Return what a field is called in the reader's language."""
    return _(FIELDS[field])


def shown_value(field: Field, value: str) -> str:
    """Return a value as it is read: a code in words, anything else as it is."""
    titles = _CODES.get(field, {})
    return _(titles[value]) if value in titles else value
