"""Rows of the first revisions, after the later ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql

from crm_contacts.filter_keys import FILLED
from meishi.database.migrations import MigratedPlugin, MigrationRunner
from meishi.database.roles import RoleNames
from meishi.host import Host
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.installation import migrated
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, Location

Document = dict[str, Any]


class Steps:
    """Takes a plugin's tables to its first revision and back to its last, under the application."""

    def __init__(self, runner: MigrationRunner, host: Host, subject: MigratedPlugin) -> None:
        self._runner = runner
        self._host = host
        self._subject = subject

    def down(self, number: str = "0001") -> None:
        """Go down to the first revision, or the one with a number."""
        assert self._runner.downgrade(self._subject, f"{self._subject.name}_{number}")
        self._host.engine.dispose()

    def up(self) -> None:
        """Go up to the last one."""
        assert self._runner.upgrade(self._subject)
        self._host.engine.dispose()


@pytest.fixture
def steps(
    request: pytest.FixtureRequest,
    contributions: list[Contribution],
    database: Location,
    host: Host,
) -> Iterator[Steps]:
    """Steps of the plugin that the test names, on the database of this test."""
    runner = MigrationRunner(database.administrator_url(), database.runtime_url, RoleNames("test"))
    subjects = [migrated(item) for item in contributions if item.plugin == request.param]
    assert subjects[0] is not None
    try:
        yield Steps(runner, host, subjects[0])
    finally:
        runner.close()


CONTACTS = "/api/v1/contacts"
PEOPLE: list[Document] = [
    {
        "name": {"full": "Łukasz Ångström-Bø", "given": "Łukasz", "additional": "Æsir"},
        "nicknames": ["Lukę"],
        "organisation": "Straße & Söhne",
        "units": ["Fasader"],
        "title": "Chef",
        "role": "Kassör",
        "birthday": "1990-04-04",
        "emails": [{"address": "L.Bo_1@Example.org"}, {"address": "łuk@arkitekter.example"}],
        "phones": [{"number": "+46 70-123 45 67"}, {"number": "08-4000 12"}],
        "note": f"{'filler ' * 60}08-12 34 {'x' * 300} Zanzibar",
    },
    {"name": {"full": "山田太郎"}, "organisation": "名刺株式会社", "note": "ไทยรัก 한국어"},
    {
        "name": {"full": "Иван Петров", "family": "Петров"},
        "links": [{"url": "https://www.Example.org/ivan/"}, {"url": "//Example.net/?Q=É"}],
        "addresses": [{"locality": "Київ"}, {"street": "Łąka 1", "country": "Україна"}],
        "birthday": "--0404",
        "note": " ".join(f"w{place}" for place in range(1_000)),
    },
    {"name": {"full": "\uff21\uff22 ﬁsh"}, "kind": "org", "phones": [{"number": "x"}]},
    {"name": {"full": "Office"}, "emails": [{"address": "postmaster"}]},
]
QUERIES: list[dict[str, str]] = [
    *(
        {"q": text}
        for text in (
            *("lukasz", "bo", "aesir", "luke", "strasse", "fasad", "kassor", "l.bo_1@example.org"),
            *("luk@arkitekter.example", "arkitekter", "070-123 45 67", "+46701234567", "08400012"),
            *(
                "081234",
                "zanzibar",
                "太郎",
                "会社",
                "รัก",
                "국어",
                "петр",
                "ivan",
                "київ",
                "ab fish",
            ),
            "postmaster",
            *("w7", "w150", "w999", "angstrem"),
        )
    ),
    {"filter[name][prefix]": "łukasz angs"},
    {"filter[name][eq]": "AB fish"},
    {"filter[family_name][eq]": "петров"},
    {"filter[organisation][prefix]": "STRASSE"},
    {"filter[title][eq]": "chef"},
    {"filter[email][eq]": "L.bo_1@example.org"},
    {"filter[email][prefix]": "łuk"},
    {"filter[phone][prefix]": "+46 70"},
    {"filter[kind][eq]": "org"},
    {"sort": "-name,organisation"},
    {"filter[role][prefix]": "kass"},
    {"filter[birthday][eq]": "--04-04"},
    {"filter[birthday][lte]": "1990"},
    {"filter[link][eq]": "example.org/Ivan/"},
    {"filter[link][prefix]": "example.net/?q=e"},
    {"filter[locality][eq]": "київ"},
    {"filter[street][prefix]": "laka"},
    *(
        {f"filter[{name}][empty]": "false"}
        for names in FILLED.values()
        for name in names
        if not name.startswith("past_")
    ),
    {"filter[email][empty]": "true"},
]


