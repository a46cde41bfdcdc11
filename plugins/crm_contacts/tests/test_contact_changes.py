"""Changing, deleting and restoring contacts over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import psycopg
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import CONTACTS, ContactsClient, EventLog, vcard

MERGE_PATCH = "application/merge-patch+json"
ADA: dict[str, Any] = {
    "name": {"full": "Ada Lovelace", "given": "Ada", "family": "Lovelace"},
    "uid": "ada",
    "organisation": "Analytical Engines",
    "nicknames": ["Countess"],
    "emails": [{"address": "ada@example.org"}, {"address": "ada@example.com"}],
    "phones": [{"number": "+46 70 123 45 67"}],
    "note": "First of all.",
}


class Changing:
    """One contact, read once and changed from what was read."""

    def __init__(self, contacts: ContactsClient, document: dict[str, Any]) -> None:
        self.contacts = contacts
        self.path = f"{CONTACTS}/{contacts.create(document)['id']}"
        self.headers = contacts.headers | {"If-Match": self.read().headers["ETag"]}

    def read(self) -> TestResponse:
        """Read the contact."""
        return self.contacts.client.get(self.path, headers=self.contacts.headers)

    def patch(self, patch: Any, **headers: str | None) -> TestResponse:
        """Change the contact, by default from the version that was read at first."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.contacts.client.patch(
            self.path, json=patch, headers={k: v for k, v in sent.items() if v is not None}
        )

    def delete(self, if_match: str = "*") -> TestResponse:
        """Delete the contact."""
        headers = self.headers | {"If-Match": if_match}
        return self.contacts.client.delete(self.path, headers=headers)

    def restore(self) -> TestResponse:
        """Restore the contact."""
        return self.contacts.client.post(f"{self.path}/restore", headers=self.contacts.headers)


@pytest.fixture
def ada(contacts: ContactsClient) -> Changing:
    """A contact that says something in most fields."""
    return Changing(contacts, ADA)


def test_patch_changes_what_it_names_and_nothing_else(ada: Changing, event_log: EventLog) -> None:
    """Absent members stay, names merge, lists are replaced, null empties; one event tells it."""
    before = ada.read().json
    answer = ada.patch(
        {
            "name": {"family": None, "full": "Ada King"},
            "note": None,
            "nicknames": None,
            "emails": [{"address": "ADA@king.example", "primary": True}],
        },
        Content_Type=MERGE_PATCH,
    )
    assert answer.status_code == 200, answer.text
    assert before is not None
    assert answer.json is not None
    after = answer.json
    assert after["name"] == before["name"] | {"full": "Ada King", "family": None}
    assert (after["note"], after["nicknames"], after["version"]) == (None, [], 2)
    assert [item["normalised"] for item in after["emails"]] == ["ada@king.example"]
    same = {"id", "uid", "kind", "organisation", "phones", "created_at", "deleted_at", "raw"}
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
    assert answer.headers["ETag"].startswith('"2.')
    read = ada.read()
    assert (read.json, read.headers["ETag"]) == (after, answer.headers["ETag"])
    assert event_log.contact_events()[1:] == [
        ("contact.updated.v1", after["id"], ["name", "nicknames", "note", "emails"])
    ]


def test_patch_that_changes_nothing_leaves_everything(ada: Changing, event_log: EventLog) -> None:
    """Neither version nor entity tag move, and no event is published."""
    before = ada.read()
    same: list[dict[str, Any]] = [
        {},
        {"name": {}},
        {"uid": "ada", "phones": ADA["phones"]},
        {"title": None},
    ]
    for patch in same:
        answer = ada.patch(patch)
        assert (answer.status_code, answer.json) == (200, before.json)
        assert answer.headers["ETag"] == before.headers["ETag"]
    assert len(event_log.contact_events()) == 1


