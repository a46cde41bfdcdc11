"""Lists that people put contacts on, and segments, which are filters by a name."""

from __future__ import annotations

import json
from copy import copy
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.sdk.http import MERGE_PATCH
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient, ContactsPart

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class Groups(ContactsPart):
    """The lists and segments of one workspace over HTTP."""

    def make(self, path: str, **document: Any) -> dict[str, Any]:
        """Make a list, a segment or a tag, and return it."""
        answer = self.send("POST", path, json=document)
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def patch(self, path: str, **changes: Any) -> TestResponse:
        """Change one, whatever version it has."""
        headers = {"Content-Type": MERGE_PATCH, "If-Match": "*"}
        return self.send("PATCH", path, data=json.dumps(changes), headers=headers)

    def add(self, made: dict[str, Any], *contact_ids: str) -> int:
        """Put contacts on a list; return how many were not on it."""
        path = f"/lists/{made['id']}/members"
        answer = self.send("POST", path, json={"contact_ids": contact_ids})
        assert answer.status_code == 200, answer.text
        return int((answer.json or {})["added"])

    def found(self, name: str, value: str) -> list[str]:
        """Return whom a filter shows; the count is the same."""
        page = self.contacts.page(**{f"filter[{name}]": value, "total": True, "limit": 200})
        assert page["total"] == len(page["items"])
        return [item["name"]["full"] for item in page["items"]]


@pytest.fixture
def groups(contacts: ContactsClient) -> Groups:
    """The lists and segments of the workspace."""
    return Groups(contacts)


def person(contacts: ContactsClient, full: str, **more: Any) -> str:
    """Create a contact, and return its id."""
    return str(contacts.create({"name": {"full": full}, **more})["id"])


def test_contacts_are_put_on_lists(contacts: ContactsClient, groups: Groups) -> None:
    """Each once; by id or name, lists show who is on them, and a list goes without them."""
    anna, bo, cy = (person(contacts, full) for full in ("Anna", "Bo", "Cy"))
    guests, hosts = groups.make("/lists", name="Guests"), groups.make("/lists", name="Hosts")
    assert groups.add(guests, anna, bo, UNKNOWN) == 2
    assert groups.add(guests, bo, cy) == 1
    assert groups.add(hosts, bo) == 1
    assert groups.found("list][in", guests["id"]) == ["Anna", "Bo", "Cy"]
    assert groups.found("list][all", "guests, HOSTS") == ["Bo"]
    assert groups.found("list][none", "hosts") == ["Anna", "Cy"]
    assert groups.send("DELETE", f"/lists/{guests['id']}/members/{cy}").status_code == 204
    assert groups.send("DELETE", f"/lists/{guests['id']}/members/{cy}").status_code == 204
    assert groups.found("list][in", "guests") == ["Anna", "Bo"]
    assert contacts.get(anna)["version"] == 1
    gone = groups.send("DELETE", f"/lists/{guests['id']}", headers={"If-Match": "*"})
    assert (gone.status_code, groups.found("list][in", guests["id"])) == (204, [])
    assert groups.send("POST", f"/lists/{guests['id']}/members", json={"contact_ids": [anna]}
        ).status_code == 404  # fmt: skip
    assert len(contacts.all()) == 3


@pytest.mark.parametrize(
    ("path", "more"), [("/lists", {}), ("/segments", {"filter": {"name": {"eq": "x"}}})]
)
def test_names_are_used_once(groups: Groups, path: str, more: dict[str, Any]) -> None:
    """A name is that of one list or segment, whatever its case, and is changed by a PATCH."""
    made = groups.make(path, name="Guests", **more)
    other = groups.make(path, name="Other", **more)
    again = groups.send("POST", path, json={"name": " guests", **more})
    assert again.status_code == 409, again.text
    assert groups.patch(f"{path}/{other['id']}", name="GUESTS").status_code == 409
    assert groups.patch(f"{path}/{made['id']}", name="guests").status_code == 200
    for wrong in ("", " ", "x" * 61, "two\nlines"):
        document = {"name": wrong, **more}
        assert groups.send("POST", path, json=document).status_code == 422, wrong
    page = groups.send("GET", path, query_string={"total": "true"}).json or {}
    assert ([item["name"] for item in page["items"]], page["total"]) == (["guests", "Other"], 2)
    stale = groups.send("DELETE", f"{path}/{made['id']}", headers={"If-Match": '"1.x"'})
    assert stale.status_code == 412
    assert groups.send("GET", f"{path}/{UNKNOWN}").status_code == 404