@pytest.mark.parametrize("steps", ["crm_contacts"], indirect=True)
def test_contacts_of_the_first_revision_are_found_like_new_ones(
    steps: Steps,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    database: Location,
) -> None:
    """Rows from before keys and words answer every search and filter; down and up is no change."""
    made = [
        client.post(CONTACTS, json=person, headers=other_workspace.headers).json
        for person in PEOPLE
    ]
    expected = answers(client, other_workspace)
    assert sum(len(names) for names in expected.values()) > len(QUERIES)
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        words = words_of(admin, other_workspace)
        steps.down()
        for document in made:
            assert document is not None
            insert(admin, workspace, document)
        steps.up()
        for _ in range(2):
            for each in (workspace, other_workspace):
                assert answers(client, each) == expected
                assert words_of(admin, each) == words
            steps.down()
            steps.up()


@pytest.mark.parametrize("steps", ["crm_contacts"], indirect=True)
def test_contacts_lose_what_a_workspace_says_of_them_and_can_get_it_again(
    steps: Steps, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Down and up again, contacts are there without tags, fields, lists, segments and notes."""
    headers = workspace.headers
    field = {"key": "score", "title": "Score", "type": "number"}
    for _ in range(2):
        said = {"tags": ["VIP"], "custom": {"score": 1}}
        made = [
            client.post(f"{CONTACTS}{path}", json=document, headers=headers)
            for path, document in (
                ("/custom-fields", field),
                ("", {"name": {"full": "Anna"}, **said}),
                ("/lists", {"name": "Guests"}),
                ("/segments", {"name": "All", "filter": {"tag": {"in": "vip"}}}),
            )
        ]
        assert [answer.status_code for answer in made] == [201] * 4
        contact, guests = (str((made[place].json or {})["id"]) for place in (1, 2))
        note = client.post(f"{CONTACTS}/{contact}/notes", json={"text": "x"}, headers=headers)
        members = {"contact_ids": [contact]}
        client.post(f"{CONTACTS}/lists/{guests}/members", json=members, headers=headers)
        assert note.status_code == 201
        shown = client.get(f"{CONTACTS}?filter[list][in]=guests", headers=headers).json or {}
        assert [(item["tags"], item["custom"]) for item in shown["items"]] == [
            (["VIP"], {"score": 1})
        ]
        steps.down()
        steps.up()
        after = client.get(f"{CONTACTS}/{contact}", headers=headers).json or {}
        assert (after["tags"], after["custom"], after["name"]["full"]) == ([], {}, "Anna")
        for path in ("/tags", "/custom-fields", "/lists", "/segments", f"/{contact}/notes"):
            assert (client.get(f"{CONTACTS}{path}", headers=headers).json or {})["items"] == []


@pytest.mark.parametrize("steps", ["crm_contacts"], indirect=True)
def test_addresses_from_before_they_had_normal_forms_have_them(
    steps: Steps, client: FlaskClient, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """All of them, slice by slice, are written as those that come in now; none is verified."""
    person = {"name": {"full": "Anna"}, "addresses": [{"locality": "Київ"}]}
    document = client.post(CONTACTS, json=person, headers=workspace.headers).json
    assert document is not None
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        steps.down()
        insert(admin, workspace, document)
        admin.execute(
            "INSERT INTO crm_contacts.address (workspace_id, contact_id, position, street, country,"
            " types, is_primary, parameters)"
            " SELECT workspace_id, contact_id, n, 'Main Street ' || n, 'Sverige', '{}', false, '[]'"
            " FROM crm_contacts.address, generate_series(1, 1100) AS n WHERE position = 0"
        )
        steps.up()
        rows = admin.execute(
            "SELECT position, normalised, verified FROM crm_contacts.address"
        ).fetchall()
    assert len(rows) == 2 * 1101  # of the contact from before and of that one
    assert set(rows) == {
        (place, f";;main str {place};;;;SE" if place else ";;;киів;;;", False)
        for place in range(1101)
    }


@pytest.mark.parametrize("steps", ["crm_contacts"], indirect=True)
def test_what_was_attached_before_it_was_searched_is_found(
    steps: Steps, client: FlaskClient, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """Tags, values and notes of the revision before have the words that new ones are given."""
    headers = workspace.headers
    field = {"key": "hobby", "title": "Hobby", "type": "text"}
    said = {"tags": ["VIP 2019", "Éclair"], "custom": {"hobby": "b2b Tieftauchen"}}
    made = [
        client.post(f"{CONTACTS}{path}", json=document, headers=headers)
        for path, document in (
            ("/custom-fields", field),
            ("", {**PEOPLE[0], **said}),
            ("", {"name": {"full": "Anna"}, "tags": ["vip 2019"]}),
        )
    ]
    assert [answer.status_code for answer in made] == [201] * 3
    notes = f"{CONTACTS}/{(made[1].json or {})['id']}/notes"
    for place in range(60):
        text = f"{PEOPLE[place % 3].get('note')} n{place} 山田太郎 {place}" * 2
        assert client.post(notes, json={"text": text}, headers=headers).status_code == 201
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        words = words_of(admin, workspace)
        steps.down("0016")
        assert not {weight for *_, weight in words_of(admin, workspace)} & {3, 2, 0}
        steps.up()
        assert words_of(admin, workspace) == words


@pytest.mark.parametrize("steps", ["crm_contacts"], indirect=True)
def test_long_names_are_found_by_the_keys_that_they_have_now(
    steps: Steps, client: FlaskClient, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """A key that was longer than an index has room for is cut like that of a new contact."""
    name = "a" + "文é名刺" * 70
    contact = {"name": {"full": name}}
    made = client.post(CONTACTS, json=contact, headers=workspace.headers).json or {}
    steps.down("0020")
    with psycopg.connect(database.administrator_url()) as admin:
        key = name.replace("é", "e")[:250]
        admin.execute("UPDATE crm_contacts.contact SET name_key = %s", [key])
    steps.up()
    for operator, size in (("eq", len(name)), ("prefix", 240), ("prefix", 90)):
        query = {f"filter[name][{operator}]": name[:size]}
        found = client.get(CONTACTS, query_string=query, headers=workspace.headers).json or {}
        assert [item["id"] for item in found["items"]] == [made["id"]]


@pytest.mark.parametrize("steps", ["crm_contacts"], indirect=True)
def test_contacts_do_not_change_by_what_they_are_filtered_by(
    steps: Steps, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Jobs of the revision before are found like new ones, and a feed does not tell of it."""
    past = {"organisation": "Ågren & Co", "title": "Lärling", "current": False}
    document = {**PEOPLE[0], "positions": [past]}
    made = client.post(CONTACTS, json=document, headers=workspace.headers)
    assert made.status_code == 201, made.text

    def changes(since: str | None) -> Document:
        query = {} if since is None else {"since": since}
        answer = client.get(f"{CONTACTS}/changes", query_string=query, headers=workspace.headers)
        return dict(answer.json or {})

    def found(name: str, value: str) -> int:
        query = {f"filter[{name}": value}
        answer = client.get(CONTACTS, query_string=query, headers=workspace.headers)
        return len((answer.json or {})["items"])

    seen = changes(None)
    assert (len(seen["items"]), seen["more"]) == (1, False)
    for _ in range(2):
        steps.down("0022")
        steps.up()
        for name in ("past_organisation][eq]", "past_organisation][prefix]"):
            assert found(name, "AGREN & co") == 1
        assert found("past_title][eq]", "larling") == 1
        assert found("past_title][empty]", "true") == 0
        assert changes(seen["next"])["items"] == []


def answers(client: FlaskClient, workspace: WorkspaceUnderTest) -> dict[str, list[str]]:
    """Return the names that each query finds, in their order."""
    found = {}
    for query in QUERIES:
        answer = client.get(CONTACTS, query_string=query, headers=workspace.headers)
        assert answer.json is not None
        found[str(query)] = [item["name"]["full"] for item in answer.json["items"]]
    return found


def words_of(
    admin: psycopg.Connection[Any], workspace: WorkspaceUnderTest
) -> set[tuple[str, str, int]]:
    """Return the words of all contacts, with names and weights."""
    return set(
        admin.execute(
            "SELECT full_name, word, weight FROM crm_contacts.contact_word w"
            " JOIN crm_contacts.word USING (workspace_id, word)"
            " JOIN crm_contacts.contact c ON c.id = w.contact_id WHERE w.workspace_id = %s",
            (workspace.id,),
        )
    )


def insert(
    admin: psycopg.Connection[Any], workspace: WorkspaceUnderTest, document: Document
) -> None:
    """Write a contact as the first revision has it, under the last digits of another's id."""
    contact_id = UUID(int=UUID(document["id"]).int ^ (1 << 100))
    kept = (
        *("kind", "nicknames", "organisation", "units", "title", "role", "birthday", "note"),
        "version",
    )
    names = {f"{part}_name": document["name"][part] for part in ("full", "given", "family")}
    row = {
        **{name: document[name] for name in (*kept, "created_at", "updated_at")},
        **names,
        "additional_name": document["name"]["additional"],
        "raw": "[]",
    }
    add(admin, "contact", {"workspace_id": workspace.id, "id": contact_id, **row})
    parts = {
        "email": ("emails", "address", "normalised"),
        "phone": ("phones", "number", "normalised"),
        "link": ("links", "url", "normalised"),
        "address": ("addresses", "street", "locality", "country"),
    }
    place = {"workspace_id": workspace.id, "contact_id": contact_id, "types": []}
    for table, (field, *columns) in parts.items():
        for position, part in enumerate(document[field]):
            values = {name: part[name] for name in columns}
            fixed = {"position": position, "is_primary": False, "parameters": "[]"}
            add(admin, table, place | fixed | values)


def add(admin: psycopg.Connection[Any], table: str, values: Mapping[str, object]) -> None:
    """Insert one row."""
    admin.execute(
        sql.SQL("INSERT INTO crm_contacts.{} ({}) VALUES ({})").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(map(sql.Placeholder, values)),
        ),
        values,
    )