WRONG: list[tuple[Any, str, str]] = [
    ({"name": None}, "/name", "invalid"),
    ({"name": {"full": None}}, "/name/full", "invalid"),
    ({"name": {"full": " "}}, "/name/full", "required"),
    ({"kind": None}, "/kind", "invalid"),
    ({"uid": ""}, "/uid", "invalid"),
    ({"colour": "red"}, "/colour", "unknown-field"),
    ({"version": 3}, "/version", "unknown-field"),
    ({"emails": [{}]}, "/emails/0/address", "required"),
    ({"emails": [None]}, "/emails/0", "invalid"),
    ({"phones": [{"number": "1"}] * 201}, "/phones", "too-many"),
    ({"raw": [{"name": "X", "value": "a\nFN:b"}]}, "/raw/0/value", "line-break"),
    ({"note": "\0"}, "/note", "invalid"),
    ([], "", "invalid"),
]


def test_wrong_patch_is_refused_as_a_whole(ada: Changing, subtests: pytest.Subtests) -> None:
    """What is wrong is pointed to, and nothing else of the patch is kept."""
    before = ada.read().json
    for patch, pointer, code in WRONG:
        with subtests.test(patch=str(patch)[:50]):
            valid = {"title": "Kept?"} if isinstance(patch, dict) else {}
            answer = ada.patch({**valid, **patch} if isinstance(patch, dict) else patch)
            assert answer.status_code == (400 if code == "unknown-field" else 422)
            assert answer.json is not None
            assert (pointer, code) in {
                (item["pointer"], item["code"]) for item in answer.json["errors"]
            }
            assert ada.read().json == before


def test_patch_is_not_stopped_by_what_a_card_brought(contacts: ContactsClient) -> None:
    """Odd properties of an imported card are nobody's fault who changes the title."""
    (row,) = contacts.upload(vcard("FN:Odd", "X_ODD;P_1=a:one"))["results"]
    path = f"{CONTACTS}/{row['contact_id']}"
    headers = contacts.headers | {"If-Match": "*"}
    answer = contacts.client.patch(path, json={"title": "CEO"}, headers=headers)
    assert answer.status_code == 200, answer.text


#: Lines of a card that fill a field and stay in `raw`, a change of the field, and what is gone.
TWINS: list[tuple[list[str], dict[str, Any], str]] = [
    (["NOTE;LANGUAGE=en:Secret"], {"note": None}, "Secret"),
    (["NOTE;LANGUAGE=en:Secret"], {"note": "SECRET"}, "Secret"),
    (["TITLE;LANGUAGE=en:Secret"], {"title": "Other"}, "Secret"),
    (["ROLE;LANGUAGE=en:Secret"], {"role": None}, "Secret"),
    (["BDAY;X-CALENDAR=g:1815-12-10"], {"birthday": None}, "1815"),
    (["UID;X-FROM=phone:Secret"], {"uid": None}, "Secret"),
    (["KIND;X-FROM=phone:org"], {"kind": "individual"}, "KIND"),
    (["FN;LANGUAGE=en:Secret"], {"name": {"full": "Bo"}}, "Secret"),
    (["N;LANGUAGE=en:Secret;Ada"], {"name": {"family": None}}, "Secret"),
    (["N;LANGUAGE=en:Ek;Ada"], {"name": {"prefix": "Dr"}}, "N;LANGUAGE"),
    (["ORG;LANGUAGE=en:Firm;Secret"], {"units": None}, "Secret"),
    (["ORG;LANGUAGE=en:Secret;Unit"], {"organisation": None}, "Secret"),
    (["NICKNAME;LANGUAGE=en:Addie,Secret"], {"nicknames": ["Addie"]}, "Secret"),
    (["ADR:;;Secret 1;;;;;more"], {"addresses": None}, "Secret"),
    (["TEL;ALTID=1:5550100", "TEL;ALTID=1;LANGUAGE=en:555-0100"], {"phones": None}, "555"),
    (["EMAIL;ALTID=1:a@secret.org", "EMAIL;ALTID=1:A@secret.org"], {"emails": None}, "secret"),
    (["URL;ALTID=1:https://s.org", "URL;ALTID=1:https://s.org/"], {"links": None}, "s.org"),
]


