"""Tags: on contacts, in lists and cards, and what becomes of contacts when tags change."""

from __future__ import annotations

import json
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from crm_contacts.contract import ContactChanges, Contacts, ContactUpdated, Tags
from meishi.sdk.context import service
from meishi.sdk.database import current_connection
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import PublishedEvents

from .conftest import CONTACTS, ContactsClient, vcard

TAGS = f"{CONTACTS}/tags"
UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class TagClient:
    """The tags of one workspace over HTTP."""

    def __init__(self, contacts: ContactsClient) -> None:
        self.contacts = contacts

    def send(self, method: str, path: str, **request: Any) -> TestResponse:
        """Send a request below the address of tags."""
        headers = self.contacts.headers | request.pop("headers", {})
        return self.contacts.client.open(f"{TAGS}{path}", method=method, headers=headers, **request)

    def make(self, name: str, **more: Any) -> dict[str, Any]:
        """Make a tag, and return it."""
        answer = self.send("POST", "", json={"name": name, **more})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def change(self, tag: dict[str, Any], changes: dict[str, Any]) -> TestResponse:
        """Change a tag, whatever version it has."""
        headers = {"Content-Type": MERGE_PATCH, "If-Match": "*"}
        return self.send("PATCH", f"/{tag['id']}", data=json.dumps(changes), headers=headers)

    def all(self) -> list[str]:
        """Return the names of all tags, in order of creation."""
        answer = self.send("GET", "", query_string={"limit": 200})
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in (answer.json or {})["items"]]

    def by_name(self, name: str) -> dict[str, Any]:
        """Return the tag with a name."""
        items = (self.send("GET", "").json or {})["items"]
        return next(item for item in items if item["name"] == name)

    def edit(self, document: dict[str, Any], status: int = 202) -> dict[str, Any]:
        """Ask for an edit of many contacts, and return the operation or the problem."""
        answer = self.contacts.client.post(
            f"{CONTACTS}/bulk-edits", json=document, headers=self.contacts.headers
        )
        assert answer.status_code == status, answer.text
        return dict(answer.json or {})

    def edited(self, document: dict[str, Any]) -> dict[str, Any]:
        """Have many contacts edited, and return what came of it."""
        self.contacts.register()
        operation = self.edit(document)
        self.contacts.run_jobs()
        found = self.contacts.operation(operation["id"])
        assert found["state"] == "succeeded", found
        return dict(found["result"])


@pytest.fixture
def tags(contacts: ContactsClient) -> TagClient:
    """The tags of the workspace."""
    return TagClient(contacts)


def person(full: str, *tags: str) -> dict[str, Any]:
    """Return a contact to be created."""
    return {"name": {"full": full}, "tags": list(tags)}


def names(page: dict[str, Any]) -> list[str]:
    """Return whom a page shows."""
    return [item["name"]["full"] for item in page["items"]]


def tagged_by(published: PublishedEvents) -> list[str]:
    """Return the contacts of which it was told that their tags changed, and nothing else."""
    told = published(ContactUpdated)
    assert all(isinstance(item, ContactUpdated) and item.fields == ("tags",) for item in told)
    return [str(item.contact_id) for item in told if isinstance(item, ContactUpdated)]


def test_names_on_contacts_become_tags(
    contacts: ContactsClient, tags: TagClient, published_events: PublishedEvents
) -> None:
    """A name is a tag from its first use, in the case of that; a contact shows them by name."""
    anna = contacts.create(person("Anna", "VIP", " new  customer ", "vip"))
    assert anna["tags"] == ["new customer", "VIP"]
    bo = contacts.create(person("Bo", "Vip"))
    assert bo["tags"] == ["VIP"]
    assert sorted(tags.all()) == ["VIP", "new customer"]
    contacts.patch(bo, {"tags": ["NEW Customer", "Friend"]})
    changed = contacts.get(bo["id"])
    assert (changed["tags"], changed["version"]) == (["Friend", "new customer"], 2)
    contacts.patch(bo, {"tags": ["friend", "new customer"]})
    assert contacts.get(bo["id"])["version"] == 2
    contacts.patch(bo, {"tags": None})
    assert contacts.get(bo["id"])["tags"] == []
    assert tagged_by(published_events) == [bo["id"], bo["id"]]


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ([" "], "/tags/0"),
        (["ok", "x" * 61], "/tags/1"),
        (["two\nlines"], "/tags/0"),
        ([f"t{number}" for number in range(51)], "/tags"),
    ],
)
def test_what_is_no_tag_is_refused(
    contacts: ContactsClient, tags: TagClient, wrong: list[str], pointer: str
) -> None:
    """Blank, long and several lines are told by their place, and nothing is stored."""
    problem = contacts.refused(person("Anna", *wrong))
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert (tags.all(), contacts.all()) == ([], [])


