"""Notes on contacts: who wrote them, and what becomes of them with their contacts."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from crm_contacts.contract import Notes
from meishi.sdk.context import service
from meishi.sdk.http import MERGE_PATCH
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient, ContactsPart

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"


class Notebook(ContactsPart):
    """The notes of one workspace over HTTP."""

    def write(self, contact_id: str, text: str) -> dict[str, Any]:
        """Write a note, and return it."""
        answer = self.send("POST", f"/{contact_id}/notes", json={"text": text})
        assert answer.status_code == 201, answer.text
        return dict(answer.json or {})

    def edit(self, note: dict[str, Any], text: str, version: str = "*") -> TestResponse:
        """Change the text of a note."""
        headers = {"Content-Type": MERGE_PATCH, "If-Match": version}
        body = json.dumps({"text": text})
        return self.send("PATCH", f"/notes/{note['id']}", data=body, headers=headers)

    def on(self, contact_id: str, **query: Any) -> list[str]:
        """Return the texts of a page of notes."""
        answer = self.send("GET", f"/{contact_id}/notes", query_string=query)
        assert answer.status_code == 200, answer.text
        return [item["text"] for item in (answer.json or {})["items"]]


@pytest.fixture
def notes(contacts: ContactsClient) -> Notebook:
    """The notes of the workspace."""
    return Notebook(contacts)


def person(contacts: ContactsClient, full: str = "Anna") -> str:
    """Create a contact, and return its id."""
    return str(contacts.create({"name": {"full": full}})["id"])


def test_notes_are_written_edited_and_deleted(contacts: ContactsClient, notes: Notebook) -> None:
    """The newest comes first; an edit says when it was, and is meant for a version."""
    anna = person(contacts)
    first = notes.write(anna, "First\nline")
    assert (first["contact_id"], first["version"], first["edited_at"]) == (anna, 1, None)
    for text in ("Second", "Third"):
        notes.write(anna, text)
    assert notes.on(anna) == ["Third", "Second", "First\nline"]
    page = notes.send("GET", f"/{anna}/notes", query_string={"limit": 2, "total": "true"}).json
    assert page is not None
    assert (page["total"], notes.on(anna, after=page["next_after"])) == (3, ["First\nline"])
    assert notes.edit(first, "Other", '"2.x"').status_code == 412
    changed = notes.edit(first, "Other").json or {}
    assert (changed["text"], changed["version"]) == ("Other", 2)
    assert changed["edited_at"] > changed["created_at"]
    assert notes.send("DELETE", f"/notes/{first['id']}").status_code == 428
    path = f"/notes/{first['id']}"
    assert notes.send("DELETE", path, headers={"If-Match": "*"}).status_code == 204
    assert notes.send("GET", path).status_code == 404
    assert notes.on(anna) == ["Third", "Second"]
    assert contacts.get(anna)["version"] == 1


@pytest.mark.parametrize(
    "text", ["", " \n", "x" * 20_001, "a\0b"], ids=["empty", "blank", "long", "nul"]
)
def test_a_note_says_something(contacts: ContactsClient, notes: Notebook, text: str) -> None:
    """What says nothing, too much or is no text is refused, new or edited."""
    anna = person(contacts)
    answer = notes.send("POST", f"/{anna}/notes", json={"text": text})
    assert answer.status_code == 422, answer.text
    kept = notes.write(anna, "x" * 20_000)
    assert notes.edit(kept, text).status_code == 422
    assert notes.on(anna) == ["x" * 20_000]


def test_notes_follow_their_contacts(contacts: ContactsClient, notes: Notebook) -> None:
    """Those of who is deleted are not there till they are back; a merge moves them, and back."""
    anna, other = person(contacts), person(contacts, "Anne")
    note = notes.write(other, "On Anne")
    notes.write(anna, "On Anna")
    notes.send("DELETE", f"/{other}", headers={"If-Match": "*"})
    assert notes.send("GET", f"/{other}/notes").status_code == 404
    assert notes.send("GET", f"/notes/{note['id']}").status_code == 404
    assert notes.send("POST", f"/{other}/notes", json={"text": "x"}).status_code == 404
    notes.send("POST", f"/{other}/restore")
    assert notes.on(other) == ["On Anne"]
    notes.send("POST", f"/{anna}/merge", json={"merged_ids": [other]})
    assert notes.on(anna) == ["On Anna", "On Anne"]
    assert (notes.send("GET", f"/notes/{note['id']}").json or {})["contact_id"] == anna
    notes.write(anna, "Later")
    assert notes.send("POST", f"/{other}/unmerge").status_code == 200
    assert (notes.on(anna), notes.on(other)) == (["Later", "On Anna"], ["On Anne"])


def test_notes_of_another_workspace_are_not_there(
    contacts: ContactsClient,
    notes: Notebook,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    client: FlaskClient,
) -> None:
    """Neither read, nor edited, nor written on a contact of somebody else's."""
    anna = person(contacts)
    note = notes.write(anna, "Mine")
    others = Notebook(contacts.of(other_workspace, client))
    assert others.send("GET", f"/notes/{note['id']}").status_code == 404
    assert others.edit(note, "Theirs").status_code == 404
    assert others.send("POST", f"/{anna}/notes", json={"text": "x"}).status_code == 404
    with workspace.acting_as("crm_contacts"):
        assert service(Notes).get(UUID(note["id"])).text == "Mine"


def test_the_page_of_a_contact_shows_and_changes_them(
    signed_in: Browser, contacts: ContactsClient, notes: Notebook
) -> None:
    """A note is written, shown with its author, edited and deleted."""
    anna = person(contacts)
    path = f"/contacts/{anna}"
    assert "No notes yet." in signed_in.get(path).text
    signed_in.send(f"{path}/notes", {"text": "<b>Call\r\nher"}, page=path)
    (note,) = (notes.send("GET", f"/{anna}/notes").json or {})["items"]
    assert (note["text"], note["author_id"] is None) == ("<b>Call\nher", False)
    shown = signed_in.get(path).text
    assert "&lt;b&gt;Call\nher</p>" in shown
    assert " · <time" in shown
    signed_in.send(f"{path}/notes/{note['id']}", {"text": "Called"}, page=path)
    assert notes.on(anna) == ["Called"]
    signed_in.send(f"{path}/notes/{note['id']}", {"text": " "}, page=path)
    assert "A note says something." in signed_in.get(path).text
    signed_in.send(f"{path}/notes/{note['id']}/delete", page=path)
    assert notes.on(anna) == []


def test_page_of_another_contact_changes_no_note(
    signed_in: Browser, contacts: ContactsClient, notes: Notebook
) -> None:
    """The address of a form names the contact that the note is on."""
    anna, bo = (contacts.create({"name": {"full": name}})["id"] for name in ("Anna", "Bo"))
    note = notes.write(anna, "Mine")
    page = f"/contacts/{anna}"
    for path in (f"/contacts/{bo}/notes/{note['id']}", f"/contacts/{bo}/notes/{note['id']}/delete"):
        assert signed_in.send(path, {"text": "Other"}, page=page).status_code == 404
    assert notes.on(anna) == ["Mine"]
    sent = signed_in.send(f"{page}/notes/{note['id']}", {"text": "Other"}, page=page)
    assert sent.status_code == 303
    assert notes.on(anna) == ["Other"]