@pytest.mark.parametrize(("lines", "patch", "gone"), TWINS)
def test_value_that_a_change_takes_away_is_in_no_card(
    contacts: ContactsClient, lines: list[str], patch: dict[str, Any], gone: str
) -> None:
    """A qualified property of the imported card goes with the value that it stood for."""
    lines = lines if any(line.startswith("FN") for line in lines) else ["FN:Ada", *lines]
    (row,) = contacts.upload(vcard(*lines))["results"]
    path = f"{CONTACTS}/{row['contact_id']}"
    assert contacts.get(row["contact_id"])["raw"]
    assert gone in contacts.client.get(f"{path}/vcard?version=4.0", headers=contacts.headers).text
    headers = contacts.headers | {"If-Match": "*"}
    answer = contacts.client.patch(path, json=patch, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["raw"] == []
    card = contacts.client.get(f"{path}/vcard?version=4.0", headers=contacts.headers).text
    assert gone not in card


def test_value_that_differs_by_case_goes_with_its_field(contacts: ContactsClient) -> None:
    """What a second card wrote in other letters is the same value, and goes, too."""
    contacts.upload(vcard("FN:Ada", "UID:1", "TITLE:Boss"))
    (row,) = contacts.upload(vcard("FN:Ada", "UID:1", "TITLE;LANGUAGE=en:BOSS"))["results"]
    headers = contacts.headers | {"If-Match": "*"}
    path = f"{CONTACTS}/{row['contact_id']}"
    assert contacts.get(row["contact_id"])["raw"]
    answer = contacts.client.patch(path, json={"title": None}, headers=headers)
    assert answer.json is not None
    assert (answer.json["title"], answer.json["raw"]) == (None, [])


def test_raw_property_stays_unless_its_own_value_changes(contacts: ContactsClient) -> None:
    """Other values, other fields, and what the caller says of `raw` himself are left alone."""
    lines = ["NOTE;LANGUAGE=en:one", "NOTE;LANGUAGE=sv:ett", "TITLE;LANGUAGE=en:Boss", "X-A:one"]
    lines += ["NICKNAME;LANGUAGE=en:Addie", "ROLE;LANGUAGE=en:", "N:Byron;Ada", "N:King;Ada"]
    (row,) = contacts.upload(vcard("FN:Ada", *lines))["results"]
    path, headers = f"{CONTACTS}/{row['contact_id']}", contacts.headers | {"If-Match": "*"}
    before = contacts.get(row["contact_id"])["raw"]
    change: dict[str, Any] = {"note": None, "nicknames": ["Addie", "Lady"], "role": "Poet"}
    change["name"] = {"given": "Augusta"}
    answer = contacts.client.patch(path, json=change, headers=headers)
    assert answer.json is not None
    assert answer.json["raw"] == before[1:]
    sent = [{"name": "TITLE", "value": "Boss", "parameters": {"LANGUAGE": ["en"]}}]
    change = {"title": None, "raw": sent}
    answer = contacts.client.patch(path, json=change, headers=headers)
    assert answer.json is not None
    assert [(item["name"], item["value"]) for item in answer.json["raw"]] == [("TITLE", "Boss")]


PRECONDITIONS = [
    (None, 428),
    ('"1.0"', 200),
    ('"7.00", "1.abcdef"', 200),
    ("*", 200),
    ('"2.0"', 412),
    ('W/"1.0"', 412),
    ('"1"', 412),
    ("garbage", 400),
    ("", 400),
]


@pytest.mark.parametrize(("if_match", "status"), PRECONDITIONS)
def test_change_names_the_version_that_it_is_meant_for(
    ada: Changing, if_match: str | None, status: int
) -> None:
    """Without `If-Match` a change is 428, with what is no tag 400, from another version 412."""
    assert ada.patch({"title": "Countess"}, If_Match=if_match).status_code == status
    read = ada.read().json
    assert read is not None
    assert read["title"] == ("Countess" if status == 200 else None)


def test_deletion_needs_the_version_too(ada: Changing, event_log: EventLog) -> None:
    """A stale tag deletes nothing; the right one is 204, and a second time it is 404."""
    stale = ada.headers["If-Match"]
    assert ada.patch({"title": "Countess"}).status_code == 200
    assert ada.delete(stale).status_code == 412
    assert ada.contacts.client.delete(ada.path, headers=ada.contacts.headers).status_code == 428
    answer = ada.delete(ada.read().headers["ETag"])
    assert (answer.status_code, answer.data) == (204, b"")
    for gone in (ada.delete(), ada.read(), ada.patch({"title": "x"}, If_Match="*")):
        assert gone.status_code == 404
    assert [event[0] for event in event_log.contact_events()] == [
        "contact.created.v1",
        "contact.updated.v1",
        "contact.deleted.v1",
    ]


def test_deleted_contact_comes_back_as_it_was(ada: Changing, event_log: EventLog) -> None:
    """Restoring gives the document but for version and time; a second time changes nothing."""
    before = ada.read().json
    assert before is not None
    assert ada.delete().status_code == 204
    assert ada.contacts.page()["items"] == []
    (deleted,) = ada.contacts.page(**{"filter[deleted][eq]": True})["items"]
    assert deleted["deleted_at"] == deleted["updated_at"]
    answer = ada.restore()
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json == before | {"version": 3, "updated_at": answer.json["updated_at"]}
    again = ada.restore()
    assert (again.json, again.headers["ETag"]) == (answer.json, answer.headers["ETag"])
    assert [event[0] for event in event_log.contact_events()][1:] == [
        "contact.deleted.v1",
        "contact.restored.v1",
    ]


def test_uid_belongs_to_one_contact_that_is_not_deleted(ada: Changing) -> None:
    """Neither a change nor a restoration takes the UID that another contact has."""
    other = Changing(ada.contacts, {"name": {"full": "Bo"}, "uid": "bo"})
    assert other.patch({"uid": "ada"}).status_code == 409
    assert ada.delete().status_code == 204
    assert other.patch({"uid": "ada"}).status_code == 200
    assert ada.restore().status_code == 409
    assert ada.read().status_code == 404


def test_contact_of_another_workspace_cannot_be_touched(
    ada: Changing, other_workspace: WorkspaceUnderTest
) -> None:
    """Changing, deleting and restoring it is 404, as if it did not exist."""
    headers = other_workspace.headers | {"If-Match": "*"}
    client = ada.contacts.client
    assert client.patch(ada.path, json={"note": "x"}, headers=headers).status_code == 404
    assert client.delete(ada.path, headers=headers).status_code == 404
    assert client.post(f"{ada.path}/restore", headers=headers).status_code == 404
    assert ada.read().headers["ETag"] == ada.headers["If-Match"]


def test_copy_of_a_changed_contact_is_known_again(ada: Changing) -> None:
    """A card with the content that a change made is no new contact."""
    bare = Changing(ada.contacts, {"name": {"full": "Bo"}})
    assert bare.patch({"name": {"full": "Bo Ek"}, "uid": "bo"}).status_code == 200
    ada.contacts.upload(vcard("FN:Bo Ek") + vcard("FN:Other", "UID:bo"))
    assert ada.contacts.page(total=True)["total"] == 2


def test_search_follows_a_word_from_one_field_to_another(contacts: ContactsClient) -> None:
    """A word that moves from the note to the name, or back, moves in the order of what is found."""
    ann = Changing(contacts, {"name": {"full": "Ann"}, "note": "Zanzibar"})
    bea = Changing(contacts, {"name": {"full": "Bea Zanzibar"}})

    def found() -> list[str]:
        return [item["name"]["full"] for item in contacts.page(q="zanzibar")["items"]]

    assert found() == ["Bea Zanzibar", "Ann"]
    assert ann.patch({"name": {"full": "Ann Zanzibar"}, "note": None}).status_code == 200
    assert bea.patch({"name": {"full": "Bea"}, "note": "Zanzibar"}).status_code == 200
    assert found() == ["Ann Zanzibar", "Bea"]


def test_of_two_changes_of_one_version_one_is_made(
    app: Flask, ada: Changing, workspace: WorkspaceUnderTest
) -> None:
    """However they race, one gets 200 and the other 412, and nothing of both is mixed."""
    for turn in range(4):
        tag = ada.read().headers["ETag"]
        barrier = Barrier(2)

        def change(name: str, tag: str = tag, barrier: Barrier = barrier) -> int:
            patch = {
                "title": name,
                "emails": [{"address": f"{place}@{name}.example"} for place in range(len(name))],
                "note": f"words of {name}",
            }
            barrier.wait()
            headers = workspace.headers | {"If-Match": tag}
            return app.test_client().patch(ada.path, json=patch, headers=headers).status_code

        names = (f"one{turn}", f"three{turn}")
        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(change, names)) == [200, 412]
        document = ada.read().json
        assert document is not None
        winner = document["title"]
        assert winner in names
        assert document["note"] == f"words of {winner}"
        assert [item["address"] for item in document["emails"]] == [
            f"{place}@{winner}.example" for place in range(len(winner))
        ]
        for name in names:
            found = ada.contacts.page(q=name)["items"]
            assert [item["id"] for item in found] == [document["id"]] * (name == winner)