def test_tags_are_made_changed_and_deleted(
    contacts: ContactsClient, tags: TagClient, published_events: PublishedEvents
) -> None:
    """A tag has one name in a workspace; its contacts change with it, and lose it with its end."""
    vip = tags.make("VIP", colour="red")
    assert (vip["colour"], vip["version"]) == ("red", 1)
    assert tags.send("POST", "", json={"name": " vip "}).status_code == 409
    assert tags.send("POST", "", json={"name": " "}).status_code == 422
    anna = contacts.create(person("Anna", "vip"))
    contacts.create(person("Bo"))
    assert anna["tags"] == ["VIP"]
    tags.make("Other")
    assert tags.change(vip, {"name": "OTHER"}).status_code == 409
    assert tags.change(vip, {"colour": "blue"}).status_code == 200
    assert contacts.get(anna["id"])["version"] == 1
    answer = tags.change(vip, {"name": "Key account"})
    assert (answer.json or {})["name"] == "Key account"
    assert (contacts.get(anna["id"])["tags"], contacts.get(anna["id"])["version"]) == (
        ["Key account"], 2,
    )  # fmt: skip
    stale = tags.send("DELETE", f"/{vip['id']}", headers={"If-Match": '"1.x"'})
    assert stale.status_code == 412
    assert tags.send("DELETE", f"/{vip['id']}").status_code == 428
    gone = tags.send("DELETE", f"/{vip['id']}", headers={"If-Match": "*"})
    assert (gone.status_code, contacts.get(anna["id"])["tags"]) == (204, [])
    assert tags.send("GET", f"/{vip['id']}").status_code == 404
    assert tagged_by(published_events) == [anna["id"]] * 2


def test_a_renamed_tag_is_told_by_the_feed(contacts: ContactsClient, tags: TagClient) -> None:
    """Who follows the changes of contacts learns what their tags are called now."""
    vip = tags.make("VIP")
    anna = contacts.create(person("Anna", "VIP"))
    contacts.create(person("Bo"))
    feed = f"{CONTACTS}/changes"
    first = contacts.client.get(feed, headers=contacts.headers).json or {}
    tags.change(vip, {"name": "Key account"})
    query = {"since": first["next"]}
    second = contacts.client.get(feed, query_string=query, headers=contacts.headers).json or {}
    assert [(item["id"], item["tags"]) for item in second["items"]] == [
        (anna["id"], ["Key account"])
    ]


def test_merged_tags_are_one(contacts: ContactsClient, tags: TagClient) -> None:
    """Contacts of the others get the one that stays, once, and the others are gone."""
    one, two, three = (tags.make(name) for name in ("One", "Two", "Three"))
    both = contacts.create(person("Both", "One", "Two"))
    third = contacts.create(person("Third", "Three"))
    path = f"/{one['id']}/merge"
    assert tags.send("POST", path, json={"merged_ids": [one["id"]]}).status_code == 422
    assert tags.send("POST", path, json={"merged_ids": [UNKNOWN]}).status_code == 404
    answer = tags.send("POST", path, json={"merged_ids": [two["id"], three["id"]]})
    assert answer.status_code == 200, answer.text
    assert tags.all() == ["One"]
    assert [contacts.get(found["id"])["tags"] for found in (both, third)] == [["One"], ["One"]]


FOUND = [
    ("in", "a", ["Ab", "A"]),
    ("in", "A, b", ["Ab", "A", "B"]),
    ("all", "a,b", ["Ab"]),
    ("none", "a", ["B", "Nobody"]),
    ("none", "a,B", ["Nobody"]),
    ("in", "unknown", []),
    ("all", "a,unknown", []),
    ("none", "unknown", ["Ab", "A", "B", "Nobody"]),
]


