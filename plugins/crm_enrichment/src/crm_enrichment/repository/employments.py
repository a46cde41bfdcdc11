"""Which organisations people have typed for the contacts of an email domain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from crm_enrichment.contract import Employer
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

#: Contacts of a domain that are counted, and names of employers that are told.
_COUNTED, _NAMED = 1000, 5

_DOMAINS = """
    SELECT DISTINCT domain FROM crm_enrichment.employment
    WHERE contact_id = ANY(%(ids)s::uuid[])
"""
_REMOVE = """
    DELETE FROM crm_enrichment.employment e WHERE e.contact_id = ANY(%(ids)s::uuid[])
        AND NOT EXISTS (
            SELECT FROM jsonb_to_recordset(%(rows)s::jsonb) AS r(contact_id uuid, domain text)
            WHERE r.contact_id = e.contact_id AND r.domain = e.domain)
"""
_PUT = """
    INSERT INTO crm_enrichment.employment AS e
        (workspace_id, contact_id, domain, organisation, organisation_key)
    SELECT %(workspace)s, r.contact_id, r.domain, r.organisation, r.organisation_key
    FROM jsonb_to_recordset(%(rows)s::jsonb)
        AS r(contact_id uuid, domain text, organisation text, organisation_key text)
    ORDER BY r.contact_id, r.domain
    ON CONFLICT (workspace_id, contact_id, domain) DO UPDATE
        SET organisation = excluded.organisation, organisation_key = excluded.organisation_key
        WHERE e.organisation IS DISTINCT FROM excluded.organisation
"""
_EMPLOYERS = """
    SELECT d.domain, n.organisation, n.contacts
    FROM unnest(%(domains)s::text[]) AS d(domain) CROSS JOIN LATERAL (
        SELECT min(c.organisation) AS organisation, count(*) AS contacts
        FROM (
            SELECT e.organisation, e.organisation_key FROM crm_enrichment.employment e
            WHERE e.domain = d.domain ORDER BY e.contact_id LIMIT %(counted)s
        ) c
        WHERE c.organisation_key IS NOT NULL GROUP BY c.organisation_key
        ORDER BY count(*) DESC, c.organisation_key LIMIT %(named)s
    ) n
"""
_WAITING = """
    SELECT DISTINCT contact_id FROM crm_enrichment.employment
    WHERE domain = ANY(%(domains)s::text[]) AND organisation_key IS NULL
    ORDER BY contact_id LIMIT %(limit)s
"""


def domains_of(contact_ids: Sequence[UUID]) -> set[str]:
    """Return the domains that contacts were known to be of."""
    return {domain for (domain,) in execute(_DOMAINS, {"ids": list(contact_ids)})}


def put(contact_ids: Sequence[UUID], rows: Sequence[Mapping[str, Any]]) -> None:
    """Know of contacts what the rows say, and nothing else."""
    text = msgspec.json.encode(rows).decode()
    execute(_REMOVE, {"ids": list(contact_ids), "rows": text})
    if rows:
        execute(_PUT, {"workspace": current_workspace(), "rows": text})


def employers(domains: Sequence[str]) -> dict[str, list[Employer]]:
    """Return which organisations are named for domains, the most frequent first."""
    found: dict[str, list[Employer]] = {domain: [] for domain in domains}
    values = {"domains": list(domains), "counted": _COUNTED, "named": _NAMED}
    for domain, organisation, contacts in execute(_EMPLOYERS, values) if domains else ():
        found[domain].append(Employer(domain=domain, organisation=organisation, contacts=contacts))
    return found


def waiting(domains: Sequence[str], limit: int) -> list[UUID]:
    """Return contacts of domains for whom nobody has typed an organisation."""
    if not domains:
        return []
    rows = execute(_WAITING, {"domains": list(domains), "limit": limit})
    return [contact_id for (contact_id,) in rows]
