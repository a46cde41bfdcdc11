"""Consent: what contacts have said to being reached, its history, and what merges make of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import (
    ConsentChannel,
    ConsentRecorded,
    Consents,
    ConsentState,
    ConsentStatement,
    InvalidConsent,
)
from meishi.sdk.context import service
from meishi.testing.browsing import Browser
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient, ContactsPart

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
CHANNELS = ["email", "phone", "sms", "post"]


class ConsentBook(ContactsPart):
    """The consents of one workspace over HTTP."""

    def say(
        self, contact_id: str, channel: str, state: str, *, version: str = "*", **more: Any
    ) -> TestResponse:
        """Record what a contact has said."""
        return self.send(
            "PUT",
            f"/{contact_id}/consents/{channel}",
            json={"state": state, **more},
            headers={"If-Match": version},
        )

    def said(self, contact_id: str, channel: str, state: str, **more: Any) -> dict[str, Any]:
        """Record what a contact has said, and return the record."""
        answer = self.say(contact_id, channel, state, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def of(self, contact_id: str) -> dict[str, str]:
        """Return what counts of a contact, by channel."""
        answer = self.send("GET", f"/{contact_id}/consents")
        assert answer.status_code == 200, answer.text
        return {item["channel"]: item["state"] for item in (answer.json or {})["items"]}

    def email(self, contact_id: str) -> str:
        """Return what counts of a contact's email."""
        return self.of(contact_id)["email"]

    def history(self, contact_id: str, channel: str = "email", **query: Any) -> list[Any]:
        """Return states and origins of a page of records, newest first."""
        answer = self.send("GET", f"/{contact_id}/consents/{channel}/history", query_string=query)
        assert answer.status_code == 200, answer.text
        return [(item["state"], item["origin"]) for item in (answer.json or {})["items"]]

    def merge(self, target: str, *sources: str) -> None:
        """Merge contacts into one."""
        answer = self.send("POST", f"/{target}/merge", json={"merged_ids": sources})
        assert answer.status_code == 200, answer.text

    def unmerge(self, source: str) -> list[Any]:
        """Take a merge back, and return what of it stays: fields and values."""
        answer = self.send("POST", f"/{source}/unmerge")
        assert answer.status_code == 200, answer.text
        return [(item["field"], item["value"]) for item in (answer.json or {})["kept"]]


@pytest.fixture
def consents(contacts: ContactsClient) -> ConsentBook:
    """The consents of the workspace."""
    return ConsentBook(contacts)


def person(contacts: ContactsClient, full: str = "Anna") -> str:
    """Create a contact, and return its id."""
    return str(contacts.create({"name": {"full": full}})["id"])


def people(consents: ConsentBook, *states: str) -> list[str]:
    """Create a contact for each state of consent to email; nothing is recorded of who is unknown.

    Their names differ, so that nothing else is merged.
    """
    made = []
    for place, state in enumerate(states):
        made.append(person(consents.contacts, f"Person {place}"))
        if state != "unknown":
            consents.said(made[-1], "email", state, how=f"Form {place}")
    return made


def test_the_latest_record_counts_and_all_are_kept(
    contacts: ContactsClient, consents: ConsentBook, published_events: PublishedEvents
) -> None:
    """Nothing is known before; each record says when and how it was given, and by whom kept."""
    anna = person(contacts)
    assert consents.of(anna) == dict.fromkeys(CHANNELS, "unknown")
    first = consents.send("GET", f"/{anna}/consents/email")
    assert ((first.json or {})["version"], (first.json or {})["recorded_at"]) == (0, None)
    given = "2026-05-12T09:30:00+00:00"
    record = consents.said(
        anna, "email", "granted", given_at=given, how="Form", version=first.headers["ETag"]
    )
    assert (record["given_at"], record["how"], record["version"]) == (given, "Form", 1)
    assert consents.say(anna, "email", "denied", version=first.headers["ETag"]).status_code == 412
    assert (
        consents.send("PUT", f"/{anna}/consents/email", json={"state": "denied"}).status_code == 428
    )
    later = consents.said(anna, "email", "denied", how="On the phone")
    assert (later["version"], later["given_at"]) == (2, later["recorded_at"])
    assert consents.said(anna, "email", "denied", how="On the phone") == later
    consents.said(anna, "email", "unknown")
    assert consents.of(anna) == dict.fromkeys(CHANNELS, "unknown")
    records = [("unknown", "recorded"), ("denied", "recorded"), ("granted", "recorded")]
    assert consents.history(anna) == records
    answer = consents.send("GET", f"/{anna}/consents/email/history?limit=2&total=true").json or {}
    assert answer["total"] == 3
    assert consents.history(anna, limit=2, after=answer["next_after"]) == records[2:]
    assert consents.history(anna, "sms") == []
    assert contacts.get(anna)["version"] == 1
    told = [event for event in published_events() if isinstance(event, ConsentRecorded)]
    assert [(str(event.contact_id), event.channel, event.state) for event in told] == [
        (anna, "email", "granted"), (anna, "email", "denied"), (anna, "email", "unknown"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "status"),
    [
        ({"state": "perhaps"}, 422),
        ({}, 422),
        ({"state": "granted", "how": " "}, 422),
        ({"state": "granted", "how": "x" * 501}, 422),
        ({"state": "granted", "how": "a\0b"}, 422),
        ({"state": "granted", "given_at": "2199-01-01T00:00:00+00:00"}, 422),
        ({"state": "granted", "given_at": "2026-01-01T00:00:00"}, 422),
        ({"state": "granted", "by": "me"}, 400),
    ],
    ids=["state", "nothing", "blank", "long", "nul", "future", "no-offset", "more"],
)
def test_what_nobody_can_have_said_is_refused(
    contacts: ContactsClient, consents: ConsentBook, document: dict[str, Any], status: int
) -> None:
    """Nothing of it is recorded."""
    anna = person(contacts)
    answer = consents.send(
        "PUT", f"/{anna}/consents/email", json=document, headers={"If-Match": "*"}
    )
    assert answer.status_code == status, answer.text
    assert consents.history(anna) == []