def test_lists_are_filtered_by_tags(
    contacts: ContactsClient, tags: TagClient, subtests: pytest.Subtests
) -> None:
    """One of several tags, all of them or none, by name or by id; counted and paged alike."""
    for full, given in (("Ab", "ab"), ("A", "a"), ("B", "b"), ("Nobody", "")):
        contacts.create(person(full, *given))
    known = {item: tags.by_name(item)["id"] for item in "ab"}
    for operator, value, found in FOUND:
        for written in (value, known.get(value.lower(), value)):
            with subtests.test(operator=operator, value=written):
                page = contacts.page(**{f"filter[tag][{operator}]": written, "total": True})
                assert (names(page), page["total"]) == (found, len(found))
    for wrong in ("", ",", "a,,b", ",".join("abcdefghij" * 6)):
        answer = contacts.client.get(
            CONTACTS, query_string={"filter[tag][in]": wrong}, headers=contacts.headers
        )
        assert answer.status_code == 400, wrong


def test_cards_bring_categories_as_tags(contacts: ContactsClient, tags: TagClient) -> None:
    """An import makes tags of categories, the same file again changes nothing, and cards say them.

    Categories that say more than words stay as they were.
    """
    card = vcard("FN:Anna", "CATEGORIES:Friends,Caf\\, bar,friends", "UID:a")
    other = vcard("FN:Bo", "CATEGORIES;LANGUAGE=en:Friends", f"CATEGORIES:{'x' * 61}")
    assert contacts.upload(card + other)["counts"]["created"] == 2
    anna, bo = contacts.all()
    assert (anna["tags"], anna["raw"]) == (["Caf, bar", "Friends"], [])
    assert (bo["tags"], len(bo["raw"])) == ([], 2)
    assert contacts.upload(card)["counts"]["unchanged"] == 1
    again = card.replace("FN:Anna", "FN:Anna\r\nCATEGORIES:Work")
    assert contacts.upload(again)["counts"]["updated"] == 1
    assert contacts.get(anna["id"])["tags"] == ["Caf, bar", "Friends", "Work"]
    answer = contacts.client.get(f"{CONTACTS}/{anna['id']}/vcard", headers=contacts.headers)
    assert "CATEGORIES:Caf\\, bar,Friends,Work" in answer.text


def test_an_import_of_many_tags_them_all(contacts: ContactsClient, tags: TagClient) -> None:
    """Contacts that are written by COPY have their tags, new ones and those that change."""
    cards = [vcard(f"FN:P{number}", f"UID:{number}") for number in range(60)]
    contacts.upload("".join(cards))
    tagged = [
        vcard(f"FN:P{number}", f"UID:{number}", f"CATEGORIES:all,group {number % 3}")
        for number in range(120)
    ]
    counts = contacts.upload("".join(tagged))["counts"]
    assert (counts["created"], counts["updated"]) == (60, 60)
    assert sorted(tags.all()) == ["all", "group 0", "group 1", "group 2"]
    both = {"filter[tag][all]": "ALL,group 1", "total": True}
    assert contacts.page(**both)["total"] == 40


def test_a_merged_contact_has_the_tags_of_both(contacts: ContactsClient) -> None:
    """A merge unites tags; what was merged keeps its own until it is restored."""
    anna, other = contacts.create(person("Anna", "a")), contacts.create(person("Anna", "A", "b"))
    merged = contacts.client.post(
        f"{CONTACTS}/{anna['id']}/merge", json={"merged_ids": [other["id"]]},
        headers=contacts.headers,
    )  # fmt: skip
    assert (merged.json or {})["tags"] == ["a", "b"]
    assert names(contacts.page(**{"filter[tag][in]": "b"})) == ["Anna"]
    contacts.client.post(f"{CONTACTS}/{other['id']}/restore", headers=contacts.headers)
    assert contacts.get(other["id"])["tags"] == ["a", "b"]