@pytest.mark.parametrize(
    ("path", "more"),
    [("/tags", {}), ("/lists", {}), ("/segments", {"filter": {"kind": {"eq": "org"}}})],
)
def test_a_name_that_two_get_at_once_is_that_of_one(
    groups: Groups, path: str, more: dict[str, Any]
) -> None:
    """The other one keeps its own, and is told so."""
    made = [groups.make(path, name=name, **more) for name in ("One", "Two")]
    client = groups.contacts.client
    for turn in range(10):
        begin, answers = Barrier(2), list[int]()

        def rename(found: dict[str, Any], begin: Barrier = begin, turn: int = turn) -> None:
            sender = Groups(copy(groups.contacts))
            sender.contacts.client = client.application.test_client()
            begin.wait()
            answer = sender.patch(f"{path}/{found['id']}", name=f"turn {turn}")
            answers.append(answer.status_code)  # noqa: B023 (joined within the turn)

        threads = [Thread(target=rename, args=(found,)) for found in made]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 409]


def test_members_follow_their_contacts(contacts: ContactsClient, groups: Groups) -> None:
    """Who is deleted is not shown and comes back; who is merged is on the lists of both."""
    anna, other, bo = (person(contacts, full) for full in ("Anna", "Anne", "Bo"))
    one, two = groups.make("/lists", name="One"), groups.make("/lists", name="Two")
    groups.add(one, anna, other, bo)
    groups.add(two, other)
    groups.send("DELETE", f"/{bo}", headers={"If-Match": "*"})
    assert groups.found("list][in", "one") == ["Anna", "Anne"]
    groups.send("POST", f"/{bo}/restore")
    assert groups.found("list][in", "one") == ["Anna", "Anne", "Bo"]
    groups.send("POST", f"/{anna}/merge", json={"merged_ids": [other]})
    assert groups.found("list][in", "one") == ["Anna", "Bo"]
    assert groups.found("list][in", "two") == ["Anna"]


def test_whoever_is_taken_apart_again_is_on_its_own_lists(
    contacts: ContactsClient, groups: Groups
) -> None:
    """A contact stays on a list as long as another that is merged into it is why it is there."""
    anna, other, third = (person(contacts, full) for full in ("Anna", "Anne", "Ann"))
    one, two = groups.make("/lists", name="One"), groups.make("/lists", name="Two")
    groups.add(one, anna, other)
    groups.add(two, other, third)
    groups.send("POST", f"/{anna}/merge", json={"merged_ids": [other, third]})
    assert groups.found("list][in", "two") == ["Anna"]
    assert groups.send("POST", f"/{other}/unmerge").status_code == 200
    assert groups.found("list][in", "one") == ["Anna", "Anne"]
    assert groups.found("list][in", "two") == ["Anna", "Anne"]
    assert groups.send("POST", f"/{third}/unmerge").status_code == 200
    assert groups.found("list][in", "two") == ["Anne", "Ann"]


def test_segments_are_live_filters(contacts: ContactsClient, groups: Groups) -> None:
    """A segment shows whom its filter shows now, alone and together with other filters."""
    person(contacts, "Anna", organisation="Lind", tags=["VIP"])
    bo = person(contacts, "Bo", organisation="Lindqvist")
    filters = {"organisation": {"prefix": "lind"}, "tag": {"none": "vip"}}
    near = groups.make("/segments", name="Near", filter=filters)
    assert near["filter"]["organisation"] == {"prefix": "lind"}
    assert groups.found("segment][eq", near["id"]) == ["Bo"]
    person(contacts, "Cy", organisation="LIND AB")
    assert groups.found("segment][eq", "near") == ["Cy", "Bo"]  # in the order of its prefix
    both = {"filter[segment][eq]": near["id"], "filter[name][prefix]": "c", "sort": "-name"}
    assert [item["name"]["full"] for item in contacts.page(**both)["items"]] == ["Cy"]
    groups.patch(f"/segments/{near['id']}", filter={"name": {"eq": "bo"}})
    assert groups.found("segment][eq", near["id"]) == ["Bo"]
    listed = groups.make("/lists", name="L")
    groups.add(listed, bo)
    groups.patch(f"/segments/{near['id']}", filter={"list": {"in": "l"}})
    assert groups.found("segment][eq", near["id"]) == ["Bo"]
    export = contacts.client.get(
        "/api/v1/exports/contacts-ndjson",
        query_string={"filter[segment][eq]": near["id"]},
        headers=contacts.headers,
    )
    assert [json.loads(line)["id"] for line in export.text.splitlines()] == [bo]
    export.close()


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"name": {}},
        {"name": {"gt": "x"}},
        {"unknown": {"eq": "x"}},
        {"kind": {"eq": "x"}},
        {"created_at": {"gt": "yesterday"}},
        {"deleted": {"eq": "true"}},
        {"segment": {"eq": "x"}},
        {"tag": {"in": "unknown"}},
        {"custom.unknown": {"eq": "x"}},
        {"name": {"eq": "\ud800"}},
    ],
    ids=str,
)
def test_filters_that_mean_nothing_are_not_saved(groups: Groups, filters: Any) -> None:
    """What no list understands is refused when it is saved, not when it is asked."""
    body = json.dumps({"name": "S", "filter": filters})
    answer = groups.send("POST", "/segments", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}, answer.text
    assert (groups.send("GET", "/segments").json or {})["items"] == []


