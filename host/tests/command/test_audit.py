"""`meishi audit`: what stands in the audit of a workspace, for who runs the deployment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.sdk import audit
from meishi.sdk.audit import Resource
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

pytestmark = pytest.mark.once


def test_entries_are_listed_and_exported(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest, tmp_path: Path
) -> None:
    """As a table, as one document, or a line for each, from the first on."""
    assert run("audit", "list").out == "There is no such entry.\n"
    for action, plugin in (("printed", "qr"), ("merged", "crm_contacts")):
        with workspace.acting_as(plugin):
            audit.note(action, resource=Resource(type="cards", id="c-1"))
    table = run("audit", "list").out.splitlines()
    assert [line.split()[3] for line in table[1:]] == ["crm_contacts.merged", "qr.printed"]
    assert "cards c-1" in table[1]
    (item,) = json.loads(run("audit", "list", "--json", "--plugin", "qr").out)["items"]
    assert (item["action"], item["user_id"]) == ("qr.printed", None)
    assert run("audit", "list", "--outcome", "denied").out == "There is no such entry.\n"
    assert run("audit", "list", "--until", "2000-01-01").out == "There is no such entry.\n"
    assert len(run("audit", "list", "--limit", "1").out.splitlines()) == 3
    lines = run("audit", "export").out.splitlines()
    assert [json.loads(line)["action"] for line in lines] == ["qr.printed", "crm_contacts.merged"]
    file = tmp_path / "audit.ndjson"
    result = run("audit", "export", "--since", "2000-01-01", "--output", str(file))
    assert (result.code, result.out) == (0, "")
    assert file.read_text().splitlines() == lines


def test_tokens_that_commands_issue_and_revoke_are_written(
    run: Run, migrated: Location, workspace: WorkspaceUnderTest
) -> None:
    """With the id of the token, and nobody's address."""
    email = "owner@one.example"
    token = json.loads(run("tokens", "issue", "--email", email, "--json").out)["id"]
    assert run("tokens", "revoke", token).code == 0
    document = run("audit", "list", "--json").out
    found = [(item["action"], item["resource_id"]) for item in json.loads(document)["items"]]
    assert found == [("identity.token-revoked", token), ("identity.token-issued", token)]
    assert email not in document
