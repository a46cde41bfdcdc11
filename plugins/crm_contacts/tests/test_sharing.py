"""Whose contacts are and who sees them: the database keeps private ones from everybody else."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.sdk.context import Actor
from meishi.sdk.database import execute
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host, Location

from .colleagues import Colleague, Colleagues
from .conftest import vcard

ANNA = {
    "name": {"full": "Anna Lindqvist", "given": "Anna"},
    "uid": "urn:x:anna",
    "emails": [{"address": "anna@lindqvist.example"}],
    "phones": [{"number": "+46701234507"}],
    "tags": ["Customer"],
    "note": "Allergic to nuts",
}
#: What else a contact may say, each in a table of its own.
REST = {
    "links": [{"url": "https://lindqvist.example"}],
    "addresses": [{"locality": "Lund"}],
    "positions": [{"organisation": "Lindqvist AB", "title": "Chair"}],
    "custom": {"size": "L"},
}
BO = {"name": {"full": "Bo Ek"}, "emails": [{"address": "bo@ek.example"}]}


@pytest.fixture
def people(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    host: Host,
    plugin_host: Host,
    database: Location,
) -> Colleagues:
    """The people of the workspace."""
    services = [] if plugin_host is host else [plugin_host]
    return Colleagues(client, workspace, host, database, *services)


@pytest.fixture
def alice(people: Colleagues) -> Colleague:
    """A member."""
    return people.add("Alice")


@pytest.fixture
def bob(people: Colleagues) -> Colleague:
    """Another member."""
    return people.add("Bob")


@pytest.fixture
def admin(people: Colleagues) -> Colleague:
    """Somebody who oversees contacts."""
    return people.add("Ada", "admin")


def patch(who: Colleague, contact_id: str, changes: dict[str, Any]) -> int:
    """Change a contact; return the status."""
    headers = {"Content-Type": MERGE_PATCH, "If-Match": "*"}
    return who.send(
        "PATCH", f"/{contact_id}", data=json.dumps(changes), headers=headers
    ).status_code


def test_contacts_are_those_of_who_makes_them_and_seen_by_everybody(
    alice: Colleague, bob: Colleague
) -> None:
    """Nothing is kept from anybody unless somebody says so."""
    made = alice.contacts.create(ANNA)
    assert (made["owner_id"], made["visibility"]) == (alice.user_id, "workspace")
    assert bob.contacts.get(made["id"])["owner_id"] == alice.user_id
    assert bob.sharing(made["id"]) == {
        "contact_id": made["id"], "version": 1, "owner_id": alice.user_id,
        "visibility": "workspace", "shared_with": [],
    }  # fmt: skip


def test_a_private_contact_is_not_there_for_others(
    alice: Colleague, bob: Colleague, admin: Colleague
) -> None:
    """No address, list, search, count or change of it is there; who oversees contacts sees it."""
    made = alice.contacts.create(ANNA)["id"]
    other = alice.contacts.create(BO)["id"]
    assert alice.send("POST", f"/{made}/notes", json={"text": "Secret"}).status_code == 201
    related = {"target_id": made, "type": "friend"}
    assert alice.send("POST", f"/{other}/relationships", json=related).status_code == 201
    alice.share(made)

    assert bob.send("GET", f"/{made}").status_code == 404
    for below in ("sharing", "notes", "history", "timeline", "consents", "relationships", "vcard"):
        assert bob.send("GET", f"/{made}/{below}").status_code == 404, below
    assert patch(bob, made, {"title": "x"}) == 404
    assert bob.send("DELETE", f"/{made}", headers={"If-Match": "*"}).status_code == 404
    assert bob.send("POST", f"/{made}/notes", json={"text": "x"}).status_code == 404
    assert bob.send("POST", f"/{made}/purge").status_code == 404
    bob.share(made, 404, owner_id=bob.user_id)
    queries: tuple[dict[str, str], ...] = (
        {"limit": "10"}, {"q": "lindqvist"}, {"filter[email][eq]": "anna@lindqvist.example"},
        {"filter[tag][in]": "Customer"}, {"filter[uid][eq]": "urn:x:anna"},
        {"filter[owner][eq]": alice.user_id}, {"sort": "-name"},
    )  # fmt: skip
    for query in queries:
        assert "Anna Lindqvist" not in bob.names(**query), query
        assert "Anna Lindqvist" in alice.names(**query), query
        assert "Anna Lindqvist" in admin.names(**query), query
    assert bob.contacts.page(total="true")["total"] == 1
    assert bob.json("GET", f"/{other}/relationships")["items"] == []
    assert len(alice.json("GET", f"/{other}/relationships")["items"]) == 1


def test_the_database_shows_no_row_of_a_private_contact(
    alice: Colleague,
    bob: Colleague,
    admin: Colleague,
    workspace: WorkspaceUnderTest,
    plugin_host: Host,
) -> None:
    """Whatever a statement of the plugin forgets: all tables that refer to contacts are kept."""
    admin.json("POST", "/custom-fields", json={"key": "size", "title": "Size", "type": "text"})
    made = alice.contacts.create(ANNA | REST)["id"]
    alice.share(made)
    tables = (
        "contact", "email", "phone", "link", "address", "held_position", "custom_value",
        "contact_word", "contact_tag", "contact_change", "fingerprint", "duplicate_key",
    )  # fmt: skip

    def counts(user: Colleague) -> dict[str, int]:
        actor = Actor(user_id=UUID(user.user_id), permissions=frozenset({"contacts.read"}))
        with plugin_host.scope(workspace=workspace.id, actor=actor, plugin="crm_contacts"):
            return {
                name: execute(f"SELECT count(*) FROM crm_contacts.{name}")[0][0] for name in tables
            }

    assert set(counts(bob).values()) == {0}
    assert min(counts(alice).values()) >= 1
    assert (
        patch(alice, made, {"positions": [*REST["positions"], {"organisation": "New AB"}]}) == 200
    )
    assert counts(bob)["held_position"] == 0
    alice.share(made, visibility="workspace")
    assert counts(bob) == counts(alice)


def test_a_private_contact_is_purged_by_whose_it_is(
    alice: Colleague, bob: Colleague, admin: Colleague
) -> None:
    """With what is merged into it, and what it was to contacts that its owner does not see."""
    mine, theirs = (who.contacts.create(ANNA | {"uid": None})["id"] for who in (alice, bob))
    other, copy = bob.contacts.create(BO)["id"], alice.contacts.create(BO)["id"]
    for contact_id in (mine, copy):
        related = {"target_id": other, "type": "friend"}
        alice.json("POST", f"/{contact_id}/relationships", json=related)
    bob.share(other)
    alice.json("POST", f"/{mine}/merge", json={"merged_ids": [copy]})
    alice.share(mine)
    any_version = {"If-Match": "*"}
    for who, contact_id in ((alice, mine), (bob, theirs)):
        assert who.send("DELETE", f"/{contact_id}", headers=any_version).status_code == 204
    assert bob.send("POST", f"/{mine}/purge").status_code == 404
    assert alice.send("POST", f"/{mine}/purge").status_code == 204
    assert admin.send("POST", f"/{theirs}/purge").status_code == 204
    assert bob.json("GET", f"/{other}/relationships")["items"] == []
    for contact_id in (mine, copy, theirs):
        assert admin.send("POST", f"/{contact_id}/restore").status_code == 404


def test_whom_it_is_shared_with_reads_or_writes(alice: Colleague, bob: Colleague) -> None:
    """Who may read only is refused in writing, whatever it is; who may write decides not."""
    made = alice.contacts.create(ANNA)["id"]
    note = alice.json("POST", f"/{made}/notes", json={"text": "Secret"})["id"]
    alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "read"}])
    assert bob.names(q="lindqvist") == ["Anna Lindqvist"]
    assert patch(bob, made, {"title": "x"}) == 403
    any_version = {"If-Match": "*"}
    refused = [
        bob.send("DELETE", f"/{made}", headers=any_version),
        bob.send("POST", f"/{made}/notes", json={"text": "x"}),
        bob.send("DELETE", f"/notes/{note}", headers=any_version),
        bob.send("PUT", f"/{made}/consents/email", json={"state": "granted"}, headers=any_version),
        bob.send("POST", f"/{made}/merge", json={"merged_ids": [bob.contacts.create(BO)["id"]]}),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5, [a.text for a in refused]
    assert {(answer.json or {})["type"] for answer in refused} == {
        "urn:meishi:problem:contact-read-only"
    }
    bob.share(made, 403, owner_id=bob.user_id)
    alice.send("DELETE", f"/{made}", headers=any_version)
    assert bob.send("POST", f"/{made}/restore").status_code == 403
    refusal = bob.send("POST", f"/{made}/purge")
    assert (refusal.status_code, (refusal.json or {})["type"]) == (
        403,
        "urn:meishi:problem:contact-read-only",
    )
    assert alice.send("POST", f"/{made}/restore").status_code == 200
    assert bob.json("POST", f"/{made}/restore")["id"] == made

    alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "write"}])
    assert patch(bob, made, {"title": "Architect"}) == 200
    assert bob.send("POST", f"/{made}/notes", json={"text": "x"}).status_code == 201
    bob.share(made, 403, owner_id=bob.user_id)
    assert alice.contacts.get(made)["title"] == "Architect"


def test_who_is_named_is_a_member(alice: Colleague, other_workspace: WorkspaceUnderTest) -> None:
    """Nor is a contact shared that everybody sees, or kept from everybody."""
    made = alice.contacts.create(ANNA)["id"]
    stranger = str(other_workspace.owner_id)
    alice.share(made, 422, owner_id=stranger)
    alice.share(made, 422, shared_with=[{"user_id": stranger}])
    alice.share(made, 422, owner_id=None)
    alice.share(made, 422, visibility="workspace", shared_with=[{"user_id": alice.user_id}])
    assert alice.sharing(made)["version"] == 1


def test_the_feed_tells_of_what_became_private_as_of_what_is_gone(
    alice: Colleague, bob: Colleague
) -> None:
    """And of what became visible as of a contact; whoever sees it all along hears of a change."""
    made = alice.contacts.create(ANNA)["id"]

    def feed(who: Colleague, since: str | None = None) -> tuple[list[str], list[str], str]:
        query = {"since": since} if since else {}
        page = who.json("GET", "/changes", query_string=query)
        gone = [item["id"] for item in page["items"] if item.get("deleted")]
        items = [item["id"] for item in page["items"] if not item.get("deleted")]
        return items, gone, page["next"]

    items, _, token = feed(bob)
    assert items == [made]
    alice.share(made)
    assert feed(bob)[:2] == ([], [])
    items, gone, token = feed(bob, token)
    assert (items, gone) == ([], [made])
    assert feed(alice, token)[0] in ([], [made])
    alice.share(made, visibility="workspace")
    assert feed(bob, token)[:2] == ([made], [])


def test_a_share_that_is_withdrawn_while_somebody_writes(alice: Colleague, bob: Colleague) -> None:
    """The version that they read is history, and the contact is not there for them any more."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "write"}])
    read = bob.send("GET", f"/{made}")
    alice.share(made)
    headers = {"Content-Type": MERGE_PATCH, "If-Match": read.headers["ETag"]}
    late = bob.send("PATCH", f"/{made}", data=json.dumps({"title": "x"}), headers=headers)
    assert late.status_code == 404
    assert alice.contacts.get(made)["title"] is None


