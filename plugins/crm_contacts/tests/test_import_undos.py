"""Imports taken back: what came with them goes, what people did since stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crm_contacts.contract import ContactLists, Imports, ImportUndoRefused, ImportUndos
from crm_contacts.sources import CHUNK_ROWS
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .beside import begun
from .conftest import CONTACTS, IMPORTS, OPERATIONS, ContactsClient, EventLog, own, vcard
from .pictures import picture

#: More than a step undoes.
MANY = 230
COUNTS = ("deleted", "reverted", "kept", "gone")


def people(count: int, first: int = 0) -> str:
    """Write cards of different people."""
    return "".join(
        vcard(f"FN:Person {n}", f"UID:u{n}", f"EMAIL:p{n}@x.example")
        for n in range(first, first + count)
    )


def ask(contacts: ContactsClient, import_id: str, status: int = 202) -> Any:
    """Ask for an undo."""
    contacts.register()
    answer = contacts.client.post(f"{IMPORTS}/{import_id}/undo", headers=contacts.headers)
    assert answer.status_code == status, answer.text
    return answer.json


def undo(contacts: ContactsClient, import_id: str) -> dict[str, Any]:
    """Have an import undone, and return the undo."""
    operation = ask(contacts, import_id)
    contacts.run_jobs()
    assert contacts.operation(operation["id"])["state"] == "succeeded"
    return get(contacts, f"{IMPORTS}/{import_id}/undo")


def get(contacts: ContactsClient, path: str) -> dict[str, Any]:
    """Return a document."""
    answer = contacts.client.get(path, headers=contacts.headers)
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


def kept(contacts: ContactsClient, import_id: str) -> dict[str, tuple[str, list[str]]]:
    """Return reason and fields of what stayed, by name."""
    page = get(contacts, f"{IMPORTS}/{import_id}/undo/kept?limit=200")
    return {str(item["name"]): (item["reason"], item["fields"]) for item in page["items"]}


def content(document: dict[str, Any]) -> dict[str, Any]:
    """Return what a contact says, without version and times."""
    return {
        name: value
        for name, value in own(document).items()
        if name not in {"version", "updated_at"}
    }


def test_ten_edits_survive_and_all_else_is_as_before(
    contacts: ContactsClient, event_log: EventLog
) -> None:
    """Import, edit ten by hand, undo: the ten are reported with their fields, the rest is gone."""
    old = contacts.create({"name": {"full": "Old"}, "uid": "u1", "title": "Sage"})
    alone = contacts.create({"name": {"full": "Alone"}})
    before = {item["id"]: content(item) for item in contacts.all()}
    found = contacts.upload(people(MANY))
    assert found["counts"] == {
        "rows": MANY, "created": MANY - 1, "updated": 1, "unchanged": 0, "duplicates": 1,
        "rejected": 0,
    }  # fmt: skip
    came = [item for item in contacts.all() if item["id"] not in before]
    edited = came[5:205:20]
    assert len(edited) == 10
    for item in edited:
        contacts.patch(item, {"title": f"Edited {item['uid']}"})
    done = undo(contacts, found["id"])
    assert (done["done"], done["total"]) == (MANY, MANY)
    assert [done[name] for name in COUNTS] == [MANY - 11, 1, 10, 0]
    assert done["completed_at"] is not None
    now = {item["id"]: content(item) for item in contacts.all()}
    assert {key: now[key] for key in before} == before
    assert {now[item["id"]]["title"] for item in edited} == {
        f"Edited {item['uid']}" for item in edited
    }
    assert set(now) == {old["id"], alone["id"], *(item["id"] for item in edited)}
    assert kept(contacts, found["id"]) == {
        item["name"]["full"]: ("changed", ["title"]) for item in edited
    }
    events = event_log.contact_events()
    deleted = {subject for kind, subject, _ in events if kind == "contact.deleted.v1"}
    assert deleted == {item["id"] for item in came} - {item["id"] for item in edited}
    assert events.count(("contact.updated.v1", old["id"], ["emails", "raw"])) == 2


def test_undone_twice_is_undone_once(contacts: ContactsClient) -> None:
    """The second undo finds nothing to do, whatever people have brought back since."""
    found = contacts.upload(people(3))
    contacts_before = contacts.all()
    first = undo(contacts, found["id"])
    assert contacts.all() == []
    path = f"{CONTACTS}/{contacts_before[0]['id']}/restore"
    assert contacts.client.post(path, headers=contacts.headers).status_code == 200
    second = undo(contacts, found["id"])
    assert {**first, "operation_id": None} == {**second, "operation_id": None}
    assert [item["name"]["full"] for item in contacts.all()] == ["Person 0"]


def test_file_again_brings_all_back(contacts: ContactsClient) -> None:
    """After an undo the same file is a new import, whose contacts come anew."""
    found = contacts.upload(people(3))
    undo(contacts, found["id"])
    again = contacts.upload(people(3))
    assert again["counts"]["created"] == 3
    assert {item["name"]["full"] for item in contacts.all()} == {f"Person {n}" for n in range(3)}
    assert undo(contacts, again["id"])["deleted"] == 3
    assert contacts.all() == []


def test_fields_go_back_one_by_one(contacts: ContactsClient) -> None:
    """What was changed since stays as it is; what nobody touched is again what it was."""
    ada = contacts.create({"name": {"full": "Ada"}, "uid": "u1"})
    card = vcard("FN:Ada", "UID:u1", "TITLE:Countess", "ORG:Engines", "NOTE:hm", "CATEGORIES:vip")
    found = contacts.upload(card)
    assert contacts.get(ada["id"])["tags"] == ["vip"]
    contacts.patch(ada, {"title": "Lady"})
    done = undo(contacts, found["id"])
    assert (done["reverted"], done["kept"], done["deleted"]) == (1, 1, 0)
    now = contacts.get(ada["id"])
    assert (now["title"], now["organisation"], now["note"], now["tags"]) == ("Lady", None, None, [])
    assert kept(contacts, found["id"]) == {"Ada": ("changed", ["title"])}


def test_what_people_added_beside_the_fields_keeps_a_contact(contacts: ContactsClient) -> None:
    """Notes, lists, tags and relationships are work of people, too."""
    found = contacts.upload(people(5))
    noted, listed, tagged, related, _ = contacts.all()

    def post(path: str, document: Any) -> Any:
        answer = contacts.client.post(f"{CONTACTS}{path}", json=document, headers=contacts.headers)
        assert answer.status_code < 300, answer.text
        return answer.json

    post(f"/{noted['id']}/notes", {"text": "Met in Paris"})
    made = post("/lists", {"name": "Friends"})
    post(f"/lists/{made['id']}/members", {"contact_ids": [listed["id"]]})
    contacts.patch(tagged, {"tags": ["vip"]})
    other = contacts.create({"name": {"full": "Other"}})
    post(f"/{other['id']}/relationships", {"target_id": related["id"], "type": "friend"})
    done = undo(contacts, found["id"])
    assert (done["deleted"], done["kept"]) == (1, 4)
    assert kept(contacts, found["id"]) == {
        "Person 0": ("changed", ["notes"]),
        "Person 1": ("changed", ["lists"]),
        "Person 2": ("changed", ["tags"]),
        "Person 3": ("changed", ["relationships"]),
    }


@pytest.mark.inside
def test_contact_put_on_a_list_while_it_is_undone_is_gone_from_there(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Who adds it waits for the step, and is told that it is not there any more."""
    import_id = UUID(contacts.upload(people(1))["id"])
    (person,) = contacts.all()

    def put() -> int:
        with workspace.acting_as("crm_contacts"):
            made = service(ContactLists).create("Friends")
            return service(ContactLists).add(made.id, (UUID(person["id"]),))

    with workspace.acting_as("crm_contacts"):
        service(ImportUndos).begin(import_id)
        assert service(ImportUndos).step(import_id).deleted == 1
        putting = begun(put)
    assert putting.result() == 0
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT count(*) FROM crm_contacts.list_member") == [(0,)]


