"""What the contacts of one email domain say about each other's employer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_contacts.contract import Contact, Visibility
from crm_enrichment.contract import Employer, Field
from crm_enrichment.keys import value_key
from crm_enrichment.policy import Past
from crm_enrichment.providers.email import agreed
from crm_enrichment.repository import employments
from crm_enrichment.subjects import domains_of

#: Contacts that are asked about again because of others of their domain.
_MAX_WAITING = 2000


def record(
    contact_ids: Sequence[UUID], contacts: Sequence[Contact], past: Mapping[UUID, Sequence[Past]]
) -> list[UUID]:
    """Note for whom contacts work, as people have typed it; return whom that tells something.

    These are other contacts of the same domains without an organisation, where what can be
    concluded is another than before. What we have found ourselves is no evidence, nor is what
    private contacts say.
    """
    rows = [row for contact in contacts for row in _rows(contact, past.get(contact.id, ()))]
    domains = sorted({*employments.domains_of(contact_ids), *(str(row["domain"]) for row in rows)})
    before = employments.employers(domains)
    employments.put(contact_ids, rows)
    after = employments.employers(domains)
    changed = [domain for domain in domains if _said(before[domain]) != _said(after[domain])]
    known = {*contact_ids}
    return [item for item in employments.waiting(changed, _MAX_WAITING) if item not in known]


def employers_of(contacts: Sequence[Contact]) -> dict[UUID, list[Employer]]:
    """Return what others of the same domains are said to work for."""
    domains = {contact.id: domains_of(contact) for contact in contacts}
    named = employments.employers(sorted({name for names in domains.values() for name in names}))
    return {
        contact_id: [employer for name in names for employer in named[name]]
        for contact_id, names in domains.items()
    }


def _rows(contact: Contact, past: Sequence[Past]) -> list[dict[str, object]]:
    organisation = contact.organisation or ""
    key = value_key(Field.ORGANISATION, organisation)
    own = [item for item in past if item.known and item.field is Field.ORGANISATION]
    # What a private contact says would come to those whom it is kept from.
    told = contact.visibility is Visibility.WORKSPACE
    typed = told and key != "" and all(item.value_key != key for item in own)
    return [
        {
            "contact_id": contact.id,
            "domain": domain,
            "organisation": organisation[:400] if typed else None,
            "organisation_key": key[:400] if typed else None,
        }
        for domain in domains_of(contact)
    ]


def _said(named: list[Employer]) -> tuple[str, float] | None:
    return agreed(named) if named else None