def test_histories_tell_of_sharing_and_put_it_back(alice: Colleague, bob: Colleague) -> None:
    """A revert is the owner's matter, too."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "write"}])
    change = alice.json("GET", f"/{made}/history")["items"][0]
    assert [item["field"] for item in change["fields"]] == ["visibility", "shared_with"]
    revert = f"/{made}/history/{change['id']}:revert"
    headers = {"If-Match": "*"}
    assert bob.send("POST", revert, json={}, headers=headers).status_code == 403
    answer = alice.send("POST", revert, json={}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert alice.sharing(made)["visibility"] == "workspace"


def test_contacts_of_who_left_fall_to_those_who_oversee_and_are_handed_over(
    alice: Colleague, bob: Colleague, admin: Colleague, run_jobs: JobRuns
) -> None:
    """They see them still; what they hand over, the next one sees, and nobody else."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made)
    alice.leave()
    assert admin.names(**{"filter[owner][eq]": alice.user_id}) == ["Anna Lindqvist"]
    edit = {"filter": {"owner": {"eq": alice.user_id}}, "owner_id": bob.user_id}
    assert bob.names() == []
    bob.send("POST", "/bulk-edits", json=edit)
    answer = admin.send("POST", "/bulk-edits", json=edit)
    assert answer.status_code == 202, answer.text
    run_jobs()
    assert bob.names(**{"filter[owner][eq]": "me"}) == ["Anna Lindqvist"]
    assert bob.sharing(made) == {
        "contact_id": made, "version": 3, "owner_id": bob.user_id, "visibility": "private",
        "shared_with": [],
    }  # fmt: skip