def test_whom_people_asked_or_portrayed_stays(contacts: ContactsClient) -> None:
    """That somebody must not be written to is never lost with an import, nor is a photo."""
    found = contacts.upload(people(3))
    asked, shown, _ = contacts.all()
    answer = contacts.client.put(
        f"{CONTACTS}/{asked['id']}/consents/email",
        json={"state": "denied"},
        headers=contacts.headers | {"If-Match": "*"},
    )
    assert answer.status_code == 200, answer.text
    answer = contacts.client.put(
        f"{CONTACTS}/{shown['id']}/photo",
        data=picture(),
        content_type="image/jpeg",
        headers=contacts.headers,
    )
    assert answer.status_code < 300, answer.text
    done = undo(contacts, found["id"])
    assert (done["deleted"], done["kept"]) == (1, 2)
    assert kept(contacts, found["id"]) == {
        "Person 0": ("changed", ["consents"]),
        "Person 1": ("changed", ["photo"]),
    }


@pytest.mark.usefixtures("one_chunk_a_step")
def test_what_people_change_while_the_import_runs_stays(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """A later row of the same person does not hide what was done between both."""
    again = vcard("FN:Person 0", "UID:u0", "ROLE:Lead")
    import_id = contacts.send(people(CHUNK_ROWS) + again)["id"]
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(import_id), seconds=0)
    (first,) = [item for item in contacts.all() if item["uid"] == "u0"]
    contacts.patch(first, {"title": "Sage"})
    assert contacts.run(import_id)["counts"]["updated"] == 1
    done = undo(contacts, import_id)
    assert (done["deleted"], done["kept"]) == (CHUNK_ROWS - 1, 1)
    assert kept(contacts, import_id) == {"Person 0": ("changed", ["title"])}


