"""Notes of plugins: what is no request is written with the transaction in which it was done."""

from __future__ import annotations

import pytest

from meishi.host import Host
from meishi.sdk import audit as sdk_audit
from meishi.sdk.audit import Resource
from meishi.sdk.database import savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Audit


def test_a_note_names_the_plugin_and_the_action(
    workspace: WorkspaceUnderTest, audit: Audit
) -> None:
    """Whoever acts is in it; the system is nobody."""
    with workspace.acting_as("qr") as scope:
        sdk_audit.note(
            "card-printed", resource=Resource(type="cards", id="7"), changed=("title", "it's \\ é")
        )
    (row,) = audit.rows()
    assert (row.outcome, row.action, row.plugin) == ("done", "qr.card-printed", "qr")
    assert (row.resource_type, row.resource_id) == ("cards", "7")
    assert row.changed == ["title", "it's \\ é"]
    assert (row.workspace_id, row.correlation) == (workspace.id, scope.correlation)
    assert {row.user_id, row.token_id, row.status, row.permission, row.address} == {None}


def test_a_note_of_what_is_undone_is_undone(workspace: WorkspaceUnderTest, audit: Audit) -> None:
    """With its savepoint, or with the whole transaction."""
    with workspace.acting_as("qr") as scope:
        sdk_audit.note("kept")
        scope.work.execute("SELECT 1")
        with pytest.raises(KeyError), savepoint():
            _note_and_fail()
        sdk_audit.note("kept-too")
    with pytest.raises(KeyError), workspace.acting_as("qr"):
        _note_and_fail()
    assert [row.action for row in audit.rows()] == ["qr.kept", "qr.kept-too"]


def _note_and_fail() -> None:
    sdk_audit.note("undone")
    raise KeyError


def test_a_note_needs_a_workspace(host: Host) -> None:
    """What belongs to none is nobody's to read."""
    with pytest.raises(LookupError, match="inside a workspace"), host.scope(plugin="qr"):
        sdk_audit.note("lost")


@pytest.mark.parametrize("action", ["", "Ada signed in", "a.b", "x" * 101])
def test_an_action_is_a_name(workspace: WorkspaceUnderTest, action: str) -> None:
    """Not a sentence, in which people might be named."""
    with workspace.acting_as("qr"), pytest.raises(ValueError, match="must match"):
        sdk_audit.note(action)
