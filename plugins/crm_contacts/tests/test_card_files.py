"""vCards by the host's imports: looked into, and stored chunk by chunk."""

from __future__ import annotations

import json
from typing import Any

from flask.testing import FlaskClient

from crm_contacts.sources import CHUNK_ROWS
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns

_PATH = "/api/v1/imports"


def card(number: int) -> bytes:
    """Return a card; every hundredth is broken."""
    name = "" if number % 100 == 99 else f"FN:Person {number}\r\n"
    mail = f"EMAIL:p{number}@example.com\r\n"
    return f"BEGIN:VCARD\r\nVERSION:4.0\r\n{name}{mail}END:VCARD\r\n".encode()


def post(client: FlaskClient, workspace: WorkspaceUnderTest, place: str, **request: Any) -> Any:
    """Ask for something, and return the answer's document."""
    answer = client.post(f"{_PATH}{place}", headers=workspace.headers, **request)
    assert answer.status_code in {201, 202}, answer.text
    return answer.json


def shown(client: FlaskClient, workspace: WorkspaceUnderTest, import_id: str) -> Any:
    """Return an import as the web API shows it."""
    return client.get(f"{_PATH}/{import_id}", headers=workspace.headers).json


def test_cards_come_in_chunk_by_chunk(
    client: FlaskClient, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """Of more than a chunk each is stored once, wherever the next one begins."""
    content = b"".join(map(card, range(CHUNK_ROWS + 50)))
    found = post(client, workspace, "", data=content, content_type="text/vcard")
    assert found["importer"] == "contacts-vcard"
    post(client, workspace, f"/{found['id']}/preview")
    run_jobs()
    preview = shown(client, workspace, found["id"])["preview"]
    assert preview["columns"] == ["Name", "E-mail", "Phone", "Organisation"]
    assert preview["rows"][0] == ["Person 0", "p0@example.com", "", ""]
    post(client, workspace, f"/{found['id']}/run", json={})
    run_jobs()
    counts = shown(client, workspace, found["id"])["counts"]
    assert counts["created"] + counts["rejected"] == CHUNK_ROWS + 50
    contacts = client.get("/api/v1/contacts?total=true", headers=workspace.headers).json
    assert contacts is not None
    assert contacts["total"] == counts["created"]


def test_a_file_without_cards_says_so(
    client: FlaskClient, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """With the name of who looked into it."""
    found = post(client, workspace, "", data=b"no card", content_type="text/vcard")
    operation = post(client, workspace, f"/{found['id']}/preview")
    run_jobs(failures=True)
    place = f"/api/v1/operations/{operation['id']}"
    answer = client.get(place, headers=workspace.headers).json
    assert answer is not None
    assert answer["error"]["detail"].startswith("The importer 'contacts-vcard' of the module")


def test_cards_of_json_come_in_chunk_by_chunk(
    client: FlaskClient, workspace: WorkspaceUnderTest, run_jobs: JobRuns
) -> None:
    """They are told by their name or type, looked into, and each is accounted for."""
    names = [f"Person {number}" for number in range(CHUNK_ROWS + 50)]
    cards = [{"@type": "Card", "name": {"full": name}} for name in names]
    content = json.dumps([*cards, {"@type": "Card"}]).encode()
    path = "?name=people.jscontact"
    found = post(client, workspace, path, data=content, content_type="application/jscontact+json")
    assert found["importer"] == "contacts-json"
    post(client, workspace, f"/{found['id']}/preview")
    run_jobs()
    preview = shown(client, workspace, found["id"])["preview"]
    assert [row[0] for row in preview["rows"]] == names[:10]
    post(client, workspace, f"/{found['id']}/run", json={})
    run_jobs()
    counts = shown(client, workspace, found["id"])["counts"]
    assert (counts["created"], counts["rejected"]) == (len(names), 1)
