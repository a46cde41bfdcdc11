"""What an email address says: whose it is, and which organisation is behind its domain."""

from __future__ import annotations

from collections.abc import Iterator

from crm_enrichment.contract import Employer, Field, Finding, Input, Method, Provider, Subject
from crm_enrichment.providers.domains import company_domain, domain_of, mail_type, readable_name

#: How sure it is that somebody works where one, two, or more of the same domain do.
_AGREEING = (0.7, 0.85, 0.95)
#: A domain alone is a guess at a name.
_GUESSED = 0.35
_TYPED = 0.95


def _lookup(subjects: tuple[Subject, ...]) -> tuple[Finding, ...]:
    return tuple(finding for subject in subjects for finding in _findings(subject))


def _findings(subject: Subject) -> Iterator[Finding]:
    for address in subject.emails:
        kind = mail_type(address)
        if kind is not None:
            yield Finding(
                contact_id=subject.contact_id,
                field=Field.EMAIL_TYPE,
                value=kind.value,
                source=f"email:{domain_of(address)}",
                quote=address,
                confidence=_TYPED,
            )
            break
    for address in subject.emails:
        domain = company_domain(address)
        if domain:
            yield from _organisation(subject, address, domain)
            break


def _organisation(subject: Subject, address: str, domain: str) -> Iterator[Finding]:
    """Yield who the employer is: whom others of the domain name, or else the domain by itself."""
    named = [employer for employer in subject.employers if employer.domain == domain]
    value, confidence = agreed(named) if named else (readable_name(domain), _GUESSED)
    if value:
        yield Finding(
            contact_id=subject.contact_id,
            field=Field.ORGANISATION,
            value=value,
            source=f"email:{domain}",
            quote=address,
            confidence=confidence,
            method=Method.EVIDENCE if named else Method.RULES,
        )


def agreed(named: list[Employer]) -> tuple[str, float]:
    """Return the organisation that most name, and how sure that is: less, where others differ."""
    best = named[0]
    share = best.contacts / sum(employer.contacts for employer in named)
    return best.organisation, round(_AGREEING[min(best.contacts, len(_AGREEING)) - 1] * share, 2)


EMAIL = Provider(
    name="email",
    title="Email addresses",
    inputs=frozenset({Input.EMAILS}),
    outputs=frozenset({Field.ORGANISATION, Field.EMAIL_TYPE}),
    method=Method.RULES,
    lookup=_lookup,
)