def test_fields_of_two_imports_go_back_from_the_last_to_the_first(
    contacts: ContactsClient,
) -> None:
    """A field that a later import changed, too, is as it was before both once both are undone."""
    ada = contacts.create({"name": {"full": "Ada"}, "uid": "u1"})
    before = content(contacts.get(ada["id"]))
    first = contacts.upload(vcard("FN:Ada", "UID:u1", "TEL:1"))
    second = contacts.upload(vcard("FN:Ada", "UID:u1", "TEL:2"))
    assert len(contacts.get(ada["id"])["phones"]) == 2
    assert undo(contacts, second["id"])["reverted"] == 1
    done = undo(contacts, first["id"])
    assert (done["reverted"], done["kept"]) == (1, 0)
    assert content(contacts.get(ada["id"])) == before


def test_merged_and_deleted_contacts_are_left_as_people_left_them(
    contacts: ContactsClient,
) -> None:
    """One that was merged into another is told of, one that was deleted is gone already."""
    found = contacts.upload(people(4))
    first, second, third, _ = contacts.all()
    merged = contacts.client.post(
        f"{CONTACTS}/{first['id']}/merge",
        json={"merged_ids": [second["id"]]},
        headers=contacts.headers | {"If-Match": "*"},
    )
    assert merged.status_code == 200, merged.text
    gone = contacts.client.delete(
        f"{CONTACTS}/{third['id']}", headers=contacts.headers | {"If-Match": "*"}
    )
    assert gone.status_code == 204
    done = undo(contacts, found["id"])
    assert (done["deleted"], done["gone"], done["kept"]) == (1, 1, 2)
    page = get(contacts, f"{IMPORTS}/{found['id']}/undo/kept")
    reasons = {item["contact_id"]: item["reason"] for item in page["items"]}
    assert reasons == {first["id"]: "changed", second["id"]: "merged"}
    (left,) = contacts.all()
    assert {item["address"] for item in left["emails"]} == {"p0@x.example", "p1@x.example"}


def test_what_another_import_says_too_stays(contacts: ContactsClient) -> None:
    """A later file with the same people holds them, until it is undone itself."""
    first = contacts.upload(people(2))
    second = contacts.upload(people(1) + vcard("UID:u1", "FN:Person 1", "TITLE:Dr"))
    assert (second["counts"]["unchanged"], second["counts"]["updated"]) == (1, 1)
    done = undo(contacts, first["id"])
    assert (done["deleted"], done["kept"]) == (0, 2)
    assert kept(contacts, first["id"]) == {
        "Person 0": ("imported", []),
        "Person 1": ("changed", ["title"]),
    }


def test_imports_are_undone_from_the_last_to_the_first(contacts: ContactsClient) -> None:
    """What a later import did is no work of people once it is taken back."""
    first = contacts.upload(people(2))
    before = [content(item) for item in contacts.all()]
    second = contacts.upload(people(1) + vcard("UID:u1", "FN:Person 1", "TITLE:Dr"))
    assert undo(contacts, second["id"])["reverted"] == 1
    assert [content(item) for item in contacts.all()] == before
    assert undo(contacts, first["id"])["deleted"] == 2
    assert contacts.all() == []


