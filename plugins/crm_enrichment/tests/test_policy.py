"""Whose word is worth more: laws of what becomes of findings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.contract import Contact, Email, Name
from crm_enrichment.contact_changes import with_values, without_value
from crm_enrichment.contract import CONTACT_FIELDS, LIST_FIELDS, Field, Finding, ProposalState
from crm_enrichment.keys import place_of, value_key
from crm_enrichment.policy import Past, Plan, plan

NOW = datetime(2026, 11, 28, tzinfo=UTC)
CONTACT = Contact(id=UUID(int=1), version=1, name=Name(full="A"), created_at=NOW, updated_at=NOW)
FIELDS = (Field.ORGANISATION, Field.TITLE, Field.COUNTRY, Field.EMAIL)


def finding(field: Field, value: str, confidence: float, source: str = "note") -> Finding:
    """Return a finding about the contact."""
    return Finding(
        contact_id=CONTACT.id, field=field, value=value, source=source, confidence=confidence
    )


FINDINGS = st.lists(
    st.builds(
        finding,
        st.sampled_from(FIELDS),
        st.sampled_from(["x@a.example", "y@b.example", "Z"]),
        st.sampled_from([0.3, 0.8, 0.95]),
        st.sampled_from(["note", "links"]),
    ),
    max_size=4,
    unique_by=lambda item: (item.field, item.value),
)
FOUND = st.dictionaries(st.sampled_from(["a.one", "a.two", "b.one"]), FINDINGS)
CONTACTS = st.builds(
    lambda organisation, emails: replace(CONTACT, organisation=organisation, emails=emails),
    st.sampled_from([None, "Z", "Typed"]),
    st.sampled_from([(), (Email(address="x@a.example"),)]),
)
LOCKS = st.sets(st.sampled_from([Field.ORGANISATION, Field.TITLE]))


def after(made: Plan, past: list[Past], contact: Contact) -> tuple[list[Past], Contact]:
    """Return what there is once a plan was carried out, as the statements do it."""
    gone = {*made.superseded, *made.dropped}
    marks = gone | {*made.unmarked}
    left = [
        replace(item, state=ProposalState.SUPERSEDED, known=False) if item.id in gone else item
        for item in past
    ]
    left = [replace(item, known=False) if item.id in marks else item for item in left]
    fresh = {known: item.finding for known, item in made.refreshed}
    left = [
        replace(
            item,
            confidence=fresh[item.id].confidence,
            source=fresh[item.id].source,
            quote=fresh[item.id].quote,
            observed_at=fresh[item.id].observed_at,
            expires_at=fresh[item.id].expires_at,
        )
        if item.id in fresh
        else item
        for item in left
    ]
    for state, items in (
        (ProposalState.PROPOSED, made.proposed),
        (ProposalState.APPLIED, made.applied),
    ):
        for item in items:
            new = Past(
                id=uuid4(), contact_id=contact.id, field=item.finding.field, value_key=item.key,
                provider=item.provider, source=item.finding.source, state=state,
                confidence=item.finding.confidence, quote=None, observed_at=None, expires_at=None,
                known=state is ProposalState.APPLIED, verified=False,
            )  # fmt: skip
            if new.known:
                left = [
                    replace(each, known=False, state=ProposalState.SUPERSEDED)
                    if each.known and each.place == new.place
                    else each
                    for each in left
                ]
            left.append(new)
    values = [
        (item.finding.field, item.finding.value)
        for item in made.applied
        if item.finding.field in CONTACT_FIELDS
    ]
    changes = with_values(contact, values)
    given_values = {
        name: getattr(changes, name)
        for name in ("organisation", "title", "emails")
        if not isinstance(getattr(changes, name), type(changes.kind))
    }
    return left, replace(contact, **given_values)


@given(CONTACTS, FOUND, LOCKS, st.sampled_from([None, 0.9, 0.0]))
def test_asking_again_changes_nothing(
    contact: Contact, found: dict[str, list[Finding]], locks: set[Field], threshold: float | None
) -> None:
    """What was done once is not done twice, whoever says what: nothing goes back and forth."""
    past, now = after(plan(contact, found, [], locks, threshold), [], contact)
    again = plan(now, found, past, locks, threshold)
    assert again == Plan(now)


@given(CONTACTS, FOUND, LOCKS, st.sampled_from([None, 0.9, 0.0]))
def test_nobodys_word_is_replaced(
    contact: Contact, found: dict[str, list[Finding]], locks: set[Field], threshold: float | None
) -> None:
    """Where somebody has typed something, or taken it away, nothing waits or is applied."""
    made = plan(contact, found, [], locks, threshold)
    touched = {item.finding.field for item in (*made.applied, *made.proposed)}
    assert not touched & locks
    assert contact.organisation is None or Field.ORGANISATION not in touched
    kept = {value_key(Field.EMAIL, item.address) for item in contact.emails}
    assert not kept & {
        item.key for item in (*made.applied, *made.proposed) if item.finding.field is Field.EMAIL
    }
    assert threshold is not None or not made.applied
    assert all(item.finding.confidence >= (threshold or 0) for item in made.applied)


@given(CONTACTS, FOUND, st.sampled_from(list(ProposalState)))
def test_what_was_decided_is_not_proposed_again(
    contact: Contact, found: dict[str, list[Finding]], state: ProposalState
) -> None:
    """Neither applied, nor rejected, nor reverted; only what was superseded may come again."""
    first = plan(contact, found, [], (), None)
    past, _ = after(first, [], contact)
    decided = [replace(item, state=state) for item in past]
    again = plan(contact, found, decided, (), None)
    free = state is ProposalState.SUPERSEDED
    assert len(again.proposed) == (len(first.proposed) if free else 0)


def test_what_is_found_again_is_as_new_as_it_was_found() -> None:
    """What waits does not go on expiring while its provider goes on saying it."""
    said = finding(Field.COUNTRY, "SE", 0.8)
    for newer in (replace(said, observed_at=NOW), replace(said, expires_at=NOW)):
        past, _ = after(plan(CONTACT, {"a.one": [said]}, [], (), None), [], CONTACT)
        made = plan(CONTACT, {"a.one": [newer]}, past, (), None)
        assert [(known, item.finding) for known, item in made.refreshed] == [(past[0].id, newer)]
        past, _ = after(made, past, CONTACT)
        assert plan(CONTACT, {"a.one": [newer]}, past, (), None) == Plan(CONTACT)


@given(CONTACTS, FOUND)
def test_one_value_stands_in_one_place(contact: Contact, found: dict[str, list[Finding]]) -> None:
    """Of all that is sure enough the surest is taken, once for each place."""
    made = plan(contact, found, [], (), 0.0)
    places = [(item.finding.field, place_of(item.finding.field, item.key)) for item in made.applied]
    assert len(places) == len({*places})
    for item in made.applied:
        rivals = [
            each.confidence
            for findings in found.values()
            for each in findings
            if each.field is item.finding.field and each.field not in LIST_FIELDS
        ]
        assert item.finding.confidence >= max(rivals, default=0)


@given(CONTACTS, st.sampled_from(["x@a.example", "y@b.example"]))
def test_what_is_taken_back_was_not_there(contact: Contact, address: str) -> None:
    """A list is then as it was before, but for what it had already."""
    emails = with_values(contact, [(Field.EMAIL, address)]).emails
    assert isinstance(emails, tuple)
    longer = replace(contact, emails=emails)
    key = value_key(Field.EMAIL, address)
    shorter = without_value(longer, Field.EMAIL, key, None).emails
    assert shorter == tuple(item for item in contact.emails if item.address != address)