def test_nobody_hands_over_what_is_others(
    alice: Colleague, bob: Colleague, run_jobs: JobRuns
) -> None:
    """An edit of many passes by what is not for who asked to decide, or to write."""
    theirs = alice.contacts.create(ANNA)["id"]
    own = bob.contacts.create(BO)["id"]
    edit: dict[str, Any] = {"contact_ids": [theirs, own], "owner_id": alice.user_id}
    assert bob.send("POST", "/bulk-edits", json=edit).status_code == 202
    run_jobs()
    assert bob.sharing(own)["owner_id"] == alice.user_id
    assert bob.sharing(theirs)["version"] == 1
    tag = alice.json("POST", "/tags", json={"name": "VIP"})["id"]
    alice.share(theirs, shared_with=[{"user_id": bob.user_id, "access": "read"}])
    list_id = bob.json("POST", "/lists", json={"name": "All"})["id"]
    edit = {"filter": {}, "add_tags": [tag], "add_to_lists": [list_id]}
    assert bob.send("POST", "/bulk-edits", json=edit).status_code == 202
    run_jobs()
    assert alice.names(**{"filter[tag][in]": "VIP"}) == ["Bo Ek"]
    assert alice.names(**{"filter[list][in]": "All"}) == ["Bo Ek"]


def test_a_job_sees_no_more_than_the_token_that_asked_for_it(
    alice: Colleague, admin: Colleague, people: Colleagues, run_jobs: JobRuns
) -> None:
    """An admin's token that oversees nothing edits no private contact, nor by a worker."""
    made = alice.contacts.create(ANNA)["id"]
    alice.contacts.create(BO)
    alice.share(made)
    tag = alice.json("POST", "/tags", json={"name": "VIP"})["id"]
    narrow = people.add("Kim", "admin", scopes=frozenset({"contacts.read", "contacts.write"}))
    edit = {"filter": {}, "add_tags": [tag]}
    assert narrow.send("POST", "/bulk-edits", json=edit).status_code == 202
    run_jobs()
    assert admin.names(**{"filter[tag][in]": "VIP"}) == ["Bo Ek"]
    assert admin.send("POST", "/bulk-edits", json=edit).status_code == 202
    run_jobs()
    assert admin.names(**{"filter[tag][in]": "VIP", "sort": "name"}) == ["Anna Lindqvist", "Bo Ek"]


