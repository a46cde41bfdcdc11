"""`meishi workspaces`: what is created is listed, and can be worked in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from meishi.database.location import Location
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

pytestmark = pytest.mark.once

OWNER = ("--email", "Ada@Two.example")


def document(run: Run, *arguments: str) -> Any:
    """Return the one JSON document that a command prints."""
    result = run(*arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return json.loads(result.out)


def test_workspace_that_is_created_is_listed_and_its_owner_can_have_a_token(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest
) -> None:
    """The new workspace stands after the older one, and its owner is a member."""
    made = document(run, "workspaces", "create", "two", *OWNER, "--title", "Number two")
    assert (made["slug"], made["owner"]) == ("two", "ada@two.example")
    first, second = document(run, "workspaces", "list")["items"]
    assert first["id"] == str(workspace.id)
    assert second == {"id": made["id"], "slug": "two", "name": "Number two"}
    assert document(run, "tokens", "issue", "--workspace", "two", *OWNER)["token"]
    assert "Number two" in run("workspaces", "list").out


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("one", *OWNER), "There is a workspace 'one' already"),
        (("Two!", *OWNER), "The slug 'Two!' must be"),
        (("two", "--email", "nobody"), "is not an email address"),
        (("two", *OWNER, "--title", " "), "A name must have"),
    ],
)
def test_what_cannot_be_created_is_said_in_a_line_with_a_hint(
    run: Run,
    migrated: Location,
    workspace: WorkspaceUnderTest,
    arguments: tuple[str, ...],
    error: str,
) -> None:
    """No workspace is made by a command that is refused."""
    result = run("workspaces", "create", *arguments)
    assert (result.code, result.out) == (1, "")
    assert error in result.err.splitlines()[0]
    assert "meishi workspaces list" in result.err
    assert len(document(run, "workspaces", "list")["items"]) == 1


def test_workspace_is_renamed_and_found_under_its_new_slug(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest
) -> None:
    """Name and slug are changed apart; a slug that is taken, and nothing at all, is refused."""
    document(run, "workspaces", "create", "two", *OWNER)
    named = document(run, "workspaces", "rename", "two", "--title", "Number two")
    assert (named["slug"], named["name"]) == ("two", "Number two")
    moved = document(run, "workspaces", "rename", "two", "--slug", "zwei")
    assert moved == {**named, "slug": "zwei"}
    assert document(run, "workspaces", "list")["items"][1] == moved
    for arguments, error in (
        (("zwei", "--slug", "one"), "There is a workspace 'one' already"),
        (("zwei",), "Nothing is to be changed"),
        (("two", "--slug", "three"), "There is no workspace 'two'"),
    ):
        result = run("workspaces", "rename", *arguments)
        assert (result.code, result.out) == (1, "")
        assert error in result.err.splitlines()[0]
    assert document(run, "workspaces", "list")["items"][1] == moved