def test_segments_follow_their_tags_and_hold_their_fields(
    contacts: ContactsClient, groups: Groups
) -> None:
    """A renamed or merged tag is still asked for, and no field that is asked for goes."""
    person(contacts, "Anna", tags=["VIP"])
    tags = (groups.send("GET", "/tags").json or {})["items"]
    segment = groups.make("/segments", name="S", filter={"tag": {"in": "vip"}})
    groups.patch(f"/tags/{tags[0]['id']}", name="Key")
    assert groups.found("segment][eq", "s") == ["Anna"]
    other = groups.make("/tags", name="Other")
    groups.send("POST", f"/tags/{other['id']}/merge", json={"merged_ids": [tags[0]["id"]]})
    assert groups.found("segment][eq", "s") == ["Anna"]
    field = groups.make("/custom-fields", key="score", title="Score", type="number")
    filters = {"custom.score": {"gte": "5"}}
    groups.patch(f"/segments/{segment['id']}", filter=filters)
    person(contacts, "Bo", custom={"score": 5})
    assert groups.found("segment][eq", "s") == ["Bo"]
    path = f"/custom-fields/{field['id']}"
    held = groups.send("DELETE", path, headers={"If-Match": "*"})
    assert (held.status_code, "S." in held.text) == (409, True)
    assert groups.patch(path, type="text").status_code == 409
    groups.send("DELETE", f"/segments/{segment['id']}", headers={"If-Match": "*"})
    assert groups.send("DELETE", path, headers={"If-Match": "*"}).status_code == 200


def test_all_of_a_segment_are_put_on_a_list(contacts: ContactsClient, groups: Groups) -> None:
    """A bulk edit reads segments and writes lists; one that is gone by then is passed over."""
    for number in range(3):
        person(contacts, f"P{number}", organisation="Lind")
    person(contacts, "Other")
    groups.make("/segments", name="S", filter={"organisation": {"eq": "lind"}})
    made, gone = groups.make("/lists", name="Made"), groups.make("/lists", name="Gone")
    late = groups.make("/lists", name="Late")
    groups.add(gone, *(item["id"] for item in contacts.all()))
    contacts.register()
    edits = {
        "filter": {"segment": {"eq": "s"}},
        "add_to_lists": [made["id"], late["id"]],
        "remove_from_lists": [gone["id"]],
    }
    answer = groups.send("POST", "/bulk-edits", json=edits)
    assert answer.status_code == 202, answer.text
    path = f"/lists/{late['id']}"
    assert groups.send("DELETE", path, headers={"If-Match": "*"}).status_code == 204
    contacts.run_jobs()
    assert groups.found("list][in", "made") == ["P0", "P1", "P2"]
    assert groups.found("list][in", "gone") == ["Other"]


def test_groups_of_another_workspace_are_not_there(
    contacts: ContactsClient,
    groups: Groups,
    other_workspace: WorkspaceUnderTest,
    client: FlaskClient,
) -> None:
    """Neither list nor segment is found, and nobody's contact is put on another's list."""
    anna = person(contacts, "Anna")
    made = groups.make("/lists", name="L")
    segment = groups.make("/segments", name="S", filter={"name": {"eq": "anna"}})
    others = Groups(contacts.of(other_workspace, client))
    assert others.send("GET", f"/lists/{made['id']}").status_code == 404
    assert others.send("GET", f"/segments/{segment['id']}").status_code == 404
    own = others.make("/lists", name="L")
    assert others.add(own, anna) == 0
    path = f"/lists/{made['id']}/members"
    assert others.send("POST", path, json={"contact_ids": [anna]}).status_code == 404
    query = {"filter[segment][eq]": segment["id"]}
    assert others.send("GET", "", query_string=query).status_code == 400