def test_a_merge_is_seen_by_those_alone_who_saw_both(
    alice: Colleague, bob: Colleague, admin: Colleague
) -> None:
    """It needs the right to both, and taking it back shows what was shown before."""
    open_one = alice.contacts.create(BO)["id"]
    private = alice.contacts.create(ANNA)["id"]
    alice.share(private)
    merge = f"/{open_one}/merge"
    assert bob.send("POST", merge, json={"merged_ids": [private]}).status_code == 404
    answer = alice.send("POST", merge, json={"merged_ids": [private]})
    assert answer.status_code == 200, answer.text
    assert alice.sharing(open_one)["visibility"] == "private"
    assert bob.names() == []
    answer = alice.send("POST", f"/{private}/unmerge")
    assert answer.status_code == 200, answer.text
    assert alice.sharing(open_one)["visibility"] == "workspace"
    assert alice.sharing(private)["visibility"] == "private"
    assert bob.names() == ["Bo Ek"]


@pytest.mark.inside
def test_what_an_erased_one_kept_stays_kept_when_another_merge_is_taken_back(
    alice: Colleague, bob: Colleague, workspace: WorkspaceUnderTest
) -> None:
    """Their words may stand in the contact that took them; who was merged later opens nothing."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    target = alice.contacts.create({"name": {"full": "Target"}})["id"]
    erased, other = (alice.contacts.create(item)["id"] for item in (ANNA, BO))
    for private in (other, erased):
        alice.share(private)
        answer = alice.send("POST", f"/{target}/merge", json={"merged_ids": [private]})
        assert answer.status_code == 200, answer.text
    assert patch(alice, target, {"emails": []}) == 200
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(UUID(erased),), emails=(), phones=()))
    assert alice.send("POST", f"/{other}/unmerge").status_code == 200
    assert alice.sharing(target)["visibility"] == "private"
    assert bob.names() == []
    assert alice.send("POST", f"/{erased}/restore").status_code == 404


def test_no_merge_takes_from_everybody_what_is_others(alice: Colleague, bob: Colleague) -> None:
    """To merge a private contact into somebody else's open one would hide that."""
    open_one = alice.contacts.create(BO)["id"]
    private = bob.contacts.create(ANNA)["id"]
    bob.share(private)
    answer = bob.send("POST", f"/{open_one}/merge", json={"merged_ids": [private]})
    assert answer.status_code == 403
    assert (answer.json or {})["type"] == "urn:meishi:problem:sharing-refused"
    assert bob.names(sort="name") == ["Anna Lindqvist", "Bo Ek"]