@pytest.mark.inside
def test_person_who_was_erased_is_not_brought_back(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Of whom nothing is known any more, nothing is put back, and the report does not name them."""
    from crm_contacts.service import people as personal
    from meishi.sdk.plugin import DataSubject

    ada = contacts.create({"name": {"full": "Ada"}, "emails": [{"address": "ada@x.example"}]})
    contacts.patch(ada, {"uid": "u0"})
    found = contacts.upload(people(2))
    subject = DataSubject(emails=("ada@x.example",), phones=(), contact_ids=(UUID(ada["id"]),))
    with workspace.acting_as("crm_contacts"):
        personal.erase(subject)
    assert [item["name"]["full"] for item in contacts.all()] == ["Person 1"]
    done = undo(contacts, found["id"])
    assert (done["deleted"], done["reverted"]) == (1, 0)
    assert contacts.all() == []
    assert "ada" not in str(get(contacts, f"{IMPORTS}/{found['id']}/undo/kept")).lower()


@pytest.mark.inside
def test_import_of_whom_all_are_erased_is_refused_as_such(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Their histories went with them; that is no reason to speak of former times alone."""
    from crm_contacts.service import people as personal
    from meishi.sdk.plugin import DataSubject

    found = contacts.upload(people(1))
    contact_id = UUID(contacts.all()[0]["id"])
    with workspace.acting_as("crm_contacts"):
        personal.erase(DataSubject(emails=(), phones=(), contact_ids=(contact_id,)))
    assert "all of its contacts are erased" in ask(contacts, found["id"], 409)["detail"]


@pytest.mark.usefixtures("one_chunk_a_step")
def test_running_import_is_cancelled_first(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """An import that is asked for is not undone; one that was stopped halfway is, for good."""
    import_id = contacts.send(people(CHUNK_ROWS + 20))["id"]
    assert ask(contacts, import_id, 409)["type"] == "urn:meishi:problem:import-undo-refused"
    operation = contacts.start(import_id)
    ask(contacts, import_id, 409)
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(import_id), seconds=0)
    path = f"{OPERATIONS}/{operation['id']}/cancel"
    assert contacts.client.post(path, headers=contacts.headers).status_code == 200
    contacts.run_jobs()
    assert undo(contacts, import_id)["deleted"] == CHUNK_ROWS
    assert contacts.all() == []
    answer = contacts.client.post(f"{IMPORTS}/{import_id}/run", headers=contacts.headers)
    assert (answer.status_code, answer.json["type"]) == (  # type: ignore[index]
        409,
        "urn:meishi:problem:import-undone",
    )


def test_undo_that_was_cancelled_goes_on(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """What is undone stays so; another operation does the rest, and counts all of it."""
    found = contacts.upload(people(MANY))
    first = ask(contacts, found["id"])
    with workspace.acting_as("crm_contacts"):
        half = service(ImportUndos).step(UUID(found["id"]))
    assert 0 < half.done < MANY
    path = f"{OPERATIONS}/{first['id']}/cancel"
    assert contacts.client.post(path, headers=contacts.headers).status_code == 200
    contacts.run_jobs()
    assert len(contacts.all()) == MANY - half.done
    done = undo(contacts, found["id"])
    assert done["operation_id"] != first["id"]
    assert (done["done"], done["deleted"]) == (MANY, MANY)
    assert contacts.all() == []


def test_undo_of_another_workspace_is_not_there(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither asked for nor seen; and before anybody asks there is none."""
    found = contacts.upload(people(1))
    other = contacts.of(other_workspace)
    path = f"{IMPORTS}/{found['id']}/undo"
    assert other.client.post(path, headers=other.headers).status_code == 404
    assert contacts.client.get(path, headers=contacts.headers).status_code == 404
    undo(contacts, found["id"])
    for wanted in (path, f"{path}/kept"):
        assert other.client.get(wanted, headers=other.headers).status_code == 404


def test_import_before_histories_is_refused(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, plugin_host: Host
) -> None:
    """Nobody knows what was there before, so nothing is guessed."""
    found = contacts.upload(people(1))
    with plugin_host.scope(workspace=workspace.id, plugin="crm_contacts") as scope:
        scope.work.execute("DELETE FROM crm_contacts.contact_change")
    with workspace.acting_as("crm_contacts"), pytest.raises(ImportUndoRefused):
        service(ImportUndos).start(UUID(found["id"]))
    assert len(contacts.all()) == 1
