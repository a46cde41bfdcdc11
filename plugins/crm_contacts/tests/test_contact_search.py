"""Search over HTTP, and the function behind it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest

from crm_contacts.contract import ContactDraft, Email, Name, Phone
from crm_contacts.normalisation import normalised
from crm_contacts.words import MAX_WORD, MAX_WORDS, search_terms, search_words
from meishi.sdk.database import current_connection
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import CONTACTS, ContactsClient

LONG_NOTE = f"{'filler ' * 60}Zanzibar"
PEOPLE: list[dict[str, Any]] = [
    {
        "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
        "organisation": "Lindqvist Arkitekter",
        "units": ["Fasader"],
        "title": "Chef",
        "emails": [{"address": "Anna.L@Arkitekter.Example"}],
        "phones": [{"number": "+46 70-123 45 67"}],
        "note": "Träffades på mässan",
    },
    {"name": {"full": "Johanna Ek"}, "nicknames": ["Hanna"], "role": "Kassör", "note": LONG_NOTE},
    {"name": {"full": "Łukasz Ångström"}, "phones": [{"number": "08-4000 12"}]},
    {"name": {"full": "山田太郎"}, "organisation": "名刺株式会社"},
    {"name": {"full": "Иван Петров"}, "note": "100%_sure\\"},
]
ANNA, HANNA, LUKASZ, YAMADA, IVAN = (person["name"]["full"] for person in PEOPLE)

FOUND: list[tuple[str, list[str]]] = [
    ("anna", [ANNA, HANNA]),
    ("ANNA lindqvist", [ANNA]),
    ("lindqvist ANNA", [ANNA]),
    ("lindq", [ANNA]),
    ("qvis", [ANNA]),
    ("lindkvist", [ANNA]),
    ("lindvqist", [ANNA]),
    ("lindkvist ana", [ANNA]),
    ("naan", []),
    ("anan lindqvist", [ANNA]),
    ("hcef", [ANNA]),
    ("cheef", [ANNA]),
    ("kassro", [HANNA]),
    ("anna ek", [HANNA]),
    ("anna petrov", []),
    ("hanna", [HANNA, ANNA]),
    ("kassor", [HANNA]),
    ("fasad", [ANNA]),
    ("chef arkitekter", [ANNA]),
    ("mässan", [ANNA]),
    ("Zanzibar", [HANNA]),
    ("anna.l@arkitekter.example", [ANNA]),
    ("<Anna.L@Arkitekter.Example>,", [ANNA]),
    ("anna@arkitekter.example", [ANNA]),
    ("ana@arkitekter.example", [ANNA]),
    ("@arkitekter", [ANNA]),
    ("070-123 45 67", [ANNA]),
    ("0701234567", [ANNA]),
    ("+46 (0)70 123 45 67", [ANNA]),
    ("0046 70 1234567", [ANNA]),
    ("123 45", [ANNA]),
    ("anna 123-45", [ANNA]),
    ("08 400012", [LUKASZ]),
    ("+46 8 400 012", [LUKASZ]),
    ("lukasz", [LUKASZ]),
    ("ŁUKASZ angstrom", [LUKASZ]),
    ("\uff41\uff4e\uff47\uff53\uff54\uff52\uff4f\uff4d", [LUKASZ]),
    ("山田", [YAMADA]),
    ("太郎", [YAMADA]),
    ("郎", [YAMADA]),
    ("名刺", [YAMADA]),
    ("петр", [IVAN]),
    ("ИВАН", [IVAN]),
    ("петрав", [IVAN]),
    ("100%_sure\\", [IVAN]),
    ("%", []),
    ("___", []),
    ("\\", []),
    ("a", [ANNA, LUKASZ]),
    ("xyzzy", []),
    ("'; DROP TABLE", []),
]


def test_search_finds_people_by_whatever_is_known(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """Words, their beginnings and parts, typing errors, numbers in any format; all must match."""
    for person in PEOPLE:
        contacts.create(person)
    for text, names in FOUND:
        with subtests.test(text=text):
            page = contacts.page(q=text, total=True)
            assert {item["name"]["full"] for item in page["items"]} == set(names)
            assert page["total"] == len(names)


def test_best_matches_come_first(contacts: ContactsClient) -> None:
    """The word itself is before its beginning, a part and something like it; names before notes."""
    order = ["Hanna", "Other", "Hannah", "Johanna", "Hamna"]
    notes = {"Other": "hanna"}
    for name in reversed(order):
        contacts.create({"name": {"full": name}, "note": notes.get(name)})
    found = [item["name"]["full"] for item in contacts.page(q="hanna")["items"]]
    assert found == order


def test_pages_of_a_search_go_on_where_they_ended(contacts: ContactsClient) -> None:
    """Contacts of one rank come in order of creation, each on one page; sorts hold in searches."""
    names = [f"Ann{letter}" for letter in "edcba"]
    created = [contacts.create({"name": {"full": name}})["id"] for name in names]
    contacts.create({"name": {"full": "Bo"}})
    seen: list[str] = []
    query: dict[str, Any] = {"q": "ann", "limit": 2}
    while query.get("after", "") is not None:
        page = contacts.page(**query)
        seen += [item["id"] for item in page["items"]]
        query["after"] = page["next_after"]
    assert seen == created
    by_name = contacts.page(q="ann", sort="name", **{"filter[name][prefix]": "annb"})
    assert [item["name"]["full"] for item in by_name["items"]] == ["Annb"]
    by_name = contacts.page(q="ann", sort="-name", limit=2)
    assert [item["name"]["full"] for item in by_name["items"]] == ["Anne", "Annd"]
    rest = contacts.page(q="ann", sort="-name", after=by_name["next_after"])
    assert [item["name"]["full"] for item in rest["items"]] == ["Annc", "Annb", "Anna"]


def test_whole_number_finds_its_owner_alone(contacts: ContactsClient) -> None:
    """However alike other numbers are, a digit that differs makes them somebody else's."""
    numbers = [f"+467012075{place:02}" for place in range(80)]
    for number in numbers:
        contacts.create({"name": {"full": number[-2:]}, "phones": [{"number": number}]})
    for text in (numbers[67], "0046 70 120 75 67", "4670-1207567"):
        found = contacts.page(q=text, total=True)
        assert [item["phones"][0]["number"] for item in found["items"]] == [numbers[67]]
        assert found["total"] == 1
    assert contacts.page(q="+46701207599", total=True)["total"] == 0


