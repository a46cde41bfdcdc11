"""Events that are addressed to another workspace: logged there, and nothing else crosses."""

# ruff: noqa: PT012 (a unit of work that must fail is a block)

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from meishi.context import Actor, substitute_scope
from meishi.events.publishing import PublishError
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus, ThingForgotten, ThingMade, ThingSeen

Log = Callable[[], list[Any]]


class Undo(Exception):
    """Ends a unit of work."""


def test_an_addressed_event_is_logged_in_its_workspace_with_the_same_commit(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """It keeps its chain of causes, stands beside what was published here, and is nobody's act."""
    actor = Actor(user_id=workspace.owner_id)
    with workspace.host.scope(workspace=workspace.id, actor=actor) as scope:
        with scope.work.entered("crm_contacts"):
            bus.publish(ThingMade(thing="here"))
            bus.publish_to(other_workspace.id, ThingMade(thing="there"))
            bus.publish_to(None, ThingMade(thing="nowhere"))
            bus.publish_to(workspace.id, ThingMade(thing="own"))
        assert log() == []
    owner = str(workspace.owner_id)
    assert [(row.subject, row.workspace_id, row.trace["actor"]) for row in log()] == [
        ("here", workspace.id, owner),
        ("there", other_workspace.id, None),
        ("nowhere", None, None),
        ("own", workspace.id, owner),
    ]
    assert {row.trace["correlation"] for row in log()} == {str(scope.correlation)}


def test_what_is_undone_here_reaches_nobody_there(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """An addressed event goes with its transaction, and with a scope that is silent."""
    with pytest.raises(Undo), workspace.acting_as("crm_contacts"):
        bus.publish_to(other_workspace.id, ThingMade(thing="a"))
        raise Undo
    with (
        workspace.acting_as("crm_contacts") as scope,
        substitute_scope(replace(scope, silent=True)),
    ):
        bus.publish_to(other_workspace.id, ThingMade(thing="b"))
    assert log() == []


def test_what_is_heard_inside_the_transaction_cannot_be_addressed(
    workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """Its listeners would write here what is meant for there; not one of the events is logged."""
    heard: list[object] = []
    bus.connect("qr", ThingMade, heard.extend)
    with (
        workspace.acting_as("crm_contacts"),
        pytest.raises(PublishError, match="cannot be addressed"),
    ):
        bus.publish_to(other_workspace.id, ThingMade(thing="a"))
    assert (heard, log()) == ([], [])


@pytest.mark.parametrize("event", [ThingSeen(thing="a"), ThingForgotten(thing="a")])
def test_only_own_events_can_be_addressed(
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    bus: Bus,
    log: Log,
    event: ThingSeen | ThingForgotten,
) -> None:
    """One of somebody else, or of nobody, keeps back the whole call."""
    with workspace.acting_as("crm_contacts"), pytest.raises(PublishError, match="must not"):
        bus.publish_to(other_workspace.id, ThingMade(thing="good"), event)
    assert log() == []