@pytest.mark.parametrize("given_at", ["0001-01-01T00:00:00+14:00", "1899-12-31T23:59:59+00:00"])
def test_what_was_said_before_anybody_lived_is_refused(
    contacts: ContactsClient, consents: ConsentBook, signed_in: Browser, given_at: str
) -> None:
    """Nobody could read it again: there are places where such a time has no year."""
    anna = person(contacts)
    answer = consents.say(anna, "email", "granted", given_at=given_at)
    assert (answer.status_code, consents.email(anna)) == (422, "unknown")
    assert [item["code"] for item in (answer.json or {})["errors"]] == ["past"]
    signed_in.send(
        f"/contacts/{anna}/consents",
        {"channel": "email", "state": "granted", "given_on": given_at[:10]},
        page=f"/contacts/{anna}",
    )
    assert signed_in.get(f"/contacts/{anna}").status_code == 200
    assert consents.email(anna) == "unknown"


def test_there_are_four_channels_of_contacts_that_are_there(
    contacts: ContactsClient, consents: ConsentBook
) -> None:
    """Others are not found, nor are those of contacts that are gone; these are back with them."""
    anna = person(contacts)
    consents.said(anna, "post", "granted")
    for path in (f"/{anna}/consents/fax", f"/{anna}/consents/fax/history"):
        assert consents.send("GET", path).status_code == 404
    assert consents.say(anna, "fax", "granted").status_code == 404
    consents.send("DELETE", f"/{anna}", headers={"If-Match": "*"})
    for gone in (anna, UNKNOWN):
        assert consents.say(gone, "post", "denied").status_code == 404
        for path in ("consents", "consents/post", "consents/post/history"):
            assert consents.send("GET", f"/{gone}/{path}").status_code == 404
    consents.send("POST", f"/{anna}/restore")
    assert consents.of(anna)["post"] == "granted"


def test_lists_segments_and_exports_ask_for_what_counts(
    contacts: ContactsClient, consents: ConsentBook
) -> None:
    """What was said before does not count, and who has said nothing is not known."""
    yes, no, changed, nothing, back = people(
        consents, "granted", "denied", "granted", "unknown", "denied"
    )
    consents.said(changed, "email", "denied")
    consents.said(back, "email", "unknown")
    consents.said(nothing, "sms", "granted")

    def found(state: str) -> set[str]:
        page = contacts.page(**{"filter[consent_email][eq]": state, "total": True})
        assert page["total"] == len(page["items"])
        return {item["id"] for item in page["items"]}

    assert found("granted") == {yes}
    assert found("denied") == {no, changed}
    assert found("unknown") == {nothing, back}
    answer = consents.send("GET", "", query_string={"filter[consent_email][eq]": "maybe"})
    assert answer.status_code == 400
    document = {"name": "Mail", "filter": {"consent_email": {"eq": "granted"}}}
    assert consents.send("POST", "/segments", json=document).status_code == 201
    page = contacts.page(**{"filter[segment][eq]": "Mail"})
    assert [item["id"] for item in page["items"]] == [yes]
    document["filter"] = {"consent_email": {"eq": "perhaps"}}
    assert consents.send("POST", "/segments", json=document | {"name": "No"}).status_code == 422
    with contacts.client.get(
        "/api/v1/exports/contacts-csv",
        query_string={"filter[consent_email][eq]": "granted"},
        headers=contacts.headers,
    ) as exported:
        assert exported.status_code == 200, exported.data
        assert (b"Person 0" in exported.data, b"Person 1" in exported.data) == (True, False)


