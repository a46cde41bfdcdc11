"""Address books over HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from flask import Flask

from crm_contacts.contract import Contacts, SourceCard
from crm_contacts.validation import MAX_VALUES
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import IMPORTS, ContactsClient, EventLog, own, run_to_its_end, vcard

ADA = vcard("UID:1", "FN:Ada Lovelace", "EMAIL:ada@example.org")
BOB = vcard("FN:Bob", "TEL:+44 20 7946 0018")
EMPTY = vcard("FN:")
COUNTS = ("rows", "created", "updated", "unchanged", "rejected")


def counts(result: dict[str, Any]) -> list[int]:
    """Return the five counts of an import."""
    return [result["counts"][name] for name in COUNTS]


def statuses(result: dict[str, Any]) -> list[str]:
    """Return what became of each card."""
    return [item["status"] for item in result["results"]]


def test_each_card_has_its_outcome_in_the_order_of_the_file(contacts: ContactsClient) -> None:
    """Good, bad and repeated cards are all accounted for, each with its index and line."""
    result = contacts.upload(ADA + EMPTY + ADA + BOB)
    assert counts(result) == [4, 2, 0, 1, 1]
    assert [(item["index"], item["line"]) for item in result["results"]] == [
        (0, 1),
        (1, 7),
        (2, 11),
        (3, 17),
    ]
    created, rejected, duplicate, other = result["results"]
    assert set(created) == {"index", "line", "status", "name", "contact_id"}
    assert (created["status"], created["name"]) == ("created", "Ada Lovelace")
    assert (duplicate["status"], duplicate["contact_id"]) == ("unchanged", created["contact_id"])
    assert set(rejected) == {"index", "line", "status", "reason"}
    assert contacts.rejects(result["id"]).decode() == EMPTY
    assert rejected["reason"]
    assert [item["id"] for item in contacts.all()] == [created["contact_id"], other["contact_id"]]


def test_every_new_contact_is_one_event(contacts: ContactsClient, event_log: EventLog) -> None:
    """The log holds one creation per contact, naming fields and no values."""
    result = contacts.upload(ADA + BOB + ADA + EMPTY)
    ids = [item["contact_id"] for item in result["results"][:2]]
    assert event_log.contact_events() == [
        ("contact.created.v1", ids[0], ["name", "kind", "uid", "emails"]),
        ("contact.created.v1", ids[1], ["name", "kind", "phones"]),
    ]


def test_same_file_again_changes_nothing(contacts: ContactsClient, event_log: EventLog) -> None:
    """A second import finds duplicates only: no version, no time, no event is new."""
    book = ADA + BOB + vcard("FN:Ada Lovelace", "NOTE:another") + vcard("UID:1", "FN:A. L.")
    first = contacts.upload(book)
    before, events = contacts.all(), event_log.contact_events()
    again = contacts.upload(book)
    assert counts(first) == [4, 3, 1, 0, 0]
    assert counts(again) == [4, 0, 0, 4, 0]
    assert [item["contact_id"] for item in again["results"]] == [
        item["contact_id"] for item in first["results"]
    ]
    assert contacts.all() == before
    assert event_log.contact_events() == events


def test_copy_with_the_same_content_is_a_duplicate(contacts: ContactsClient) -> None:
    """Copies are known without a UID, however they are written."""
    contacts.upload(vcard("FN:Ada Lovelace", "TEL:+44 20 7946 0018", "EMAIL:ada@example.org"))
    copy = vcard("FN:ADA  lovelace", "EMAIL:Ada@Example.org", "TEL:+442079460018", "REV:2020")
    assert counts(contacts.upload(copy)) == [1, 0, 1, 0, 0]
    assert len(contacts.all()) == 1


def test_contact_created_by_hand_is_found_again(contacts: ContactsClient) -> None:
    """An imported card is matched with what was created through the API."""
    created = contacts.create(
        {"name": {"full": "Ada Lovelace"}, "emails": [{"address": "ada@example.org"}], "uid": "1"}
    )
    result = contacts.upload(ADA + vcard("FN:Ada Lovelace", "EMAIL:ada@example.org"))
    assert {item["contact_id"] for item in result["results"]} == {created["id"]}
    assert contacts.all() == [own(created)]


def test_what_a_duplicate_adds_is_merged_and_nothing_is_lost(
    contacts: ContactsClient, event_log: EventLog
) -> None:
    """Empty fields are filled, lists grow, a different value is kept raw; one event says so."""
    created = contacts.upload(ADA)["results"][0]["contact_id"]
    more = vcard("UID:1", "FN:Countess", "TITLE:Analyst", "EMAIL:al@example.org", "X-NEW:1")
    contacts.upload(more)
    merged = contacts.get(created)
    assert (merged["version"], merged["title"]) == (2, "Analyst")
    assert merged["updated_at"] > merged["created_at"]
    assert merged["name"]["full"] == "Ada Lovelace"
    assert [item["address"] for item in merged["emails"]] == ["ada@example.org", "al@example.org"]
    assert merged["emails"][1]["normalised"] == "al@example.org"
    assert {(item["name"], item["value"]) for item in merged["raw"]} == {
        ("FN", "Countess"),
        ("X-NEW", "1"),
    }
    assert event_log.contact_events()[1:] == [
        ("contact.updated.v1", created, ["title", "emails", "raw"])
    ]


def test_several_additions_to_one_contact_are_one_change(
    contacts: ContactsClient, event_log: EventLog
) -> None:
    """Within one import a contact gets one new version, whatever the number of its copies."""
    contacts.upload(ADA)
    contacts.upload(vcard("UID:1", "FN:Ada", "TITLE:a") + vcard("UID:1", "FN:Ada", "ROLE:b"))
    (merged,) = contacts.all()
    assert (merged["version"], merged["title"], merged["role"]) == (2, "a", "b")
    assert len(event_log.contact_events()) == 2


def test_duplicate_that_overfills_its_contact_is_rejected_alone(contacts: ContactsClient) -> None:
    """What no longer fits a contact does not spoil the import: the card is rejected."""
    emails = [f"EMAIL:{number}@example.org" for number in range(MAX_VALUES)]
    full, more = vcard("UID:2", "FN:Many", *emails), vcard("UID:2", "FN:Many", "EMAIL:x@y.z")
    assert statuses(contacts.upload(full + more + BOB)) == ["created", "rejected", "created"]
    assert statuses(contacts.upload(more + ADA)) == ["rejected", "created"]
    assert [len(item["emails"]) for item in contacts.all()] == [MAX_VALUES, 0, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_unicode_in_any_encoding_is_read(contacts: ContactsClient, encoding: str) -> None:
    """Names come out right whatever the encoding of the file."""
    contacts.upload(vcard("FN:Žofie 山田 😀").encode(encoding))
    assert [item["name"]["full"] for item in contacts.all()] == ["Žofie 山田 😀"]


NO_CARDS = [b"", b" \r\n", b"Hello", b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe" * 50, b"END:VCARD\r\n"]


def test_body_without_a_card_is_refused(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """No card at all is an error rather than an import of nothing."""
    for body in NO_CARDS:
        with subtests.test(body=body[:20]):
            answer = contacts.client.post(
                IMPORTS, data=body, content_type="text/vcard", headers=contacts.headers
            )
            assert answer.status_code == 422
            assert answer.json is not None
            assert answer.json["type"] == "urn:meishi:problem:empty-address-book"


MEDIA_TYPES = [
    ("text/vcard; charset=utf-8", 201),
    ("text/x-vcard", 201),
    ("text/directory; profile=vCard", 201),
    ("TEXT/VCARD", 201),
    ("application/zip", 415),
    ("application/octet-stream", 415),
    ("", 415),
]


def test_only_address_books_are_taken(contacts: ContactsClient, subtests: pytest.Subtests) -> None:
    """The media types of vCard are taken, with parameters and in any case; others are 415."""
    for media_type, status in MEDIA_TYPES:
        with subtests.test(media_type=media_type):
            answer = contacts.client.post(
                IMPORTS, data=ADA, content_type=media_type, headers=contacts.headers
            )
            assert answer.status_code == status


def test_file_above_the_limit_is_refused(app: Flask, contacts: ContactsClient) -> None:
    """A body larger than the deployment allows is 413, and nothing is imported."""
    body = ADA.encode() + b"\r\n" * (app.config["MAX_CONTENT_LENGTH"] // 2)
    answer = contacts.client.post(
        IMPORTS, data=body, content_type="text/vcard", headers=contacts.headers
    )
    assert answer.status_code == 413
    assert contacts.all() == []


def test_card_above_the_limit_is_rejected_alone(contacts: ContactsClient) -> None:
    """A card larger than `max_card_bytes` is rejected with its start; others are imported."""
    large = vcard("FN:Large", "PHOTO;ENCODING=b:" + "A" * 2 * 1024 * 1024)
    result = contacts.upload(large + BOB)
    assert statuses(result) == ["rejected", "created"]
    assert "larger than 2097152 bytes" in result["results"][0]["reason"]
    assert contacts.rejects(result["id"]) == large.encode()[: 2 * 1024 * 1024] + b"\r\n"


def test_octets_that_are_no_text_stay_in_their_card(contacts: ContactsClient) -> None:
    """NUL, controls and broken UTF-8 in one card harm neither it nor its neighbours."""
    odd = b"BEGIN:VCARD\r\nFN:Odd\r\nNOTE:a\x00b\xff\xfe\x01\r\n\xc3\r\nEND:VCARD\r\n"
    assert counts(contacts.upload(BOB.encode() + odd + ADA.encode())) == [3, 3, 0, 0, 0]


def test_two_imports_of_one_file_at_once_make_no_contact_twice(
    workspace: WorkspaceUnderTest, contacts: ContactsClient, event_log: EventLog
) -> None:
    """Racing imports agree: every contact exists once, with one event."""
    book = "".join(vcard(f"FN:Contact {n}", f"EMAIL:{n}@example.org") for n in range(30))
    imports = [contacts.send(book)["id"] for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(run_to_its_end, workspace, item) for item in imports]
        found = [run.result().counts for run in runs]
    assert sorted((item.created, item.unchanged) for item in found) == [(0, 30)] * 3 + [(30, 0)]
    assert len(contacts.all()) == len(event_log.contact_events()) == 30


def test_same_card_in_two_workspaces_is_two_contacts(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither UID nor content is matched across workspaces."""
    other = contacts.of(other_workspace)
    assert statuses(contacts.upload(ADA)) == statuses(other.upload(ADA)) == ["created"]
    assert contacts.all() != other.all()


