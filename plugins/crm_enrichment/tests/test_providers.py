"""What addresses, numbers and titles say without anybody being asked."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_enrichment.contract import (
    Department,
    EmailType,
    Employer,
    Field,
    Finding,
    Provider,
    Seniority,
    Subject,
)
from crm_enrichment.findings import sound_findings
from crm_enrichment.providers import EMAIL, PHONE, PROVIDERS, TITLE
from crm_enrichment.providers.domains import company_domain, domain_of, mail_type, readable_name
from crm_enrichment.providers.mail_tables import DISPOSABLE, FREE_MAIL, JOINT_SUFFIXES, ROLES
from crm_enrichment.providers.title import department, seniority


def found(provider: Provider, **said: object) -> dict[Field, Finding]:
    """Return what a provider finds out about one contact."""
    subject = Subject(contact_id=uuid4(), **said)  # type: ignore[arg-type]
    return {finding.field: finding for finding in provider.lookup((subject,))}


@pytest.mark.parametrize(
    ("address", "domain", "kind"),
    [
        ("anna@lindqvist.example", "lindqvist.example", EmailType.BUSINESS),
        ("anna@mail.lindqvist.co.uk", "lindqvist.co.uk", EmailType.BUSINESS),
        ("ANNA@Lindqvist.EXAMPLE.", "lindqvist.example", EmailType.BUSINESS),
        ("info@lindqvist.example", "lindqvist.example", EmailType.ROLE),
        ("sales.de@lindqvist.example", "lindqvist.example", EmailType.ROLE),
        ("support+forms@lindqvist.example", "lindqvist.example", EmailType.ROLE),
        ("anna@gmail.com", "gmail.com", EmailType.FREE),
        ("info@gmx.de", "gmx.de", EmailType.FREE),
        ("anna@pp.inet.fi", "inet.fi", EmailType.FREE),
        ("x@eu.mailinator.com", "mailinator.com", EmailType.DISPOSABLE),
        ("anna@localhost", "", None),
        ("anna@co.uk", "", None),
        ("@lindqvist.example", "lindqvist.example", None),
        ("anna@", "", None),
        ("a@b@.example", "", None),
    ],
)
def test_an_address_is_of_somebody(address: str, domain: str, kind: EmailType | None) -> None:
    """Its domain without subdomains, and whose mailbox it is."""
    assert (domain_of(address), mail_type(address)) == (domain, kind)
    is_employer = kind in (EmailType.BUSINESS, EmailType.ROLE)
    assert company_domain(address) == (domain if is_employer else "")


@pytest.mark.parametrize(
    ("domain", "name"),
    [
        ("lindqvist-arkitekter.se", "Lindqvist Arkitekter"),
        ("ibm.com", "IBM"),
        ("xn--mller-kva.example", "Müller"),
        ("xn--99999999999.example", ""),
    ],
)
def test_a_domain_is_read_as_a_name(domain: str, name: str) -> None:
    """Hyphens part words, abbreviations are capitals, umlauts are read."""
    assert readable_name(domain) == name


def test_whom_others_name_is_surer_than_the_domain() -> None:
    """The more agree the surer, the more differ the less; a domain alone is a guess."""
    address = "anna@lindqvist.example"
    guess = found(EMAIL, emails=(address,))[Field.ORGANISATION]
    assert (guess.value, guess.quote, guess.confidence < 0.5) == ("Lindqvist", address, True)

    def named(*counts: int) -> Finding:
        employers = tuple(
            Employer(domain="lindqvist.example", organisation=f"Firm {place}", contacts=count)
            for place, count in enumerate(counts)
        )
        return found(EMAIL, emails=(address,), employers=employers)[Field.ORGANISATION]

    assert named(1).value == "Firm 0"
    assert guess.confidence < named(1).confidence < named(2).confidence < named(3).confidence
    assert named(9).confidence == named(3).confidence
    assert named(3, 3).confidence < named(3, 1).confidence < named(3).confidence


def test_free_mail_says_nothing_of_an_employer() -> None:
    """The next address that does is read."""
    assert Field.ORGANISATION not in found(EMAIL, emails=("anna@gmail.com",))
    both = found(EMAIL, emails=("anna@gmail.com", "anna@lindqvist.example"))
    assert both[Field.ORGANISATION].value == "Lindqvist"
    assert both[Field.EMAIL_TYPE].value == "free"


@pytest.mark.parametrize(
    ("number", "region", "expected"),
    [
        ("+46701234567", None, ("SE", "Europe/Stockholm", "mobile")),
        ("+498912345678", None, ("DE", "Europe/Berlin", "landline")),
        ("+442079460018", None, ("GB", "Europe/London", "landline")),
        ("+18002345678", None, ("US", None, "toll_free")),
        ("070 123 45 67", "SE", ("SE", "Europe/Stockholm", "mobile")),
        ("070 123 45 67", None, (None, None, None)),
        ("+46", None, (None, None, None)),
        ("nonsense", None, (None, None, None)),
    ],
)
def test_a_number_says_where_it_is(
    number: str, region: str | None, expected: tuple[str | None, ...]
) -> None:
    """Country, time zone if it is one, and kind of line; what is not valid says nothing."""
    said = found(PHONE, phones=("12", number), default_region=region)
    fields = (Field.COUNTRY, Field.TIME_ZONE, Field.PHONE_TYPE)
    assert tuple(said[field].value if field in said else None for field in fields) == expected


@pytest.mark.parametrize(
    ("title", "standing", "part"),
    [
        ("CEO", Seniority.C_LEVEL, Department.EXECUTIVE),
        ("Chief Marketing Officer", Seniority.C_LEVEL, Department.MARKETING),
        ("Co-Founder & CTO", Seniority.FOUNDER, Department.ENGINEERING),
        ("Vice President, Sales", Seniority.VICE_PRESIDENT, Department.SALES),
        ("Senior Software Engineer", Seniority.SENIOR, Department.ENGINEERING),
        ("Junior Product Manager", Seniority.ENTRY, Department.PRODUCT),
        ("Product Owner", Seniority.SENIOR, Department.PRODUCT),
        ("Assistant to the CEO", Seniority.STAFF, Department.EXECUTIVE),
        ("Assistant Manager", Seniority.MANAGER, None),
        ("Geschäftsführerin", Seniority.C_LEVEL, Department.EXECUTIVE),
        ("Gescha\u0308ftsfu\u0308hrer", Seniority.C_LEVEL, Department.EXECUTIVE),
        ("Leiter/in Einkauf (m/w/d)", Seniority.HEAD, Department.PROCUREMENT),
        ("Vertriebsleiterin", Seniority.HEAD, Department.SALES),
        ("Werkstudent Marketing", Seniority.ENTRY, Department.MARKETING),
        ("Directrice générale", Seniority.C_LEVEL, Department.EXECUTIVE),
        ("Responsable des achats", Seniority.HEAD, Department.PROCUREMENT),
        ("Jefa de Recursos Humanos", Seniority.HEAD, Department.HUMAN_RESOURCES),
        ("Amministratore delegato", Seniority.C_LEVEL, Department.EXECUTIVE),
        ("Ingegnere", Seniority.STAFF, Department.ENGINEERING),
        ("Gardener", None, None),
        ("", None, None),
    ],
)
def test_a_title_says_how_high_and_where(
    title: str, standing: Seniority | None, part: Department | None
) -> None:
    """In several languages, and in words that stand in the title as they are quoted."""
    high, where = seniority(title), department(title)
    assert (high and high.code, where and where.code) == (standing, part)
    for match in (high, where):
        assert match is None or match.quote in title


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=3), st.sampled_from(PROVIDERS))
def test_whatever_is_written_is_taken(title: str, texts: list[str], provider: Provider) -> None:
    """Nothing raises, all that is found is sound, and the same each time."""
    subject = Subject(contact_id=uuid4(), title=title, emails=tuple(texts), phones=tuple(texts))
    findings = provider.lookup((subject,))
    assert findings == provider.lookup((subject,))
    for finding in findings:
        assert finding.field in provider.outputs
        assert 0 <= finding.confidence <= 1
    assert len(sound_findings(provider, [subject], findings)) == len(findings)


def test_tables_hold_each_entry_once_and_in_small_letters() -> None:
    """A provider of mail is no disposable one, and no suffix is a provider."""
    for table in (DISPOSABLE, FREE_MAIL, ROLES, JOINT_SUFFIXES):
        assert all(entry == entry.lower().strip() for entry in table)
    assert not DISPOSABLE & FREE_MAIL
    assert not JOINT_SUFFIXES & (FREE_MAIL | DISPOSABLE)
    assert len(FREE_MAIL) > 300


def test_titles_are_read_in_words_that_the_field_knows() -> None:
    """What the provider says are codes of the vocabulary."""
    said = found(TITLE, title="Head of People")
    assert said[Field.SENIORITY].value in {item.value for item in Seniority}
    assert said[Field.DEPARTMENT].quote == "People"