def test_changes_of_any_version_are_all_made(
    app: Flask, ada: Changing, workspace: WorkspaceUnderTest
) -> None:
    """Who changes whatever is there is not stopped by others: each reads again what they wrote."""
    barrier = Barrier(3)

    def change(name: str) -> int:
        headers = workspace.headers | {"If-Match": "*"}
        barrier.wait()
        answer = app.test_client().patch(ada.path, json={name: "changed"}, headers=headers)
        return answer.status_code

    names = ("title", "role", "note")
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(change, names)) == [200] * 3
    document = ada.read().json
    assert document is not None
    assert document["version"] == 4
    assert [document[name] for name in names] == ["changed"] * 3


def test_overtaken_change_writes_nothing(
    ada: Changing, workspace: WorkspaceUnderTest, plugin_database: Location
) -> None:
    """What was meant for a version that is gone leaves lists and words as they are."""
    del workspace
    assert ada.patch({"title": "Countess"}).status_code == 200
    rows = _rows(plugin_database)
    assert ada.patch({"emails": [{"address": "x@y.example"}], "note": "new"}).status_code == 412
    assert _rows(plugin_database) == rows


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_contact_is_given_as_a_card(contacts: ContactsClient, version: str) -> None:
    """The file is a vCard of the version asked for, under a name that no system trips over."""
    created = contacts.create({"name": {"full": 'Åsa/"\r\n..\\Ek; 名刺'}, "kind": "org"})
    answer = contacts.client.get(
        f"{CONTACTS}/{created['id']}/vcard?version={version}", headers=contacts.headers
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert f"VERSION:{version}\r\n" in answer.text
    assert ("\r\nKIND:org\r\n" in answer.text) == (version == "4.0")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith('attachment; filename="Asa .. Ek')
    assert "filename*=UTF-8''%C3%85sa%20..%20Ek%20%E5%90%8D%E5%88%BA.vcf" in disposition


def test_card_of_an_unknown_version_or_contact_is_refused(ada: Changing) -> None:
    """2.1 is not written, and a contact that is gone has no card."""
    client, headers = ada.contacts.client, ada.contacts.headers
    assert client.get(f"{ada.path}/vcard?version=2.1", headers=headers).status_code == 400
    assert ada.delete().status_code == 204
    assert client.get(f"{ada.path}/vcard", headers=headers).status_code == 404


def _rows(plugin_database: Location) -> list[Any]:
    """Return all emails and words of contacts, as they were committed."""
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as connection:
        return [
            connection.execute(f"SELECT * FROM crm_contacts.{table} ORDER BY 1, 2, 3").fetchall()
            for table in ("email", "contact_word", "contact")
        ]


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_parameters_without_values_are_written(contacts: ContactsClient, version: str) -> None:
    """A typed contact may have what no card has; it can be had as a card all the same."""
    empty: dict[str, list[str]] = {
        name: [] for name in ("PREF", "TYPE", "LANGUAGE", "GROUP", "VALUE", "X-ANY")
    }
    created = contacts.create(
        {
            "name": {"full": "Ada"},
            "title": "Chef",
            "emails": [{"address": "ada@example.org", "parameters": empty}],
            "addresses": [{"street": "Storgatan 1", "parameters": empty}],
            "raw": [{"name": "TITLE", "value": "Chef", "parameters": empty}],
        }
    )
    answer = contacts.client.get(
        f"{CONTACTS}/{created['id']}/vcard?version={version}", headers=contacts.headers
    )
    assert answer.status_code == 200, answer.text
    assert "ada@example.org" in answer.text