def test_many_contacts_are_tagged_at_once(
    contacts: ContactsClient,
    tags: TagClient,
    published_events: PublishedEvents,
    workspace: WorkspaceUnderTest,
) -> None:
    """A filter or ids say whose tags change; that is done in steps, and an operation tells it."""
    cards = [vcard(f"FN:P{number}", f"ORG:O{number % 2}") for number in range(1_210)]
    contacts.upload("".join(cards))
    vip, old = tags.make("VIP"), tags.make("Old")
    query = {"filter": {"organisation": {"eq": "o1"}}, "add_tags": [vip["id"], old["id"]]}
    assert tags.edited(query) == {"contacts": 605, "changed": 605, "passed_over": {}}
    assert tags.edited(query) == {"contacts": 605, "changed": 0, "passed_over": {}}
    query = {"filter": {"tag": {"in": "vip"}}, "remove_tags": [old["id"], UNKNOWN]}
    assert tags.edited(query) == {"contacts": 605, "changed": 605, "passed_over": {}}
    assert contacts.page(**{"filter[tag][in]": "vip", "total": True})["total"] == 605
    assert contacts.page(**{"filter[tag][in]": "old", "total": True})["total"] == 0
    ids = [item["id"] for item in contacts.page(limit=3)["items"]]
    by_id = {"contact_ids": [*ids, UNKNOWN], "add_tags": [old["id"]]}
    gone = {"contact-not-found": 1}
    assert tags.edited(by_id) == {"contacts": 4, "changed": 3, "passed_over": gone}
    assert len(tagged_by(published_events)) == 605 + 605 + 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"filter": {}, "add_tags": []},
        {"add_tags": ["VIP"]},
        {"filter": {}, "contact_ids": [UNKNOWN], "add_tags": ["VIP"]},
        {"filter": {}, "add_tags": ["VIP"], "remove_tags": ["VIP"]},
        {"filter": {"name": {"gt": "a"}}, "add_tags": ["VIP"]},
        {"filter": {"kind": {"eq": "x"}}, "add_tags": ["VIP"]},
        {"filter": {"deleted": {"eq": "true"}}, "add_tags": ["VIP"]},
    ],
)
def test_edits_that_mean_nothing_are_refused(tags: TagClient, wrong: dict[str, Any]) -> None:
    """What is edited, how, and whose it is must be told, and nothing else."""
    vip = tags.make("VIP")["id"]
    named = {
        name: [vip for _ in wrong[name]] for name in ("add_tags", "remove_tags") if name in wrong
    }
    problem = tags.edit(wrong | named, status=422)
    assert problem["type"].endswith(("invalid-bulk-edit", "validation-error")), problem


def test_edits_by_tags_and_lists_that_are_not_there_are_refused(tags: TagClient) -> None:
    """Nobody is told that an edit is under way which would do nothing; each is named."""
    vip = tags.make("VIP")["id"]
    asked = {"filter": {}, "add_tags": [vip, UNKNOWN], "add_to_lists": [UNKNOWN]}
    problem = tags.edit(asked, status=422)
    assert problem["type"].endswith("invalid-bulk-edit")
    assert [(item["pointer"], item["code"]) for item in problem["errors"]] == [
        ("/add_tags/1", "no-tag"),
        ("/add_to_lists/0", "no-list"),
    ]


def test_tags_of_another_workspace_are_not_there(
    contacts: ContactsClient,
    tags: TagClient,
    other_workspace: WorkspaceUnderTest,
    client: FlaskClient,
) -> None:
    """Neither its tags nor their contacts are found, and both may have tags of one name."""
    vip = tags.make("VIP")
    contacts.create(person("Anna", "VIP"))
    others = TagClient(contacts.of(other_workspace, client))
    assert others.all() == []
    assert others.send("GET", f"/{vip['id']}").status_code == 404
    assert others.change(vip, {"name": "x"}).status_code == 404
    assert names(others.contacts.page(**{"filter[tag][in]": vip["id"]})) == []
    assert others.make("vip")["name"] == "vip"


def test_a_new_name_on_two_contacts_at_once(
    contacts: ContactsClient, tags: TagClient, workspace: WorkspaceUnderTest
) -> None:
    """Whoever comes second takes the tag of the first; while it is renamed, nobody is stuck."""
    ids = [UUID(contacts.create(person(f"P{number}"))["id"]) for number in range(2)]
    for turn in range(6):
        begin = Barrier(3)

        def tag(contact_id: UUID, name: str = f"t{turn}", begin: Barrier = begin) -> None:
            begin.wait()
            found = contacts.get(str(contact_id))
            contacts_of(workspace, contact_id, (*found["tags"], name))

        def rename(begin: Barrier = begin, turn: int = turn) -> None:
            begin.wait()
            if turn:
                with workspace.acting_as("crm_contacts"):
                    known = service(Tags).list().items
                    service(Tags).update(known[0].id, name=f"renamed {turn}")

        threads = [Thread(target=tag, args=(found,)) for found in ids]
        threads.append(Thread(target=rename))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for contact_id in ids:
        assert "t5" in contacts.get(str(contact_id))["tags"]
    assert "renamed 5" in tags.all()