@pytest.mark.parametrize(
    ("target", "source", "expected"),
    [
        ("granted", "denied", "denied"),
        ("granted", "unknown", "unknown"),
        ("unknown", "granted", "unknown"),
        ("unknown", "denied", "denied"),
        ("denied", "granted", "denied"),
        ("granted", "granted", "granted"),
    ],
)
def test_the_strictest_wins_a_merge_and_goes_with_it(
    consents: ConsentBook, target: str, source: str, expected: str
) -> None:
    """The preview says so; taking the merge back brings back what each had said."""
    one, other = people(consents, target, source)
    answer = consents.send("POST", f"/{one}/merge/preview", json={"merged_ids": [other]})
    values = [{"contact_id": one, "state": target}, {"contact_id": other, "state": source}]
    wanted = {"channel": "email", "values": values, "state": expected}
    assert (answer.json or {})["consents"] == ([wanted] if target != source else [])
    consents.merge(one, other)
    assert consents.email(one) == expected
    assert consents.unmerge(other) == []
    assert (consents.email(one), consents.email(other)) == (target, source)
    changed = [(expected, "merge")] if expected != target else []
    assert consents.history(one)[1 if changed else 0 :][: len(changed)] == changed


def test_a_merge_says_what_it_brought_and_what_was_undone(
    consents: ConsentBook, published_events: PublishedEvents
) -> None:
    """When and how stay those of who has said it, and the other contact is named."""
    one, other = people(consents, "granted", "denied")
    consents.merge(one, other)
    record = consents.send("GET", f"/{one}/consents/email").json or {}
    assert (record["how"], record["origin"], record["other_id"]) == ("Form 1", "merge", other)
    consents.unmerge(other)
    record = consents.send("GET", f"/{one}/consents/email").json or {}
    assert (record["how"], record["origin"], record["other_id"]) == ("Form 0", "unmerge", other)
    told = [event for event in published_events() if isinstance(event, ConsentRecorded)]
    assert [event.state for event in told if str(event.contact_id) == one] == [
        "granted", "denied", "granted",
    ]  # fmt: skip


def test_what_others_brought_stays_when_one_merge_is_taken_back(consents: ConsentBook) -> None:
    """In whatever order merges are taken back, the strictest of who is still merged counts."""
    one, unknown, no, denies = people(consents, "granted", "unknown", "denied", "denied")
    consents.merge(one, unknown, no, denies)
    assert consents.email(one) == "denied"
    consents.unmerge(no)
    assert consents.email(one) == "denied"
    consents.unmerge(denies)
    assert consents.email(one) == "unknown"
    consents.merge(one, no)
    assert consents.email(one) == "denied"
    consents.unmerge(unknown)
    assert consents.email(one) == "denied"
    consents.unmerge(no)
    assert consents.email(one) == "granted"


def test_what_is_recorded_after_a_merge_stays(consents: ConsentBook) -> None:
    """Somebody has asked again: what merges before had brought is no matter any more."""
    one, no, other = people(consents, "granted", "denied", "unknown")
    consents.merge(one, no)
    consents.merge(one, other)
    consents.said(one, "email", "granted", how="Asked again")
    assert consents.email(one) == "granted"
    assert consents.unmerge(other) == []
    assert consents.unmerge(no) == [("consent_email", "granted")]
    assert (consents.email(one), consents.email(no)) == ("granted", "denied")


def test_what_a_contact_says_itself_stays_though_a_merge_had_brought_the_same(
    consents: ConsentBook,
) -> None:
    """Who was asked after a merge has said it: taking the merge back does not undo that."""
    one = people(consents, "granted")[0]
    no = person(consents.contacts, "No")
    consents.said(no, "email", "denied")
    consents.merge(one, no)
    assert consents.said(one, "email", "denied")["origin"] == "recorded"
    assert consents.history(one) == [
        ("denied", "recorded"), ("denied", "merge"), ("granted", "recorded"),
    ]  # fmt: skip
    assert consents.said(one, "email", "denied")["version"] == 3
    assert consents.unmerge(no) == [("consent_email", "denied")]
    assert consents.email(one) == "denied"


