"""`meishi tokens`: what is issued works as it was asked for, until it is revoked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.database.location import Location
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

pytestmark = pytest.mark.once

CONTACTS, CARDS = "/api/v1/contacts", "/api/v1/qr/cards"
OWNER = ("--email", "owner@one.example")


def document(run: Run, *arguments: str) -> Any:
    """Return the one JSON document that a command prints."""
    result = run("tokens", *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def status(client: FlaskClient, secret: str, path: str) -> int:
    """Return how a request with a token is answered."""
    return client.get(path, headers={"Authorization": f"Bearer {secret}"}).status_code


def test_a_token_may_do_what_its_scopes_say_until_it_is_revoked(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest, client: FlaskClient
) -> None:
    """Without scopes all of the role, with some no more than these, revoked nothing."""
    everything = document(run, "issue", *OWNER)
    reader = document(run, "issue", *OWNER, "--scope", "contacts.read", "--name", "sync")
    assert status(client, everything["token"], CARDS) == 200
    assert status(client, reader["token"], CONTACTS) == 200
    assert status(client, reader["token"], CARDS) == 403
    assert document(run, "revoke", reader["id"]) == {"id": reader["id"]}
    assert status(client, reader["token"], CONTACTS) == 401
    assert status(client, everything["token"], CARDS) == 200


def test_tokens_are_listed_without_their_secrets(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest
) -> None:
    """Who has one, what for, how long, and whether it is an operator's."""
    made = document(run, "issue", *OWNER, "--name", "ops", "--operator", "--days", "3")
    *_, item = document(run, "list")["items"]
    assert (item["id"], item["name"], item["email"]) == (made["id"], "ops", OWNER[1])
    assert (item["operator"], item["scopes"], item["revoked_at"]) == (True, None, None)
    assert item["expires_at"] > item["created_at"]
    table = run("tokens", "list")
    assert "all of the role" in table.out
    assert workspace.token not in table.out
    assert made["token"] not in table.out


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (("issue", *OWNER, "--scope", "contact.read"), "no permission", "'contacts.read'"),
        (("issue", "--email", "nobody@one.example"), "Nobody in this workspace", ""),
        (("issue", "--email", "nobody"), "is not an email address", ""),
        (("issue", *OWNER, "--name", ""), "A name must have", ""),
        (("revoke", "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"), "There is no token", "tokens list"),
        (("list", "--workspace", "else"), "There is no workspace 'else'", "one"),
    ],
)
def test_what_cannot_be_is_said_in_a_line_with_a_hint(
    run: Run,
    migrated: Location,
    workspace: WorkspaceUnderTest,
    arguments: tuple[str, ...],
    error: str,
    hint: str,
) -> None:
    """No token is made by a command that is refused."""
    result = run("tokens", *arguments)
    assert (result.code, result.out) == (1, "")
    assert error in result.err.splitlines()[0]
    assert hint in result.err
    assert len(document(run, "list")["items"]) == 1