def test_nobody_brings_back_by_an_unmerge_what_they_only_read(
    alice: Colleague, bob: Colleague
) -> None:
    """To write the contact that took it in is not enough, though what was merged is deleted."""
    target = alice.contacts.create(BO)["id"]
    source = alice.contacts.create(ANNA)["id"]
    alice.share(source, shared_with=[{"user_id": bob.user_id, "access": "read"}])
    answer = alice.send("POST", f"/{target}/merge", json={"merged_ids": [source]})
    assert answer.status_code == 200, answer.text
    alice.share(target, shared_with=[{"user_id": bob.user_id, "access": "write"}])
    assert bob.send("POST", f"/{source}/unmerge").status_code == 403
    assert alice.send("GET", f"/{target}").status_code == 200
    assert alice.names() == ["Bo Ek"]


def test_imports_make_contacts_of_who_started_them_and_pass_by_what_is_kept(
    alice: Colleague, bob: Colleague
) -> None:
    """A card of a private contact comes in anew, without its UID; nothing private is changed."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made)
    card = "BEGIN:VCARD\r\nVERSION:4.0\r\nUID:urn:x:anna\r\nFN:Anna Lindqvist\r\nEND:VCARD\r\n"
    found = bob.contacts.upload(card)["id"]
    bob.contacts.run(found)
    assert bob.contacts.get_import(found)["counts"]["created"] == 1
    (item,) = bob.contacts.all()
    assert (item["owner_id"], item["uid"]) == (bob.user_id, None)
    assert alice.sharing(made)["version"] == 2


CARDS = vcard("FN:Anna Lindqvist", "UID:urn:x:anna", "TITLE:Chair") + vcard("FN:Cem", "UID:c")


@pytest.mark.parametrize("more", [0, 60])
def test_an_import_rejects_what_would_change_a_contact_that_is_but_to_be_read(
    alice: Colleague, bob: Colleague, more: int
) -> None:
    """The other cards come in, be they many; a copy that adds nothing is no fault."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made, shared_with=[{"user_id": bob.user_id, "access": "read"}])
    others = "".join(vcard(f"FN:Person {n}", f"UID:p{n}") for n in range(more))
    found = bob.contacts.upload(CARDS + others)["id"]
    bob.contacts.run(found)
    counts = bob.contacts.get_import(found)["counts"]
    assert (counts["created"], counts["updated"], counts["rejected"]) == (1 + more, 0, 1)
    (row,) = bob.json("GET", f"/imports/{found}/rows?status=rejected")["items"]
    assert "shared with you for reading" in row["reason"]
    assert alice.contacts.get(made)["title"] is None
    again = bob.contacts.upload(vcard("FN:Anna Lindqvist", "UID:urn:x:anna"))["id"]
    bob.contacts.run(again)
    assert bob.contacts.get_import(again)["counts"]["unchanged"] == 1


