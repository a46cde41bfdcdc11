"""The audit of the web API: what requests have done, what they were denied, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Audit, IssueToken

CONTACTS = "/api/v1/contacts"
BATCH = f"{CONTACTS}:batch"
ADA = {"name": {"full": "Ada"}, "note": "secret"}
CREATED = ("done", f"POST {CONTACTS}")


def create(client: FlaskClient, headers: dict[str, str], **more: str) -> TestResponse:
    """Create a contact."""
    return client.post(CONTACTS, json=ADA, headers={**headers, **more})


def made(answer: TestResponse) -> str:
    """Return the id of what was created."""
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return str(answer.json["id"])


def test_a_change_is_written_with_who_what_and_from_where(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit, token_id: UUID
) -> None:
    """Names of fields, never values; the network, never the address; the id that was given."""
    trace = "0123456789abcdef0123456789abcdef"
    answer = client.post(
        CONTACTS,
        json=ADA,
        headers={**workspace.headers, "traceparent": f"00-{trace}-0123456789abcdef-01"},
        environ_base={"REMOTE_ADDR": "192.0.2.77"},
    )
    (row,) = audit.rows()
    assert (row.outcome, row.action, row.plugin) == (*CREATED, "crm_contacts")
    assert (row.permission, row.status) == ("contacts.write", 201)
    assert (row.workspace_id, row.user_id, row.token_id, row.session_id) == (
        workspace.id, workspace.owner_id, token_id, None,
    )  # fmt: skip
    assert (row.resource_type, row.resource_id) == ("contacts", made(answer))
    assert (row.changed, row.address, row.correlation) == (
        ["name", "note"], "192.0.2.0/24", UUID(trace),
    )  # fmt: skip
    assert not {"Ada", "secret"} & set(map(str, row))


def test_an_entry_carries_the_correlation_of_its_events(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    audit: Audit,
    published_events: PublishedEvents,
) -> None:
    """So one leads to the other."""
    create(client, workspace.headers)
    (event,) = published_events.entries()
    assert [row.correlation for row in audit.rows()] == [event.correlation]


def test_what_is_changed_and_deleted_is_named_by_its_address(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """The address is written as the documentation has it, the id beside it."""
    contact = made(create(client, workspace.headers))
    headers = workspace.headers | {"If-Match": "*"}
    path = f"{CONTACTS}/{contact}"
    patch = client.patch(path, json={"title": "Dr"}, headers=headers)
    assert patch.status_code == 200, patch.text
    assert client.delete(path, headers=headers).status_code == 204
    address = f"{CONTACTS}/{{contact_id}}"
    assert audit.actions() == [CREATED, ("done", f"PATCH {address}"), ("done", f"DELETE {address}")]
    assert {(row.resource_type, row.resource_id) for row in audit.rows()} == {("contacts", contact)}
    assert [row.changed for row in audit.rows()] == [["name", "note"], ["title"], []]


@pytest.mark.parametrize(
    ("body", "status"), [({"name": {}}, 422), ({"names": {}}, 400)], ids=["wrong", "unknown"]
)
def test_what_only_reads_or_fails_leaves_nothing(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit, body: Any, status: int
) -> None:
    """Nothing was done; that somebody looked at something is no entry either."""
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
    assert client.post(CONTACTS, json=body, headers=workspace.headers).status_code == status
    assert client.post(CONTACTS, json=ADA).status_code == 401
    assert client.delete(
        f"{CONTACTS}/{workspace.id}", headers=workspace.headers | {"If-Match": "*"}
    ).status_code == 404  # fmt: skip
    assert audit.rows() == []


def test_a_request_that_is_sent_again_counts_once(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """An answer that is given again was made by one change."""
    key = {"Idempotency-Key": "k-1"}
    first, again = (create(client, workspace.headers, **key) for _ in range(2))
    assert made(first) == made(again)
    assert audit.actions() == [CREATED]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_denied_access_is_written_though_nothing_else_is(
    client: FlaskClient, issue_token: IssueToken, audit: Audit, method: str
) -> None:
    """Whether it would read or change: who lacked which right."""
    answer = client.open(CONTACTS, method=method, json=ADA, headers=issue_token("qr.read"))
    assert answer.status_code == 403
    (row,) = audit.rows()
    assert (row.outcome, row.action, row.status) == ("denied", f"{method} {CONTACTS}", 403)
    assert row.permission == {"GET": "contacts.read", "POST": "contacts.write"}[method]
    assert (row.resource_type, row.resource_id, row.changed) == ("contacts", None, [])


def test_denied_access_to_one_resource_names_it(
    client: FlaskClient, workspace: WorkspaceUnderTest, issue_token: IssueToken, audit: Audit
) -> None:
    """As far as its address does."""
    contact = made(create(client, workspace.headers))
    headers = issue_token("contacts.read") | {"If-Match": "*"}
    assert client.delete(f"{CONTACTS}/{contact}", headers=headers).status_code == 403
    assert audit.actions() == [CREATED, ("denied", f"DELETE {CONTACTS}/{{contact_id}}")]
    assert audit.rows()[1].resource_id == contact


def test_items_of_a_batch_count_one_by_one(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """Those that failed do not, nor does the batch; each names its own fields."""
    items = [
        {"method": "POST", "body": ADA},
        {"method": "POST", "body": {"name": {}}},
        {"method": "POST", "body": {"name": {"full": "Bob"}}},
    ]
    key = {"Idempotency-Key": "k-2"}
    for _ in range(2):
        answer = client.post(BATCH, json={"items": items}, headers=workspace.headers | key)
        assert answer.status_code == 207, answer.text
    assert answer.json is not None
    ids = [item["body"].get("id") for item in answer.json["items"]]
    assert audit.actions() == [CREATED, CREATED]
    assert [(row.resource_id, row.changed) for row in audit.rows()] == [
        (ids[0], ["name", "note"]),
        (ids[2], ["name"]),
    ]


def test_of_an_atomic_batch_that_was_undone_nothing_is_written(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """The item before the one that failed was not done in the end."""
    items = [{"method": "POST", "body": ADA}, {"method": "POST", "body": {"name": {}}}]
    body = {"items": items, "atomic": True}
    assert client.post(BATCH, json=body, headers=workspace.headers).status_code == 207
    assert audit.rows() == []


def test_what_cannot_be_written_is_not_done(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """The entry and the change are one transaction."""
    audit.run("ALTER TABLE audit.entry RENAME TO gone")
    assert create(client, workspace.headers).status_code == 500
    audit.run("ALTER TABLE audit.gone RENAME TO entry")
    found = client.get(f"{CONTACTS}?total=true", headers=workspace.headers)
    assert found.json is not None
    assert (found.json["total"], audit.rows()) == (0, [])


@pytest.mark.parametrize(
    ("address", "area"),
    [
        ("203.0.113.200", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.200", "203.0.113.0/24"),
        ("nowhere", None),
    ],
)
def test_of_an_address_the_network_is_kept(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    audit: Audit,
    address: str,
    area: str | None,
) -> None:
    """Many have it in common, so it says of nobody who they are."""
    client.post(
        CONTACTS, json=ADA, headers=workspace.headers, environ_base={"REMOTE_ADDR": address}
    )
    assert [row.address for row in audit.rows()] == [area]


def test_nobody_changes_an_entry(
    client: FlaskClient, workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """Not even the code of the audit itself has the right to."""
    from sqlalchemy.exc import ProgrammingError

    create(client, workspace.headers)
    for statement in (
        "UPDATE audit.entry SET outcome = 'denied'",
        "DELETE FROM audit.entry",
        "TRUNCATE audit.entry",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"):  # noqa: SIM117
            with workspace.acting_as("audit") as scope:
                scope.work.execute(statement)
    assert audit.actions() == [CREATED]