def test_pages_show_lists_and_segments(
    signed_in: Browser, contacts: ContactsClient, groups: Groups
) -> None:
    """A filter of the table is saved with it; a list is made, filled on a contact's page, gone."""
    anna = person(contacts, "Anna", organisation="Lind")
    person(contacts, "Bo")
    filtered = "/contacts?filter[organisation][eq]=lind"
    assert "Save this filter as a segment" in signed_in.get(filtered).text
    saved = signed_in.send(
        "/contacts/segments?filter[organisation][eq]=lind", {"name": "<i>Near"}, page=filtered
    )
    shown = signed_in.get(saved.location or "").text
    assert ("&lt;i&gt;Near" in shown, ">Anna</a>" in shown, ">Bo</a>" in shown) == (
        True, True, False,
    )  # fmt: skip
    page = "/contacts/groups"
    assert signed_in.send(page, {"name": "Guests"}).location == page
    assert signed_in.send(page, {"name": "guests"}).status_code == 409
    made = (groups.send("GET", "/lists").json or {})["items"][0]
    path = f"/contacts/{anna}"
    assert "On no list yet." in signed_in.get(path).text
    signed_in.send(f"{path}/lists", {"list_id": made["id"]}, page=path)
    assert groups.found("list][in", "guests") == ["Anna"]
    assert 'Guests <span class="text-secondary">1</span>' in signed_in.get(page).text
    signed_in.send(f"{page}/{made['id']}", {"name": "Invited"}, page=page)
    assert "Invited" in signed_in.get(path).text
    signed_in.send(f"{path}/lists/delete", {"list_id": made["id"]}, page=path)
    assert groups.found("list][in", "invited") == []
    signed_in.send(f"{page}/{made['id']}/delete", page=page)
    segment = (groups.send("GET", "/segments").json or {})["items"][0]
    signed_in.send(f"/contacts/segments/{segment['id']}/delete", page=page)
    assert (groups.send("GET", "/segments").json or {})["items"] == []


def test_an_edit_keeps_to_what_its_segment_was(contacts: ContactsClient, groups: Groups) -> None:
    """Whoever asked for it meant that; a field that is gone since ends it, and says so."""
    person(contacts, "Anna", organisation="Lind")
    person(contacts, "Bo")
    field = groups.make("/custom-fields", key="score", title="Score", type="number")
    guests = groups.make("/lists", name="Guests")
    lind = groups.make("/segments", name="Lind", filter={"organisation": {"prefix": "lind"}})
    contacts.register()
    asked = []
    for filters in ({"segment": {"eq": "lind"}}, {"custom.score": {"gt": "1"}}):
        edit = {"filter": filters, "add_to_lists": [guests["id"]]}
        answer = groups.send("POST", "/bulk-edits", json=edit)
        assert answer.status_code == 202
        asked.append((answer.json or {})["id"])
    for path in (f"/segments/{lind['id']}", f"/custom-fields/{field['id']}"):
        gone = groups.send("DELETE", path, headers={"If-Match": "*"})
        assert gone.status_code in {200, 204}
    runs = contacts.run_jobs(failures=True)
    assert [run.attempt for run in runs if run.fate == "failed"] == [1]
    done, stopped = map(contacts.operation, asked)
    assert (done["state"], stopped["state"]) == ("succeeded", "failed")
    assert stopped["error"]["type"] == "urn:meishi:problem:invalid-contact-query"
    assert groups.found("list][in", "guests") == ["Anna"]


@pytest.mark.inside
def test_segments_that_ask_for_whom_was_erased_are_gone_and_no_others(
    contacts: ContactsClient, groups: Groups, workspace: WorkspaceUnderTest
) -> None:
    """However a number is written; but one of a digit is in no id, word or other number."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    number, address = "+46 70-123 45 67", "a@x.example"
    one = person(
        contacts,
        "Anna",
        phones=[{"number": "7"}, {"number": number}],
        emails=[{"address": "o"}, {"address": address}],
    )
    tag = groups.make("/tags", name="7")
    hers: list[dict[str, Any]] = [
        {"email": {"eq": "A@X.example"}},
        {"phone": {"prefix": "070 1234567"}},
        {"phone": {"eq": "0046701234567"}, "tag": {"in": tag["id"]}},
        {"name": {"prefix": f"({address})"}},
    ]
    others: list[dict[str, Any]] = [
        {"tag": {"in": tag["id"]}},
        {"created_at": {"lt": "2027-01-07T00:00:00Z"}},
        {"organisation": {"prefix": "organisation"}},
        {"email": {"eq": "maria.a@x.example"}},
        {"email": {"eq": "a@x.example.org"}},
        {"phone": {"prefix": "+4670"}},
        {"phone": {"eq": "+46701234568"}},
    ]
    for place, filters in enumerate((*hers, *others)):
        groups.make("/segments", name=f"Segment {place}", filter=filters)
        edit = {"filter": filters, "add_tags": [tag["id"]]}
        assert groups.send("POST", "/bulk-edits", json=edit).status_code == 202
    subject = DataSubject(contact_ids=(UUID(one),), emails=(address,), phones=("+46701234567",))
    with workspace.acting_as("crm_contacts"):
        people.erase(subject)
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT count(*) FROM crm_contacts.bulk_edit", {})[0][0] == len(others)
    left = (groups.send("GET", "/segments").json or {})["items"]
    first = len(hers)
    names = [f"Segment {place}" for place in range(first, first + len(others))]
    assert [item["name"] for item in left] == names