def test_error_in_the_middle_leaves_nothing_half_done(
    contacts: ContactsClient, plugin_database: Location, event_log: EventLog
) -> None:
    """When storing one contact fails, the whole import does, and works once the cause is gone."""
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url, autocommit=True) as admin:
        admin.execute(
            "ALTER TABLE crm_contacts.phone ADD CONSTRAINT refuse CHECK (number NOT LIKE '+44%')"
        )
        operation = contacts.start(contacts.send(ADA + BOB)["id"])
        contacts.run_jobs(failures=True)
        assert contacts.operation(operation["id"])["state"] == "failed"
        assert contacts.all() == []
        assert event_log.contact_events() == []
        admin.execute("ALTER TABLE crm_contacts.phone DROP CONSTRAINT refuse")
    assert counts(contacts.upload(ADA + BOB)) == [2, 2, 0, 0, 0]


@pytest.mark.beside("qr")
def test_contract_takes_cards_from_other_plugins(workspace: WorkspaceUnderTest) -> None:
    """Whoever has a card can import it; a known fault is the reason of its rejection."""
    cards = (
        SourceCard(index=7, line=70, content=ADA.encode()),
        SourceCard(index=9, line=90, content=b"BEGIN", fault="torn"),
    )
    with workspace.acting_as("qr"):
        first, second = service(Contacts).import_cards(cards)
        assert service(Contacts).import_cards(()) == ()
    assert (first.index, first.line, first.name) == (7, 70, "Ada Lovelace")
    assert (second.index, second.reason, second.original) == (9, "torn", "BEGIN")
