"""What providers are told of a contact, and what it says by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

from crm_contacts.contract import Contact, ContactKind, Email, Link, Phone
from crm_enrichment.contract import Employer, Field, Input, Subject
from crm_enrichment.keys import value_key
from crm_enrichment.providers.domains import company_domain

_Channel = TypeVar("_Channel", Email, Phone, Link)

#: What there is to read of each part of a contact.
_READ = {
    Input.NAME: "name",
    Input.ORGANISATION: "organisation",
    Input.TITLE: "title",
    Input.EMAILS: "emails",
    Input.PHONES: "phones",
    Input.LINKS: "links",
    Input.NOTE: "note",
}


def subject_of(
    contact: Contact, employers: Iterable[Employer] = (), region: str | None = None
) -> Subject:
    """Return what providers are told of a contact."""
    return Subject(
        contact_id=contact.id,
        name=contact.name.full,
        given_name=contact.name.given,
        family_name=contact.name.family,
        organisation=contact.organisation,
        title=contact.title,
        note=contact.note,
        emails=tuple((item.normalised or item.address).lower() for item in _first(contact.emails)),
        phones=tuple(item.normalised or item.number for item in _first(contact.phones)),
        links=tuple(item.url for item in _first(contact.links)),
        default_region=region,
        employers=tuple(employers),
    )


def has_any(subject: Subject, inputs: Iterable[Input]) -> bool:
    """Whether a contact says anything that a provider reads."""
    return any(getattr(subject, _READ[part]) for part in inputs)


def texts_of(subject: Subject) -> tuple[str, ...]:
    """Return all that a contact says, for looking up whether a quote stands there."""
    single = (subject.name, subject.organisation, subject.title, subject.note)
    told = [text for text in single if text]
    return (*told, *subject.emails, *subject.phones, *subject.links)


def domains_of(contact: Contact) -> tuple[str, ...]:
    """Return the domains of a contact's employers, the first 10."""
    found = (company_domain((item.normalised or item.address).lower()) for item in contact.emails)
    return tuple(dict.fromkeys(domain for domain in found if domain))[:10]


def keys_of(contact: Contact, field: Field) -> frozenset[str]:
    """Return what a contact itself says in a field, in the form for comparing."""
    values: Sequence[str | None]
    if field is Field.EMAIL:
        values = [text for item in contact.emails for text in (item.address, item.normalised)]
    elif field is Field.PHONE:
        values = [text for item in contact.phones for text in (item.number, item.normalised)]
    elif field is Field.LINK:
        values = [item.url for item in contact.links]
    else:
        values = [getattr(contact, field.value)]
    return frozenset(value_key(field, value) for value in values if value)


def takes(contact: Contact, field: Field) -> bool:
    """Whether a field makes sense for what a contact stands for."""
    personal = (Field.ORGANISATION, Field.TITLE, Field.SENIORITY, Field.DEPARTMENT)
    return contact.kind is ContactKind.INDIVIDUAL or field not in personal


def _first(items: Sequence[_Channel]) -> list[_Channel]:
    """Return the primary ones first."""
    return sorted(items, key=lambda item: not item.primary)
