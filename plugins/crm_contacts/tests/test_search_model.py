"""Search and lists against simple models of what they promise, on people made by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest

from crm_contacts.contract import ContactDraft, Contacts, CustomFields, CustomFieldType, Email, Name
from crm_contacts.normalisation import normalised
from crm_contacts.repository.searching import match_values
from crm_contacts.words import search_terms, search_words
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient

NAMES = "anna annika ann hanna johanna anders andersson lind lindqvist berg bergman ek".split()
QUERIES = (
    "ann", "anna", "an", "anders", "lind", "berg", "qvist", "anna lind", "ann berg", "hanna ek",
    "an ber", "lind anna ek", "johanna lindqvist", "nna", "ber man", "petrus", "anna petrus",
)  # fmt: skip
MATCHES = "SELECT * FROM crm_contacts.search_contacts(%(terms)s, %(ends)s, %(parts)s)"
LEAST_PART = 3


def people(seed: int) -> Iterator[ContactDraft]:
    """Yield people with names, firms and notes of a few words, which many have in common."""
    chance = random.Random(seed)
    for _ in range(60):
        name = " ".join(chance.sample(NAMES, chance.randrange(1, 4)))
        firm = chance.choice([None, *NAMES])
        yield ContactDraft(
            name=Name(full=name), organisation=firm, note=chance.choice([None, *NAMES])
        )


def score_of(term: str, words: dict[str, int]) -> int:
    """Return how well a contact fits one word of a search; 0 if it has nothing of it."""
    scores = [0]
    for word, weight in words.items():
        if word == term:
            scores.append(60 + weight)
        elif word.startswith(term):
            scores.append(40 + weight)
        elif len(term) >= LEAST_PART and term in word:
            scores.append(20 + weight)
    return max(scores)


@pytest.mark.inside
@pytest.mark.parametrize("seed", range(3))
def test_search_finds_and_ranks_as_the_model_does(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, seed: int
) -> None:
    """Whoever has each word, its beginning or a part is found, in the order of how well it fits.

    What is only similar to a word comes behind all of these, and in the order of ids where ranks
    are the same.
    """
    assert workspace.headers == contacts.headers
    words: dict[UUID, dict[str, int]] = {}
    with workspace.acting_as("crm_contacts"):
        for draft in people(seed):
            words[service(Contacts).create(draft).id] = search_words(normalised(draft, None))
    for query in QUERIES:
        terms = search_terms(query, None)
        scores = {
            found: [score_of(term.word, known) for term in terms] for found, known in words.items()
        }
        wanted = {found: 68 * len(terms) - sum(some) for found, some in scores.items() if all(some)}
        with workspace.acting_as("crm_contacts"):
            rows = execute(MATCHES, match_values(terms))
        assert rows == sorted(rows, key=lambda row: (row[1], row[0])), query
        ranks = dict(rows)
        assert len(ranks) == len(rows), query
        assert {found: ranks.get(found) for found in wanted} == wanted, query
        similar = ranks.keys() - wanted.keys()
        assert all(any(not score for score in scores[found]) for found in similar), query


PREFIXES = ("a", "an", "ann", "anna@", "b", "c", "zz")
VALUES = ("ann", "anna", "bo", "Ännchen", "cilla")


def test_pages_by_a_beginning_are_those_of_the_model(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """By emails and custom values: each contact once, however often it fits, in order of creation.

    Deleted ones are among themselves, either way round.
    """
    chance = random.Random(11)
    held: dict[str, tuple[list[str], str | None, bool]] = {}
    with workspace.acting_as("crm_contacts"):
        service(CustomFields).create("alias", title="Alias", type=CustomFieldType.TEXT)
        for place in range(40):
            emails = [f"{chance.choice(VALUES)}@{n}.example".lower() for n in range(place % 4)]
            alias = chance.choice([None, *VALUES])
            draft = ContactDraft(
                name=Name(full=f"Person {place}"),
                emails=tuple(Email(address=address) for address in emails),
                custom=() if alias is None else (("alias", alias),),
            )
            made = service(Contacts).create(draft).id
            gone = chance.random() < 0.2
            if gone:
                service(Contacts).delete(made)
            held[str(made)] = emails, alias, gone
    for prefix in PREFIXES:
        for deleted in (False, True):
            by_email = [
                key
                for key, (emails, _, gone) in held.items()
                if gone == deleted and any(text.startswith(prefix) for text in emails)
            ]
            by_alias = [
                key
                for key, (_, alias, gone) in held.items()
                if gone == deleted
                and alias is not None
                and alias.lower().replace("ä", "a").startswith(prefix)
            ]
            for field, wanted in (("email", by_email), ("custom.alias", by_alias)):
                query = {f"filter[{field}][prefix]": prefix, "filter[deleted][eq]": deleted}
                assert _all_pages(contacts, query) == wanted, (field, prefix, deleted)
                backwards = query | {"sort": "-created_at"}
                assert sorted(_all_pages(contacts, backwards)) == sorted(wanted)


def _all_pages(contacts: ContactsClient, query: Mapping[str, object]) -> list[str]:
    page = contacts.page(limit=3, total=True, **query)
    found = [item["id"] for item in page["items"]]
    while page["next_after"]:
        page = contacts.page(limit=3, total=True, after=page["next_after"], **query)
        found += [item["id"] for item in page["items"]]
    assert page["total"] == len(found)
    return found
