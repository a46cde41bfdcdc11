"""Operations over HTTP: documents, lists and cancelling."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from meishi.core.identity.contract import Tokens
from meishi.core.operations.contract import OperationError
from meishi.http.operations import accepted
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Desk

OPERATIONS = "/api/v1/operations"


def test_document_of_a_running_operation(
    client: FlaskClient, workspace: WorkspaceUnderTest, desk: Desk
) -> None:
    """It says how far the work is and when to ask again; who has it already is told so."""
    with desk.scope():
        found = desk.operations.begin(
            desk.host.new_id(), kind="crm_contacts.run_import", subject="/api/v1/contacts/imports/1"
        )
    desk.start(found.id, 1)
    path = f"{OPERATIONS}/{found.id}"
    desk.call(lambda there: there.advance(found.id, attempt=1, done=1, total=4, unit="bytes"))
    answer = client.get(path, headers=workspace.headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Retry-After"] == "1"
    document = answer.json
    assert document is not None
    assert document.pop("created_at").endswith("Z")
    assert document.pop("started_at").endswith("Z")
    assert document == {
        "id": str(found.id),
        "kind": "crm_contacts.run_import",
        "subject": "/api/v1/contacts/imports/1",
        "state": "running",
        "progress": {"done": 1, "total": 4, "unit": "bytes"},
        "cancel_requested": False,
        "attempts": 1,
        "result": None,
        "error": None,
        "created_by": None,
        "finished_at": None,
    }
    held = workspace.headers | {"If-None-Match": answer.headers["ETag"]}
    assert client.get(path, headers=held).status_code == 304
    desk.call(lambda there: there.advance(found.id, attempt=1, done=2, total=4, unit="bytes"))
    assert client.get(path, headers=held).status_code == 200


def test_ends_show_result_or_problem(
    client: FlaskClient, workspace: WorkspaceUnderTest, desk: Desk
) -> None:
    """A result is JSON, an error has the members of a problem; nobody needs to ask again."""
    good, bad = desk.begin().id, desk.begin().id
    desk.call(lambda found: found.finish(good, attempt=1, result='{"created":3}'))
    error = OperationError(code="no-paper", title="No paper", detail="The tray is empty.")
    desk.call(lambda found: found.fail(bad, attempt=1, error=error))
    answer = client.get(f"{OPERATIONS}/{good}", headers=workspace.headers)
    assert answer.json is not None
    assert (answer.json["state"], answer.json["result"]) == ("succeeded", {"created": 3})
    assert "Retry-After" not in answer.headers
    answer = client.get(f"{OPERATIONS}/{bad}", headers=workspace.headers)
    assert answer.json is not None
    assert (answer.json["state"], answer.json["error"]) == (
        "failed",
        {
            "type": "urn:meishi:problem:no-paper",
            "title": "No paper",
            "detail": "The tray is empty.",
        },
    )


def test_list_is_paged_and_filtered(
    client: FlaskClient, workspace: WorkspaceUnderTest, desk: Desk
) -> None:
    """Pages follow each other by their cursors; a state and a kind narrow the list down."""
    ids = [str(desk.begin().id) for _ in range(3)]
    desk.call(lambda found: found.begin(desk.host.new_id(), kind="qr.draw"))
    query = {"filter[kind][eq]": "crm_contacts.run_import", "limit": 2, "total": "true"}
    first = client.get(OPERATIONS, query_string=query, headers=workspace.headers).json
    assert first is not None
    assert [item["id"] for item in first["items"]] == [ids[2], ids[1]]
    assert first["total"] == 3
    query |= {"after": first["next_after"]}
    second = client.get(OPERATIONS, query_string=query, headers=workspace.headers).json
    assert second is not None
    assert [item["id"] for item in second["items"]] == [ids[0]]
    assert second["next_after"] is None
    running = {"filter[state][eq]": "running"}
    found = client.get(OPERATIONS, query_string=running, headers=workspace.headers).json
    assert found is not None
    assert found["items"] == []
    wrong = {"filter[state][eq]": "asleep"}
    answer = client.get(OPERATIONS, query_string=wrong, headers=workspace.headers)
    assert answer.status_code == 400


def test_cancelling(client: FlaskClient, workspace: WorkspaceUnderTest, desk: Desk) -> None:
    """What waits ends with it, what has ended is left alone, what is unknown is not found."""
    path = f"{OPERATIONS}/{desk.begin().id}"
    answer = client.post(f"{path}/cancel", headers=workspace.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert (answer.json["state"], answer.json["cancel_requested"]) == ("cancelled", True)
    answer = client.post(f"{path}/cancel", headers=workspace.headers)
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:operation-finished"
    unknown = f"{OPERATIONS}/{desk.host.new_id()}"
    assert client.get(unknown, headers=workspace.headers).status_code == 404
    assert client.post(f"{unknown}/cancel", headers=workspace.headers).status_code == 404


def test_who_may_only_look_cancels_nothing(
    client: FlaskClient, workspace: WorkspaceUnderTest, desk: Desk
) -> None:
    """Seeing how far work has come is one right, stopping it another."""
    begun = desk.begin().id
    with workspace.acting_as("identity"):
        token = service(Tokens).issue(
            user_id=workspace.owner_id, name="looks", scopes=frozenset({"operations.read"})
        )
    headers = {"Authorization": f"Bearer {token.secret}"}
    assert client.get(f"{OPERATIONS}/{begun}", headers=headers).status_code == 200
    assert client.post(f"{OPERATIONS}/{begun}/cancel", headers=headers).status_code == 403
    assert not desk.get(begun).cancel_requested


@pytest.mark.parametrize("ended", [False, True])
def test_accepted_work_is_answered_with_its_operation(
    client: FlaskClient, desk: Desk, ended: bool
) -> None:
    """202 with the document, and where to follow it."""
    found = desk.begin()
    if ended:
        found = desk.call(lambda operations: operations.finish(found.id, attempt=1))
    with client.application.test_request_context():
        answer = accepted(found)
    assert (answer.status_code, answer.headers["Location"]) == (202, f"{OPERATIONS}/{found.id}")
    assert answer.json is not None
    assert answer.json["id"] == str(found.id)
    assert ("Retry-After" in answer.headers) is not ended