def contacts_of(workspace: WorkspaceUnderTest, contact_id: UUID, given: tuple[str, ...]) -> None:
    """Give a contact tags, in a transaction of its own."""
    with workspace.acting_as("crm_contacts"):
        service(Contacts).update(contact_id, ContactChanges(tags=given))


def test_who_may_only_read_changes_nothing_on_the_page_of_tags(
    signed_in: Browser, tags: TagClient, workspace: WorkspaceUnderTest
) -> None:
    """The form is not shown to them, and what is sent to its address all the same is refused."""
    tags.make("VIP")
    token = token_on(signed_in.get("/contacts/new"))
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'viewer'"))
    shown = signed_in.get("/contacts/tags")
    assert (shown.status_code, 'name="name"' in shown.text) == (200, False)
    vip = f"/contacts/tags/{tags.by_name('VIP')['id']}"
    for path in ("/contacts/tags/new", vip, f"{vip}/merge", f"{vip}/delete"):
        form = {"csrf_token": token, "name": "Other", "colour": "lime"}
        assert signed_in.client.post(path, data=form).status_code == 403, path
    assert tags.all() == ["VIP"]


def test_pages_show_and_change_tags(
    signed_in: Browser, contacts: ContactsClient, tags: TagClient
) -> None:
    """A contact's page adds and removes tags, the table shows and filters them, and so on."""
    anna = contacts.create(person("Anna"))
    contacts.create(person("Bo"))
    path = f"/contacts/{anna['id']}"
    assert "No tags yet." in signed_in.get(path).text
    assert signed_in.send(f"{path}/tags", {"name": "<b>VIP"}, page=path).location == path
    vip = tags.by_name("<b>VIP")
    assert f'/contacts?filter[tag][in]={vip["id"]}">' in signed_in.get(path).text
    assert "&lt;b&gt;VIP" in signed_in.get("/contacts").text
    listed = signed_in.get(f"/contacts?filter[tag][in]={vip['id']}").text
    assert ("Anna" in listed, ">Bo</a>" in listed) == (True, False)
    new = "/contacts/tags/new"
    signed_in.send(new, {"name": "Other", "colour": "red"}, page="/contacts/tags")
    again = signed_in.send(new, {"name": "other", "colour": "red"}, page="/contacts/tags")
    assert (again.status_code, "a tag with this name" in again.text) == (409, True)
    other = tags.by_name("Other")
    assert other["colour"] == "red"
    change = {"name": "Another", "colour": "lime"}
    signed_in.send(f"/contacts/tags/{other['id']}", change, page="/contacts/tags")
    merge = {"into": other["id"]}
    signed_in.send(f"/contacts/tags/{vip['id']}/merge", merge, page="/contacts/tags")
    assert contacts.get(anna["id"])["tags"] == ["Another"]
    contacts.register()
    wanted = {"whom": "all", "do": "add-tag", "value": other["id"]}
    signed_in.send("/contacts/bulk-edit?filter[name][eq]=bo", wanted, page="/contacts")
    contacts.run_jobs()
    assert names(contacts.page(**{"filter[tag][in]": "another"})) == ["Anna", "Bo"]
    signed_in.send(f"{path}/tags/delete", {"name": "ANOTHER"}, page=path)
    assert contacts.get(anna["id"])["tags"] == []
    signed_in.send(f"/contacts/tags/{other['id']}/delete", page="/contacts/tags")
    assert tags.all() == []


def test_tags_that_several_add_at_once_are_all_there(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Each adds to what the contact has then, not to what the page showed."""
    anna = contacts.create(person("Anna"))
    path, names = f"/contacts/{anna['id']}", [f"t{number}" for number in range(4)]
    for turn in range(3):
        begin = Barrier(len(names))

        def add(name: str, begin: Barrier = begin, turn: int = turn) -> None:
            browser = Browser(contacts.client.application.test_client())
            browser.sign_in(workspace.host, workspace.owner_id)
            form = {"csrf_token": token_on(browser.get(path)), "name": f"{name}-{turn}"}
            begin.wait()
            browser.client.post(f"{path}/tags", data=form)

        threads = [Thread(target=add, args=(name,)) for name in names]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(contacts.get(anna["id"])["tags"]) == len(names) * (turn + 1)