@pytest.mark.parametrize("steps", ["qr"], indirect=True)
def test_cards_and_static_codes_of_the_first_revision_stay(
    steps: Steps, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Down and up again they say the same; a card gets a new slug, which leads to its page.

    Who made it is not known any more.
    """

    def sent(path: str, document: Document) -> Document:
        answer = client.post(path, json=document, headers=workspace.headers)
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    contact = sent(CONTACTS, PEOPLE[0])
    card = sent("/api/v1/qr/cards", {"contact_id": contact["id"]})
    code = sent("/api/v1/qr/codes", {"card_id": card["id"], "kind": "vcard"})
    for _ in range(2):
        steps.down()
        steps.up()
        again, code_again = (
            client.get(f"/api/v1/qr/{path}", headers=workspace.headers).json
            for path in (f"cards/{card['id']}", f"codes/{code['id']}")
        )
        assert again is not None
        assert code_again == code
        assert again["created_by"] is None
        lost = ("slug", "page_url", "created_by")
        assert without(again, *lost) == without(card, *lost)
        assert client.get(f"/p/{again['slug']}").status_code == 200
        assert client.get(f"/p/{card['slug']}").status_code == 404


@pytest.mark.parametrize("steps", ["crm_graph"], indirect=True)
def test_ties_of_colleagues_stay_where_they_were_stored(
    steps: Steps,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
    database: Location,
) -> None:
    """The first revision stores them, the last does not; the graph is the same."""
    deliver_events.register()

    def sent(path: str, document: Document) -> str:
        answer = client.post(f"{CONTACTS}{path}", json=document, headers=workspace.headers)
        assert answer.status_code == 201, answer.text
        return str((answer.json or {})["id"])

    def ties() -> Document:
        found = client.get("/api/v1/graph/ties", headers=workspace.headers).json
        return without(found or {}, "version")

    def stored() -> tuple[int, int]:
        with psycopg.connect(database.administrator_url()) as admin:
            counted = (
                admin.execute(f"SELECT count(*) FROM crm_graph.{table}").fetchone()
                for table in ("evidence", "tie")
            )
            pieces, pairs = (found[0] if found else -1 for found in counted)
            return pieces, pairs

    anna, bo, *_ = [
        sent("", {"name": {"full": name}, "organisation": organisation})
        for name, organisation in (("Anna", "Ek"), ("Bo", "Ek AB"), ("Cleo", "Ek"), ("Dan", "Bo"))
    ]
    sent(f"/{anna}/relationships", {"target_id": bo, "type": "child"})
    deliver_events()
    before = ties()
    assert len(before["strengths"]) == 3
    for _ in range(2):
        assert stored() == (1, 1)
        steps.down()
        assert stored() == (4, 3)
        steps.up()
        assert ties() == before


def without(document: Document, *names: str) -> Document:
    """Return a document but for some members."""
    return {name: value for name, value in document.items() if name not in names}
