"""Merges that are previewed, and taken back: what returns, what stays, and what is told of it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import (
    ContactRestored,
    Contacts,
    ContactsRelated,
    ContactsUnmerged,
    SourceCard,
)
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

CONTACTS = "/api/v1/contacts"
UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class Book:
    """The contacts of one workspace over HTTP."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self.client = client
        self.headers = workspace.headers

    def add(self, full: str, **fields: Any) -> dict[str, Any]:
        """Create a contact, and return it."""
        return self._json(self._post("", {"name": {"full": full}, **fields}), 201)

    def merge(
        self, target: dict[str, Any], *sources: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        """Merge contacts into one, and return that."""
        body = {"merged_ids": [item["id"] for item in sources], **more}
        return self._json(self._post(f"/{target['id']}/merge", body))

    def preview(
        self, target: dict[str, Any], *sources: dict[str, Any], **more: Any
    ) -> dict[str, Any]:
        """Return what a merge would come to."""
        body = {"merged_ids": [item["id"] for item in sources], **more}
        return self._json(self._post(f"/{target['id']}/merge/preview", body))

    def unmerge(self, contact: dict[str, Any], status: int = 200) -> dict[str, Any]:
        """Take the merge of a contact back."""
        return self._json(self._post(f"/{contact['id']}/unmerge"), status)

    def change(self, contact: dict[str, Any], **fields: Any) -> None:
        """Change a contact, whatever version it has."""
        answer = self.client.patch(
            f"{CONTACTS}/{contact['id']}",
            data=json.dumps(fields),
            headers=self.headers | {"Content-Type": MERGE_PATCH, "If-Match": "*"},
        )
        assert answer.status_code == 200, answer.text

    def define(self, field: dict[str, Any]) -> None:
        """Define a custom field."""
        self._json(self._post("/custom-fields", field), 201)

    def relate(self, one: dict[str, Any], other: dict[str, Any], kind: str) -> dict[str, Any]:
        """Relate two contacts."""
        body = {"target_id": other["id"], "type": kind}
        return self._json(self._post(f"/{one['id']}/relationships", body), 201)

    def related(self, contact: dict[str, Any]) -> set[tuple[str, str, str]]:
        """Return the relationships of a contact."""
        answer = self.client.get(f"{CONTACTS}/{contact['id']}/relationships", headers=self.headers)
        found = self._json(answer)["items"]
        return {(item["source_id"], item["target_id"], item["type"]) for item in found}

    def get(self, contact: dict[str, Any]) -> TestResponse:
        """Read a contact."""
        return self.client.get(f"{CONTACTS}/{contact['id']}", headers=self.headers)

    def said(self, contact: dict[str, Any]) -> dict[str, Any]:
        """Return what a contact says, without its version, times and others' values."""
        found = self._json(self.get(contact))
        return {
            name: value
            for name, value in found.items()
            if name not in {"version", "updated_at", "extensions"}
        }

    def delete(self, contact: dict[str, Any]) -> None:
        """Delete a contact."""
        answer = self.client.delete(
            f"{CONTACTS}/{contact['id']}", headers=self.headers | {"If-Match": "*"}
        )
        assert answer.status_code == 204, answer.text

    def _post(self, path: str, body: Any = None) -> TestResponse:
        return self.client.post(f"{CONTACTS}{path}", json=body, headers=self.headers)

    def _json(self, answer: TestResponse, status: int = 200) -> dict[str, Any]:
        assert answer.status_code == status, answer.text
        assert isinstance(answer.json, dict)
        return answer.json


@pytest.fixture
def book(client: FlaskClient, workspace: WorkspaceUnderTest) -> Book:
    """The contacts of the workspace under test."""
    return Book(client, workspace)


def addresses(contact: dict[str, Any]) -> list[str]:
    """Return the email addresses of a contact."""
    return [item["address"] for item in contact["emails"]]


def email(*items: str) -> list[dict[str, str]]:
    """Return emails as the API has them."""
    return [{"address": item} for item in items]


def test_both_are_as_they_were(book: Book, published_events: PublishedEvents) -> None:
    """What the one took is the other's alone again; one event tells whose merge that was."""
    target = book.add("Anna Ek", emails=email("anna@x.example"), note="Old friend")
    source = book.add("Anna Maria Ek", title="Chef", uid="urn:a", emails=email("ek@x.example"),
                      birthday="1980-03-21")  # fmt: skip
    before = book.said(target), book.said(source)
    book.merge(target, source)
    assert addresses(book.said(target)) == ["anna@x.example", "ek@x.example"]
    report = book.unmerge(source)
    assert (report["target_id"], report["kept"]) == (target["id"], [])
    assert report["contact"]["id"] == source["id"]
    assert (book.said(target), book.said(source)) == before
    told = published_events(ContactsUnmerged, ContactRestored)
    assert told == [
        ContactsUnmerged(contact_id=UUID(target["id"]), merged_ids=(UUID(source["id"]),)),
        ContactRestored(contact_id=UUID(source["id"])),
    ]


def test_what_was_changed_since_stays_and_is_told(book: Book) -> None:
    """A field and a value that somebody changed are theirs; the rest goes."""
    target = book.add("Anna Ek")
    source = book.add(
        "Anna Ek", title="Chef", birthday="1980-03-21", emails=email("a@x.example", "b@x.example")
    )
    book.merge(target, source)
    book.change(target, title="Head chef", emails=[*email("b@x.example"), *email("new@x.example")])
    report = book.unmerge(source)
    told = [(item["field"], item["value"]) for item in report["kept"]]
    assert told == [("title", "Head chef"), ("emails", "a@x.example")]
    found = book.said(target)
    assert (found["title"], found["birthday"]) == ("Head chef", None)
    assert addresses(found) == ["new@x.example"]
    assert book.said(source)["title"] == "Chef"
    assert addresses(book.said(source)) == ["a@x.example", "b@x.example"]


def test_tags_and_custom_values_go_back(book: Book) -> None:
    """Those of one's own stay; what somebody has changed since stays, too, and is told."""
    for key in ("size", "team", "shirt"):
        book.define({"key": key, "title": key, "type": "text"})
    target = book.add("Anna", tags=["Friend"], custom={"size": "S"})
    source = book.add("Anne", tags=["friend", "Chef"],
                      custom={"size": "M", "team": "Blue", "shirt": "Red"})  # fmt: skip
    before = book.said(source)
    book.merge(target, source)
    merged = book.said(target)
    assert merged["tags"] == ["Chef", "Friend"]
    assert merged["custom"] == {"size": "S", "team": "Blue", "shirt": "Red"}
    book.change(target, custom={"shirt": "Green"})
    report = book.unmerge(source)
    assert [(item["field"], item["value"]) for item in report["kept"]] == [
        ("custom", "shirt: Green")
    ]
    found = book.said(target)
    assert (found["tags"], found["custom"]) == (["Friend"], {"size": "S", "shirt": "Green"})
    assert book.said(source) == before


def test_relationships_go_back(book: Book, published_events: PublishedEvents) -> None:
    """Those that were moved, dropped as double, or led to the contact itself; none twice."""
    target, source, third, fourth = (book.add(name) for name in ("Anna", "Anna E", "Bo", "Cy"))
    book.relate(source, third, "friend")
    book.relate(fourth, source, "child")
    book.relate(target, third, "colleague")
    book.relate(source, third, "colleague")
    book.relate(source, target, "me")
    before = book.related(target), book.related(source)
    shown = book.preview(target, source)
    assert (shown["relationships"], shown["dropped"]) == (2, 2)
    book.merge(target, source)
    assert len(book.related(target)) == 3
    assert book.unmerge(source)["relationships"] == 4
    assert (book.related(target), book.related(source)) == before
    assert len(published_events(ContactsRelated)) == 5 + 4


def test_a_relationship_that_was_removed_since_stays_removed(book: Book) -> None:
    """And the report says so; one that was added since stays with the target."""
    target, source, third = (book.add(name) for name in ("Anna", "Anna E", "Bo"))
    relationship = book.relate(source, third, "friend")
    book.merge(target, source)
    path = f"{CONTACTS}/relationships/{relationship['id']}"
    headers = book.headers | {"If-Match": "*"}
    assert book.client.delete(path, headers=headers).status_code == 204
    book.relate(target, third, "neighbor")
    report = book.unmerge(source)
    assert [item["field"] for item in report["kept"]] == ["relationships"]
    assert book.related(source) == set()
    assert book.related(target) == {(target["id"], third["id"], "neighbor")}


def test_chains_are_taken_back_from_their_end(book: Book) -> None:
    """In the middle of A→B→C the merge of B is taken back with A in it; that of A before is not."""
    first, second, third = (
        book.add(name, emails=email(f"{name}@x.example")) for name in ("a", "b", "c")
    )
    before = [book.said(item) for item in (first, second, third)]
    book.merge(second, first)
    book.merge(third, second)
    problem = book.unmerge(first, 409)
    assert problem["type"].endswith("contact-merged-further")
    book.unmerge(second)
    assert book.said(third) == before[2]
    assert addresses(book.said(second)) == ["b@x.example", "a@x.example"]
    assert book.get(first).headers["Location"].endswith(f"{CONTACTS}/{second['id']}")
    book.unmerge(first)
    assert [book.said(item) for item in (first, second, third)] == before


def test_of_two_merges_the_first_can_be_taken_back_alone(book: Book) -> None:
    """What the second added stays, whichever goes first."""
    target = book.add("c", emails=email("c@x.example"))
    first, second = (book.add(name, emails=email(f"{name}@x.example")) for name in ("a", "b"))
    book.merge(target, first)
    book.merge(target, second)
    book.unmerge(first)
    assert addresses(book.said(target)) == ["c@x.example", "b@x.example"]
    book.unmerge(second)
    assert addresses(book.said(target)) == ["c@x.example"]


def test_copies_are_known_as_the_contact_again(book: Book, workspace: WorkspaceUnderTest) -> None:
    """An import of the card of what was merged finds that, and not what had taken it."""
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna Maria Ek\r\nTITLE:Chef\r\nEND:VCARD\r\n"

    def bring_in() -> str:
        with workspace.acting_as("crm_contacts"):
            (found,) = service(Contacts).import_cards((SourceCard(index=0, line=1, content=card),))
        return str(found.contact_id)

    source = {"id": bring_in()}
    target = book.add("Anna Ek")
    book.merge(target, source)
    assert bring_in() == target["id"]
    book.unmerge(source)
    assert bring_in() == source["id"]


def test_a_merge_is_shown_before(book: Book) -> None:
    """With every disagreement, and by choices; what is previewed is what comes."""
    target = book.add("Anna Ek", title="Architect", organisation="Ek AB")
    source = book.add(
        "Anna Ek", title="Chef", organisation="Ek Kök", units=["Kitchen"], uid="urn:a"
    )
    before = book.said(target), book.said(source)
    choices = {"title": source["id"], "organisation": target["id"]}
    shown = book.preview(target, source, fields_from=choices)
    assert (book.said(target), book.said(source)) == before
    conflicts = {item["field"]: item for item in shown["conflicts"]}
    assert conflicts.keys() == {"title", "organisation"}
    assert conflicts["title"]["chosen_id"] == source["id"]
    assert [item["value"] for item in conflicts["organisation"]["values"]] == [
        "Ek AB",
        "Ek Kök; Kitchen",
    ]
    merged = book.merge(target, source, fields_from=choices)
    assert (merged["title"], merged["organisation"], merged["uid"]) == ("Chef", "Ek AB", "urn:a")
    assert {(item["name"], item["value"]) for item in merged["raw"]} == {
        ("TITLE", "Architect"),
        ("ORG", "Ek Kök;Kitchen"),
    }
    # Of a time that ends in zeros, the one is written with them and the other without.
    times = {"created_at", "updated_at"}
    expected = {name: merged[name] for name in shown["contact"].keys() - {"version", *times}}
    assert expected == {name: shown["contact"][name] for name in expected}
    book.unmerge(source)
    assert (book.said(target), book.said(source)) == before


def test_what_makes_no_sense_is_refused(book: Book) -> None:
    """A choice of a stranger or of no field; taking back what is not merged, or unknown."""
    target, source, stranger = (book.add(name) for name in ("Anna", "Bo", "Cy"))
    body = {"merged_ids": [source["id"]], "fields_from": {"title": stranger["id"]}}
    path = f"{CONTACTS}/{target['id']}/merge"
    assert book.client.post(path, json=body, headers=book.headers).status_code == 422
    body["fields_from"] = {"shoes": source["id"]}
    assert book.client.post(path, json=body, headers=book.headers).status_code == 422
    assert book.unmerge(target, 409)["type"].endswith("contact-not-merged")
    book.unmerge({"id": UNKNOWN}, 404)
    book.delete(stranger)
    book.unmerge(stranger, 409)
    book.merge(target, source)
    restored = book.client.post(f"{CONTACTS}/{source['id']}/restore", headers=book.headers)
    assert restored.status_code == 200
    book.unmerge(source, 409)


def test_a_merge_may_depend_on_the_version(book: Book) -> None:
    """With `If-Match`, that of the contact that stays; all stays as it is otherwise."""
    target, source = book.add("Anna"), book.add("Bo")
    book.change(target, note="Changed")
    path, body = f"{CONTACTS}/{target['id']}/merge", {"merged_ids": [source["id"]]}
    old = book.headers | {"If-Match": '"1.0123456789abcdef"'}
    assert book.client.post(path, json=body, headers=old).status_code == 412
    assert book.get(source).status_code == 200
    now = book.headers | {"If-Match": str(book.get(target).headers["ETag"])}
    assert book.client.post(path, json=body, headers=now).status_code == 200


def test_a_merged_contact_leads_to_the_one_that_took_it(book: Book) -> None:
    """With what was asked for; nobody remembers that for good."""
    target, source = book.add("Anna"), book.add("Bo")
    book.merge(target, source)
    answer = book.client.get(f"{CONTACTS}/{source['id']}?fields=title", headers=book.headers)
    assert answer.status_code == 301
    assert answer.headers["Location"].endswith(f"{CONTACTS}/{target['id']}?fields=title")
    assert answer.headers["Cache-Control"] == "no-cache"
    book.delete(target)
    assert book.get(source).status_code == 404


def test_a_target_that_was_deleted_keeps_what_it_took(book: Book) -> None:
    """The source is back all the same, and the report says where the rest is."""
    target, source = book.add("Anna", note="x"), book.add("Bo", title="Chef")
    third = book.add("Cy")
    book.relate(source, third, "friend")
    book.merge(target, source)
    book.delete(target)
    report = book.unmerge(source)
    assert [item["field"] for item in report["kept"]] == ["contact"]
    assert book.said(source)["title"] == "Chef"
    assert book.related(third) == {(source["id"], third["id"], "friend")}


def test_somebody_elses_uid_is_no_ones(book: Book) -> None:
    """What was merged cannot come back while another contact has its UID; nothing is half done."""
    target, source = book.add("Anna", uid="urn:t"), book.add("Bo", uid="urn:s")
    book.merge(target, source)
    book.add("Cy", uid="urn:s")
    before = book.said(target)
    assert book.unmerge(source, 409)["type"].endswith("contact-uid-taken")
    assert book.said(target) == before


def test_of_two_merges_at_once_one_is_done(book: Book) -> None:
    """Of the same contacts, each into the other: nobody loses both, and nothing is half done."""
    for _ in range(5):
        one, other = book.add("Anna", title="One"), book.add("Anna", note="Other")

        def attempt(pair: tuple[dict[str, Any], dict[str, Any]]) -> int:
            body = {"merged_ids": [pair[1]["id"]]}
            path = f"{CONTACTS}/{pair[0]['id']}/merge"
            return int(
                book.client.application.test_client()
                .post(path, json=body, headers=book.headers)
                .status_code
            )

        with ThreadPoolExecutor(2) as pool:
            answers = sorted(pool.map(attempt, [(one, other), (other, one)]))
        assert answers[0] == 200
        assert answers[1] in {404, 409, 412}
        statuses = sorted(book.get(item).status_code for item in (one, other))
        assert statuses == [200, 301]


def both(book: Book, *requests: tuple[str, str, Any]) -> list[int]:
    """Send requests at the same moment: method, path and body; return their statuses."""
    barrier = Barrier(len(requests))

    def send(request: tuple[str, str, Any]) -> int:
        method, path, body = request
        headers = book.headers | {"If-Match": "*"}
        if method == "PATCH":
            headers |= {"Content-Type": MERGE_PATCH}
        barrier.wait()
        client = book.client.application.test_client()
        data = None if body is None else json.dumps(body)
        kind = None if method == "PATCH" or body is None else "application/json"
        sent = client.open(
            f"{CONTACTS}/{path}", method=method, data=data, headers=headers, content_type=kind
        )
        return int(sent.status_code)

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def test_a_change_beside_a_merge_is_not_lost(book: Book) -> None:
    """What somebody types while a contact takes another one is there, or the merge is refused."""
    for turn in range(4):
        target, source = book.add("Anna"), book.add("Bo", title="Chef")
        changed, merged = both(
            book,
            ("PATCH", target["id"], {"note": f"Typed {turn}"}),
            ("POST", f"{target['id']}/merge", {"merged_ids": [source["id"]]}),
        )
        assert changed == 200
        assert merged in {200, 412}
        found = book.said(target)
        assert found["note"] == f"Typed {turn}"
        assert found["title"] == ("Chef" if merged == 200 else None)
        assert book.get(source).status_code == (301 if merged == 200 else 200)


def test_a_merge_is_taken_back_once(book: Book) -> None:
    """Of two who do it at once, one is told that it is done; nothing is taken away twice."""
    for _ in range(3):
        target = book.add("Anna", emails=email("a@x.example"))
        source = book.add("Bo", emails=email("b@x.example"))
        book.merge(target, source)
        path = f"{source['id']}/unmerge"
        done, refused = sorted(both(book, ("POST", path, None), ("POST", path, None)))
        assert done == 200
        assert refused in {409, 412}
        assert addresses(book.said(target)) == ["a@x.example"]
        assert addresses(book.said(source)) == ["b@x.example"]


@pytest.mark.inside
def test_nothing_is_left_of_whom_was_erased(book: Book, workspace: WorkspaceUnderTest) -> None:
    """Neither what they said before a merge, nor a way to bring them back."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    target = book.add("Anna")
    source = book.add("Anna Maria Ek", emails=email("gone@x.example"))
    book.merge(target, source)
    subject = DataSubject(contact_ids=(UUID(source["id"]),), emails=("gone@x.example",), phones=())
    with workspace.acting_as("crm_contacts"):
        people.erase(subject)
    with workspace.acting_as("crm_contacts"):
        tables = ("contact_merge", "duplicate_key", "duplicate_pair")
        assert [execute(f"SELECT count(*) FROM crm_contacts.{name}")[0][0] for name in tables] == [
            0,
            0,
            0,
        ]
    book.unmerge(source, 404)
