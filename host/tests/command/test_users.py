"""`meishi users`: who is invited, changed or taken out is seen in the list."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meishi.core.identity.repository import workspaces
from meishi.database.location import Location
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

pytestmark = pytest.mark.once

OWNER, ADA = "owner@one.example", "ada@one.example"


@pytest.fixture
def ada(workspace: WorkspaceUnderTest) -> str:
    """The id of a second member of the workspace."""
    with workspace.acting_as("identity"):
        user = workspaces.user_by_email(new_id=workspace.host.new_id(), email=ADA, name="Ada")
        workspaces.add_membership(workspace_id=workspace.id, user_id=user.id, role="member")
    return str(user.id)


def document(run: Run, *arguments: str) -> Any:
    """Return the one JSON document that a command prints."""
    result = run(*arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def roles(run: Run) -> dict[str, str]:
    """Return what everybody in the only workspace is, by their addresses."""
    return {item["email"]: item["role"] for item in document(run, "users", "list")["items"]}


def test_member_is_changed_and_taken_out(run: Run, migrated: Location, ada: str) -> None:
    """Each command does what it says, and leaves an entry in the audit without an address."""
    assert roles(run) == {ADA: "member", OWNER: "owner"}
    assert document(run, "users", "role", ADA, "admin")["role"] == "admin"
    assert roles(run) == {ADA: "admin", OWNER: "owner"}
    assert document(run, "users", "remove", ADA) == {"id": ada, "email": ADA}
    assert roles(run) == {OWNER: "owner"}
    entries = document(run, "audit", "list")["items"]
    assert [(item["action"], item["resource_id"]) for item in entries] == [
        ("identity.member-removed", ada),
        ("identity.member-role-changed", ada),
    ]
    assert ADA not in json.dumps(entries)


def test_who_is_invited_is_listed(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest
) -> None:
    """Beside the members, with the role that waits for them."""
    made = document(run, "users", "invite", "New@One.example", "--role", "viewer")
    assert (made["email"], made["role"]) == ("new@one.example", "viewer")
    assert document(run, "users", "list")["invitations"] == [made]
    table = run("users", "list").out
    assert OWNER in table
    assert "new@one.example" in table


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("role", OWNER, "admin"), "Make somebody else an owner first"),
        (("remove", OWNER), "Make somebody else an owner first"),
        (("remove", "nobody@one.example"), "Nobody in this workspace has the address"),
        (("invite", OWNER), "is in this workspace already"),
        (("invite", "nobody"), "is not an email address"),
    ],
)
def test_what_is_refused_is_said_in_a_line_with_a_hint(
    run: Run,
    migrated: Location,
    workspace: WorkspaceUnderTest,
    arguments: tuple[str, ...],
    error: str,
) -> None:
    """Nobody is changed, and nothing stands in the audit."""
    result = run("users", *arguments)
    assert (result.code, result.out) == (1, "")
    assert error in result.err.splitlines()[0]
    assert "meishi users list" in result.err
    assert roles(run) == {OWNER: "owner"}
    assert document(run, "audit", "list")["items"] == []
