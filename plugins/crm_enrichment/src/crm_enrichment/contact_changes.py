"""How what was found changes a contact, and how that is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import UNSET

from crm_contacts.contract import Contact, ContactChanges, Email, Link, Phone
from crm_enrichment.contract import Field
from crm_enrichment.keys import value_key


def value_in(contact: Contact, field: Field) -> str | None:
    """Return what stands in a field that has one value."""
    return contact.organisation if field is Field.ORGANISATION else contact.title


def with_values(contact: Contact, values: Sequence[tuple[Field, str]]) -> ContactChanges:
    """Return what takes values over into the fields of a contact: lists become longer."""
    single = dict(values)
    emails = tuple(Email(address=value) for field, value in values if field is Field.EMAIL)
    phones = tuple(Phone(number=value) for field, value in values if field is Field.PHONE)
    links = tuple(Link(url=value) for field, value in values if field is Field.LINK)
    return ContactChanges(
        organisation=single.get(Field.ORGANISATION, UNSET),
        title=single.get(Field.TITLE, UNSET),
        emails=(*contact.emails, *emails) if emails else UNSET,
        phones=(*contact.phones, *phones) if phones else UNSET,
        links=(*contact.links, *links) if links else UNSET,
    )


def without_value(contact: Contact, field: Field, key: str, before: str | None) -> ContactChanges:
    """Return what takes a value back: a list loses it, else what stood `before` is there again."""
    if field is Field.ORGANISATION:
        return ContactChanges(organisation=before)
    if field is Field.TITLE:
        return ContactChanges(title=before)
    emails = tuple(item for item in contact.emails if value_key(field, item.address) != key)
    phones = tuple(item for item in contact.phones if not _is_number(item, key))
    links = tuple(item for item in contact.links if value_key(field, item.url) != key)
    return ContactChanges(
        emails=emails if field is Field.EMAIL else UNSET,
        phones=phones if field is Field.PHONE else UNSET,
        links=links if field is Field.LINK else UNSET,
    )


def _is_number(phone: Phone, key: str) -> bool:
    written = (phone.number, phone.normalised or "")
    return key in [value_key(Field.PHONE, number) for number in written]
