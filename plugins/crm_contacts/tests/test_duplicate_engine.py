"""The engine that finds duplicates: what speaks for and against, keys, groups."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_contacts.contract import (
    Address,
    Agreement,
    ContactDraft,
    ContactKind,
    Email,
    Name,
    Phone,
    RawProperty,
)
from crm_contacts.duplicates import (
    MAX_KEYS,
    Frequencies,
    blocking_keys,
    clusters_of,
    compare,
    profile_of,
)

MANY = Frequencies(
    contacts=100_000,
    given={"anna": 2_000, "bo": 400},
    family={"svensson": 1_000, "lindqvist": 60},
    locality={"uppsala": 3_000},
)
HOME = Address(street="Storgatan 7", locality="Uppsala", postal_code="753 31")
CERTAIN, REVIEW = 10.0, -3.0


def draft(full: str, **values: Any) -> ContactDraft:
    """Return a contact with a given and a family name, or with one name."""
    given, _, family = full.rpartition(" ")
    name = Name(full=full, given=given or None, family=family or None)
    return ContactDraft(name=name, **values)


def bits(one: ContactDraft, other: ContactDraft, among: Frequencies = MANY) -> float:
    """Return the bits for two contacts being one, which are the same the other way round."""
    forward = compare(profile_of(one), profile_of(other), among)
    backward = compare(profile_of(other), profile_of(one), among)
    assert forward[0] == pytest.approx(backward[0], abs=0.02)
    assert forward[0] == pytest.approx(sum(item.bits for item in forward[1]), abs=0.02)
    return forward[0]


def said(one: ContactDraft, other: ContactDraft) -> dict[str, Agreement]:
    """Return what each field says."""
    return {
        item.field: item.agreement for item in compare(profile_of(one), profile_of(other), MANY)[1]
    }


def email(*addresses: str) -> dict[str, Any]:
    """Return emails."""
    return {"emails": tuple(Email(address=item) for item in addresses)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            draft("Anna Lindqvist", birthday="1980-03-21", addresses=(HOME,)),
            draft("Anna Lindkvist", birthday="1980-03-21", addresses=(HOME,)),
        ),
        (
            draft("Anna Lindqvist", **email("anna@x.se")),
            draft("Anna Lindqvist", **email("anna@x.se")),
        ),
        (
            draft("A. Lindqvist", **email("al@x.se")),
            draft("Anna Lindqvist", **email("AL@x.se", "b@y.se")),
        ),
        (
            draft("Lindqvist Anna", birthday="1980-03-21", addresses=(HOME,)),
            draft("Anna Lindqvist", birthday="1980-03-21", addresses=(HOME,)),
        ),
        (
            draft("Anna Lindqvist", raw=(RawProperty(name="X-PERSONNUMMER", value="800321-1234"),)),
            draft(
                "Anna Ek",
                raw=(RawProperty(name="X-PERSONNUMMER", value="800321-1234"),),
                birthday="1980",
            ),
        ),
    ],
    ids=["a slip in a name", "the same address", "an initial", "names exchanged", "a number"],
)
def test_who_is_one_is_worth_a_look_at_least(one: ContactDraft, other: ContactDraft) -> None:
    """And both have a key in common, so they are compared at all."""
    assert bits(one, other) >= REVIEW
    assert {*blocking_keys(profile_of(one))} & {*blocking_keys(profile_of(other))}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (draft("Anna Svensson"), draft("Anna Svensson")),
        (
            draft("Anna Svensson", addresses=(HOME,), phones=(Phone(number="018-123456"),)),
            draft("Bo Svensson", addresses=(HOME,), phones=(Phone(number="018-123456"),)),
        ),
        (
            draft("Anna Ek", organisation="Acme", **email("info@acme.se")),
            draft("Bo Lindqvist", organisation="Acme", **email("info@acme.se")),
        ),
        (
            draft("Anna Svensson", birthday="1950-01-01", addresses=(HOME,)),
            draft("Anna Svensson", birthday="1980-05-02", addresses=(HOME,)),
        ),
    ],
    ids=["a common name", "a couple", "colleagues", "mother and daughter"],
)
def test_who_has_much_in_common_is_not_certainly_one(
    one: ContactDraft, other: ContactDraft
) -> None:
    """People share names, homes, numbers and offices."""
    assert bits(one, other) < CERTAIN


def test_a_couple_is_two_people() -> None:
    """Family name, address and number together are those of a household."""
    home: dict[str, Any] = {"addresses": (HOME,), "phones": (Phone(number="018-123456"),)}
    assert bits(draft("Anna Svensson", **home), draft("Bo Svensson", **home)) < REVIEW
    assert "household" in said(draft("Anna Svensson", **home), draft("Bo Svensson", **home))


@pytest.mark.parametrize("among", [MANY, Frequencies()])
@pytest.mark.parametrize(
    "shared",
    [
        {"emails": (Email(address="lindqvist@home.example"),)},
        {"emails": (Email(address="lindqvist@home.example"),), "addresses": (HOME,)},
        {"birthday": "1980-03-21", "addresses": (HOME,), "phones": (Phone(number="018-123456"),)},
        {"birthday": "1980-03-21", "emails": (Email(address="lindqvist@home.example"),)},
    ],
    ids=["mailbox", "mailbox-and-home", "twins", "twins-with-a-mailbox"],
)
def test_couples_and_twins_are_looked_at_and_not_taken_for_one(
    shared: dict[str, Any], among: Frequencies
) -> None:
    """Who has another given name may share a mailbox, or a day of birth."""
    one, other = draft("Anna Lindqvist", **shared), draft("Bo Lindqvist", **shared)
    assert REVIEW < bits(one, other, among) < CERTAIN
    assert bits(one, draft("Anna Lindqvist", **shared), among) > CERTAIN


@pytest.mark.parametrize("among", [MANY, Frequencies()])
@pytest.mark.parametrize(
    ("one", "other"),
    [("Jan Lindqvist", "Jana Lindqvist"), ("Paul Lindqvist", "Paula Lindqvist"),
     ("Anna Lindqvist", "Hanna Lindqvist"), ("A Lindqvist", "Anna Lindqvist"),
     ("Lindqvist", "Anna Lindqvist")],
)  # fmt: skip
@pytest.mark.parametrize(
    "shared",
    [
        {"emails": (Email(address="lindqvist@home.example"),), "addresses": (HOME,)},
        {"birthday": "1980-03-21", "addresses": (HOME,), "phones": (Phone(number="018-123456"),)},
    ],
    ids=["mailbox-and-home", "twins"],
)
def test_a_given_name_that_is_only_alike_is_looked_at(
    one: str, other: str, shared: dict[str, Any], among: Frequencies
) -> None:
    """Families choose names that are alike; what is the same besides is what they share."""
    assert REVIEW < bits(draft(one, **shared), draft(other, **shared), among) < CERTAIN
    same = (RawProperty(name="X-CUSTOMER-ID", value="4711-0815"),)
    told, again = (draft(name, raw=same, **shared) for name in (one, other))
    assert bits(told, again, among) > CERTAIN


@pytest.mark.parametrize("among", [MANY, Frequencies()])
def test_a_child_is_not_taken_for_the_parent_of_its_name(among: Frequencies) -> None:
    """Who live together and share a mailbox, of other birthdays, or told apart by a suffix."""
    home: dict[str, Any] = {
        "emails": (Email(address="lindqvist@home.example"),),
        "addresses": (HOME,),
    }
    one = draft("Bo Lindqvist", birthday="1950-03-21", **home)
    other = draft("Bo Lindqvist", birthday="1982-11-05", **home)
    assert REVIEW < bits(one, other, among) < CERTAIN
    named = Name(full="Bo Lindqvist", given="Bo", family="Lindqvist")
    one, other = (
        ContactDraft(name=replace(named, suffix=suffix), **home) for suffix in ("Jr.", "Sr.")
    )
    assert REVIEW < bits(one, other, among) < CERTAIN


def test_a_rare_name_says_more_than_a_common_one() -> None:
    """By how many contacts of the workspace have it."""
    rare = bits(draft("Anna Lindqvist"), draft("Anna Lindqvist"))
    common = bits(draft("Anna Svensson"), draft("Anna Svensson"))
    assert rare > common + 3


@pytest.mark.parametrize(
    ("one", "other", "agreement"),
    [
        ("1980-03-21", "19800321", Agreement.SAME),
        ("1980-03-07", "1980-07-03", Agreement.SIMILAR),
        ("1980-03-21", "1980-03-12", Agreement.SIMILAR),
        ("1980-03-21", "--0321", Agreement.SIMILAR),
        ("1980-03-21", "1980", Agreement.SIMILAR),
        ("1980-03-21", "1975-11-02", Agreement.DIFFERENT),
        ("1980-03-21", None, None),
        ("1980-03-21", "spring", None),
    ],
)
def test_birthdays(one: str, other: str | None, agreement: Agreement | None) -> None:
    """Slips and parts count for something, what is unknown for nothing."""
    found = said(draft("Anna Ek", birthday=one), draft("Anna Ek", birthday=other))
    assert found.get("birthday") == agreement


def test_what_one_of_them_lacks_says_nothing() -> None:
    """No field that only one of both has is in the evidence."""
    one = draft("Anna Ek", birthday="1980-03-21", organisation="Acme", addresses=(HOME,))
    assert said(one, draft("Anna Ek")).keys() == {"given_name", "family_name", "prior"}


def test_a_company_is_nobody_who_works_there() -> None:
    """Kinds differ; two companies are one by name, whatever their legal form."""
    firm = ContactDraft(name=Name(full="Acme AB"), kind=ContactKind.ORG)
    same = ContactDraft(name=Name(full="ACME"), kind=ContactKind.ORG, **email("info@acme.se"))
    assert bits(firm, draft("Anna Ek", organisation="Acme AB")) < REVIEW
    assert said(firm, same)["name"] is Agreement.SAME


def test_keys_have_an_end() -> None:
    """Whoever has a hundred addresses is found by some of them."""
    one = draft("Anna Ek", **email(*(f"anna.ek{number}@example.org" for number in range(100))))
    assert len(blocking_keys(profile_of(one))) <= MAX_KEYS


def test_a_chain_is_no_group() -> None:
    """A like B and B like C do not make A and C the same, unless these resemble each other."""
    chain = [("a", "b", 12.0), ("b", "c", 11.0), ("c", "d", 10.5)]
    assert sorted(map(sorted, clusters_of(chain))) == [["a", "b"], ["c", "d"]]
    more = [("a", "c", 10.8), ("b", "d", 10.0), ("a", "d", 9.9)]
    assert [sorted(found) for found in clusters_of(chain + more)] == [["a", "b", "c", "d"]]


def test_who_is_apart_is_in_no_group() -> None:
    """Not by way of a third one, either."""
    all_pairs = [("a", "b", 12.0), ("b", "c", 11.0), ("a", "c", 10.0)]
    assert [sorted(found) for found in clusters_of(all_pairs)] == [["a", "b", "c"]]
    assert [sorted(found) for found in clusters_of(all_pairs, [("a", "c")])] == [["a", "b"]]
