"""The current workspace: what it is called, and who may be called the same."""

from __future__ import annotations

import pytest

from meishi.core.identity.contract import InvalidAccount, SlugTaken, Workspaces
from meishi.sdk.context import service
from meishi.sdk.contract import VersionMismatch
from meishi.testing.fixtures import WorkspaceUnderTest


def test_workspace_is_given_another_slug_and_name_apart_from_each_other(
    workspace: WorkspaceUnderTest,
) -> None:
    """What is not named stays, and each change is another version."""
    with workspace.acting_as("identity"):
        before = service(Workspaces).get()
        renamed = service(Workspaces).change(name=" Number one ", versions=(before.version,))
    assert (renamed.id, renamed.slug, renamed.name) == (workspace.id, "one", "Number one")
    with workspace.acting_as("identity"):
        with pytest.raises(VersionMismatch):
            service(Workspaces).change(slug="uno", versions=(before.version,))
        moved = service(Workspaces).change(slug="uno", versions=(renamed.version,))
        assert service(Workspaces).get() == moved
    assert (moved.slug, moved.name) == ("uno", "Number one")


def test_slug_of_another_workspace_is_refused_and_nothing_else_is_changed(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """The transaction goes on after the refusal; a slug of a wrong form never comes so far."""
    with other_workspace.acting_as("identity"):
        theirs = service(Workspaces).get()
    with workspace.acting_as("identity"):
        with pytest.raises(SlugTaken, match=theirs.slug):
            service(Workspaces).change(slug=theirs.slug, name="Two")
        with pytest.raises(InvalidAccount, match="The slug 'Not one!'"):
            service(Workspaces).change(slug="Not one!")
        assert service(Workspaces).get().name == "one"