def test_statements_from_elsewhere_count_if_they_are_newer(
    contacts: ContactsClient, consents: ConsentBook, workspace: WorkspaceUnderTest
) -> None:
    """They can be told again, and those of contacts that are gone are passed over."""
    anna = person(contacts)
    at = datetime(2026, 5, 1, tzinfo=UTC)

    def statement(state: ConsentState, days: int, contact_id: str = anna) -> ConsentStatement:
        return ConsentStatement(
            contact_id=UUID(contact_id), channel=ConsentChannel.SMS, state=state,
            given_at=at + timedelta(days=days), how="Card",
        )  # fmt: skip

    def receive(*statements: ConsentStatement) -> int:
        with workspace.acting_as("crm_contacts"):
            return service(Consents).receive(statements)

    yes, no = ConsentState.GRANTED, ConsentState.DENIED
    assert receive(statement(no, 2), statement(yes, 1), statement(yes, 1, UNKNOWN)) == 2
    assert consents.history(anna, "sms") == [("denied", "recorded"), ("granted", "recorded")]
    assert receive(statement(no, 2), statement(yes, 1)) == 0
    assert receive(statement(yes, 3)) == 1
    assert consents.of(anna)["sms"] == "granted"
    consents.said(anna, "sms", "denied")
    assert receive(statement(yes, 4)) == 0
    # A clock that is far ahead tells of now, and no more by telling it again.
    assert receive(statement(yes, 100_000)) == 1
    assert receive(statement(yes, 100_000)) == 0
    with workspace.acting_as("crm_contacts"), pytest.raises(InvalidConsent):
        service(Consents).receive((statement(yes, -100_000),))


def test_consents_of_another_workspace_are_not_there(
    contacts: ContactsClient,
    consents: ConsentBook,
    other_workspace: WorkspaceUnderTest,
    client: FlaskClient,
) -> None:
    """Neither read nor recorded."""
    anna = person(contacts)
    consents.said(anna, "email", "granted")
    others = ConsentBook(contacts.of(other_workspace, client))
    assert others.say(anna, "email", "denied").status_code == 404
    assert others.send("GET", f"/{anna}/consents").status_code == 404
    assert consents.email(anna) == "granted"


@pytest.mark.inside
def test_a_person_sees_their_consents_until_they_are_erased(
    contacts: ContactsClient, consents: ConsentBook, workspace: WorkspaceUnderTest
) -> None:
    """All records are theirs, and none is left."""
    from crm_contacts.service import people as personal
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    anna = person(contacts)
    consents.said(anna, "email", "granted", how="Form")
    consents.said(anna, "email", "denied", how="Call")
    subject = DataSubject(contact_ids=(UUID(anna),), emails=(), phones=())
    with workspace.acting_as("crm_contacts"):
        told = [item for item in personal.export(subject) if item.kind == "consent"]
        assert [(str(item.id), b'"denied"' in item.body) for item in told] == [
            (anna, False), (anna, True),
        ]  # fmt: skip
    with workspace.acting_as("crm_contacts"):
        personal.erase(subject)
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT count(*) FROM crm_contacts.consent")[0][0] == 0


def test_the_page_of_a_contact_shows_and_records_them(
    signed_in: Browser, contacts: ContactsClient, consents: ConsentBook
) -> None:
    """With when, how and by whom; what was said before is below."""
    anna, other = person(contacts), person(contacts, "Bo")
    path = f"/contacts/{anna}"
    assert signed_in.get(path).text.count("not known") >= len(CHANNELS)
    fields = {"channel": "email", "state": "granted", "how": "<b>Fair", "given_on": "2026-05-12"}
    signed_in.send(f"{path}/consents", fields, page=path)
    shown = signed_in.get(path).text
    assert "&lt;b&gt;Fair" in shown
    assert 'datetime="2026-05-12' in shown
    assert "Before" not in shown
    signed_in.send(f"{path}/consents", fields | {"state": "denied", "given_on": ""}, page=path)
    assert "<summary>Before</summary>" in signed_in.get(path).text
    assert consents.email(anna) == "denied"
    for wrong in (
        {"channel": "fax"},
        {"state": "x"},
        {"given_on": "12.5."},
        {"given_on": "2199-01-01"},
    ):
        signed_in.send(f"{path}/consents", fields | wrong, page=path)
    assert len(consents.history(anna)) == 2
    assert "strictest counts" in signed_in.get(f"/contacts/{other}/merge?with={anna}").text
    consents.merge(other, anna)
    assert "from a merge" in signed_in.get(f"/contacts/{other}").text
    consents.said(other, "email", "granted")
    answer = signed_in.send(f"/contacts/{other}/merged/{anna}/unmerge", page=f"/contacts/{other}")
    assert "Consent to email" in answer.text