def test_search_follows_changes(contacts: ContactsClient) -> None:
    """What a contact says no longer does not find it; deleted ones are found among themselves."""
    created = contacts.create({"name": {"full": "Anna"}, "note": "Zanzibar"})
    path, headers = f"{CONTACTS}/{created['id']}", contacts.headers | {"If-Match": "*"}
    contacts.client.patch(path, json={"note": "Madagascar"}, headers=headers)
    assert contacts.page(q="zanzibar")["items"] == []
    assert len(contacts.page(q="madagascar")["items"]) == 1
    contacts.client.delete(path, headers=headers)
    assert contacts.page(q="anna")["items"] == []
    assert len(contacts.page(q="anna", **{"filter[deleted][eq]": True})["items"]) == 1


FUNCTION = "crm_contacts.search_contacts"
CALL = f"SELECT contact_id, rank FROM {FUNCTION}(%(terms)s, %(ends)s, %(parts)s)"
ANN = {"terms": ["ann"], "ends": ["ano"], "parts": ["ann"]}


@pytest.mark.inside
def test_search_reads_the_workspace_alone(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Past row security, the function still returns nothing of others, and nothing without one."""
    own = contacts.create({"name": {"full": "Anna Annasson"}})["id"]
    contacts.of(other_workspace).create({"name": {"full": "Annika"}})
    with workspace.acting_as("crm_contacts"):
        connection = current_connection()
        found = connection.exec_driver_sql(CALL, ANN).all()
        assert [row.contact_id for row in found] == [UUID(own)]
        connection.exec_driver_sql("SET LOCAL meishi.workspace = ''")
        assert connection.exec_driver_sql(CALL, ANN).all() == []
        connection.exec_driver_sql("RESET meishi.workspace")
        assert connection.exec_driver_sql(CALL, ANN).all() == []


def test_function_past_row_security_is_pinned(plugin_database: Location) -> None:
    """It belongs to the owner role, finds names nowhere by chance, and only the plugin calls it."""
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as connection:
        row = connection.execute(
            """
            SELECT proowner::regrole::text, prosecdef, proconfig,
                array(SELECT grantee::regrole::text FROM aclexplode(proacl))
            FROM pg_proc WHERE oid = %s::regproc
            """,
            (FUNCTION,),
        ).fetchone()
    assert row is not None
    owner, definer, config, grantees = row
    assert definer
    assert owner.endswith("crm_contacts_owner")
    assert "search_path=pg_catalog, pg_temp" in config
    assert set(grantees) == {owner, owner.replace("_owner", "_run")}


def test_words_of_a_contact_are_few_and_short() -> None:
    """However much is written, so many words of such a length count, the heaviest use of each."""
    note = " ".join(f"w{place}{'x' * 100}" for place in range(1_000)) + " anna"
    words = search_words(ContactDraft(name=Name(full="Anna Ek"), note=note))
    # What they begin with is no more to read: here it is the same of all.
    assert words.pop("w") == 1
    assert len(words) == MAX_WORDS
    assert max(map(len, words)) == MAX_WORD
    assert (words["anna"], words["ek"]) == (8, 8)


def test_words_are_letters_and_digits_however_joined() -> None:
    """Addresses count as a whole and by their words, numbers by their digits."""
    draft = ContactDraft(
        name=Name(full="O'Neil-Łoś"),
        emails=(Email(address="A.B_c@Example.org"),),
        phones=(Phone(number="+46 70-123 45 67"),),
        note="tel: 08-12 34",
    )
    words = set(search_words(normalised(draft, None)))
    assert words == {
        *("o", "neil", "los", "@a.b_c@example.org", "a", "b", "c", "example", "org"),
        *("46701234567", "tel", "08", "12", "34", "081234"),
    }


def test_what_goes_on_in_digits_counts_by_its_beginning(contacts: ContactsClient) -> None:
    """Letters are looked for among letters alone, and find mailboxes with numbers all the same."""
    draft = ContactDraft(name=Name(full="B2B"), emails=(Email(address="berg77@x.example"),))
    words = search_words(normalised(draft, None))
    assert words == {
        "b2b": 8,
        "b": 8,
        **dict.fromkeys(("@berg77@x.example", "berg77", "berg", "x", "example"), 6),
    }
    contacts.create({"name": {"full": "Anna"}, "emails": [{"address": "annaberg77@x.example"}]})
    contacts.create({"name": {"full": "Bo Berg"}})
    for text, names in (("annab", ["Anna"]), ("berg", ["Bo Berg", "Anna"]), ("berg77", ["Anna"])):
        found = contacts.page(q=text)["items"]
        assert [item["name"]["full"] for item in found] == names


def test_digits_of_a_word_are_no_number() -> None:
    """What is joined to letters is looked for with them."""
    assert [term.word for term in search_terms("person12345", None)] == ["person12345"]
    assert [term.word for term in search_terms("ek 12345", None)] == ["12345", "ek"]


@pytest.mark.parametrize("region", [None, "SE"])
def test_search_for_a_number_knows_its_ways_of_writing(region: str | None) -> None:
    """With country code or zeros, the part that is looked for is the same."""
    for written in ("+46 70 123 45 67", "070-123 45 67", "0046701234567", "+46 (0)70-1234567"):
        (term,) = search_terms(written, region)
        assert term.part == "701234567"