def test_an_undo_keeps_what_is_but_to_be_read_or_not_seen(
    alice: Colleague, bob: Colleague, run_jobs: JobRuns
) -> None:
    """Whoever undoes an import takes back what they may change, and is told that others stay."""
    made = alice.contacts.create(ANNA)["id"]
    found = alice.contacts.upload(CARDS + vcard("FN:Dora") + vcard("FN:Emil"))["id"]
    alice.contacts.run(found)
    ids = {item["name"]["full"]: item["id"] for item in alice.contacts.all()}
    for name in ("Anna Lindqvist", "Cem"):
        alice.share(ids[name], shared_with=[{"user_id": bob.user_id, "access": "read"}])
    alice.share(ids["Dora"])
    assert bob.send("POST", f"/imports/{found}/undo").status_code == 202
    run_jobs()
    undo = bob.json("GET", f"/imports/{found}/undo")
    assert (undo["deleted"], undo["reverted"], undo["kept"]) == (1, 0, 3)
    kept = bob.json("GET", f"/imports/{found}/undo/kept")["items"]
    assert {(item["contact_id"], item["reason"]) for item in kept} == {
        (made, "private"), (ids["Cem"], "private"), (ids["Dora"], "private"),
    }  # fmt: skip
    assert alice.contacts.get(made)["title"] == "Chair"
    assert alice.names(sort="name") == ["Anna Lindqvist", "Cem", "Dora"]


def test_what_was_there_before_is_nobodys_and_seen_by_everybody(
    alice: Colleague, bob: Colleague, plugin_database: Location
) -> None:
    """Anybody who may write takes it over."""
    made = alice.contacts.create(ANNA)["id"]
    with psycopg.connect(plugin_database.administrator_url()) as server:
        server.execute("UPDATE crm_contacts.contact SET owner_id = NULL")
    assert bob.names(**{"filter[owner][eq]": "none"}) == ["Anna Lindqvist"]
    bob.share(made, visibility="workspace")
    assert bob.sharing(made)["owner_id"] == bob.user_id
    assert bob.names(**{"filter[owner][eq]": "none"}) == []


def test_tags_are_organised_on_private_contacts_too(
    alice: Colleague, workspace: WorkspaceUnderTest, people: Colleagues
) -> None:
    """Whoever merges tags without overseeing contacts takes none from those they do not see."""
    made = alice.contacts.create(ANNA)["id"]
    alice.share(made)
    client = alice.json("POST", "/tags", json={"name": "Client"})["id"]
    old = next(t for t in alice.json("GET", "/tags")["items"] if t["name"] == "Customer")
    keeper = people.add("Kim", "admin", scopes=frozenset({"contacts.read", "contacts.organise"}))
    assert keeper.names() == []
    answer = keeper.send("POST", f"/tags/{client}/merge", json={"merged_ids": [old["id"]]})
    assert answer.status_code == 200, answer.text
    assert alice.contacts.get(made)["tags"] == ["Client"]


def test_pages_show_whose_contacts_are(
    alice: Colleague, bob: Colleague, app: Flask, people: Colleagues, run_jobs: JobRuns
) -> None:
    """The owner shares a contact by a form; lists show and filter owners, and are handed over."""
    made = alice.contacts.create(ANNA)["id"]
    bob.contacts.create(BO)
    browser = people.browser(alice, app)
    page = f"/contacts/{made}"
    assert "Owner and sharing" in browser.get(page).text
    form = {
        "version": "1", "owner_id": alice.user_id, "visibility": "private",
        f"access-{bob.user_id}": "read",
    }  # fmt: skip
    answer = browser.send(f"{page}/sharing", form, page=page)
    assert answer.headers["Location"].endswith(page)
    assert alice.sharing(made)["shared_with"] == [{"user_id": bob.user_id, "access": "read"}]
    assert "Bob" in browser.get(f"{page}/history").text
    theirs = people.browser(bob, app)
    shown = theirs.get(page).text
    assert "may read it" in shown, shown[shown.find("<h1") :][:3000]
    assert f"{page}/sharing" not in shown
    assert theirs.send(f"{page}/sharing", form | {"version": "2"}, page=page).status_code == 403
    listed = browser.get("/contacts?filter[owner][eq]=me").text
    assert "Anna Lindqvist" in listed
    assert "Bo Ek" not in listed
    away = "/contacts/bulk-edit?filter[owner][eq]=me"
    form = {"whom": "all", "do": "owner", "value": bob.user_id}
    assert browser.send(away, form, page="/contacts").status_code == 303
    run_jobs()
    assert alice.names() == ["Bo Ek"]
    assert sorted(bob.names()) == ["Anna Lindqvist", "Bo Ek"]
