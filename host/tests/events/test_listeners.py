"""Listeners inside the transaction: their role, their order, their veto."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from meishi.context import Scope, current_scope
from meishi.database.identity import TransactionUndone
from meishi.events.signals import EventHandlerFailed
from meishi.host import Host
from meishi.sdk.contract import DomainError, EventVetoed, FieldError
from meishi.sdk.database import current_connection, savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus, ThingMade, ThingSeen

Log = Callable[[], list[Any]]

INSERT = text(
    "INSERT INTO qr.card (workspace_id, id, contact_id, title, fields, slug, version, created_at,"
    " updated_at) VALUES (current_setting('meishi.workspace')::uuid, gen_random_uuid(),"
    " gen_random_uuid(), 'by a listener', '{}', gen_random_uuid(), 1, now(), now())"
)


class Busy(DomainError):
    """A declared error of a listener."""

    code = "busy"
    title = "Busy"


def veto(_events: Sequence[Any]) -> None:
    """Refuse everything."""
    raise Busy("Not today.", errors=[FieldError("/thing", "busy", "is busy")])


def make_card(_events: Sequence[Any]) -> None:
    """Write a row of the QR generator."""
    current_connection().execute(INSERT)


def cards(host: Host, workspace: WorkspaceUnderTest) -> int:
    """Return how many cards were committed."""
    with workspace.acting_as("qr"):
        return int(current_connection().execute(text("SELECT count(*) FROM qr.card")).scalar_one())


def test_a_listener_runs_under_its_own_role(workspace: WorkspaceUnderTest, bus: Bus) -> None:
    """The publisher has its role again afterwards; what the listener wrote is kept."""
    seen: list[str] = []

    def role(events: Sequence[ThingMade]) -> None:
        assert [event.thing for event in events] == ["a", "b"]
        seen.append(current_connection().execute(text("SELECT current_user")).scalar_one())
        make_card(events)

    bus.connect("qr", ThingMade, role)
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"), ThingMade(thing="b"))
        seen.append(current_connection().execute(text("SELECT current_user")).scalar_one())
    assert seen == ["meishi_test_qr_run", "meishi_test_crm_contacts_run"]
    assert cards(workspace.host, workspace) == 1


def test_a_veto_reaches_the_publisher_and_nothing_is_written(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """The refusal says who and why, and what listeners wrote is undone."""
    bus.connect("qr", ThingMade, make_card)
    bus.connect("identity", ThingMade, veto)
    with workspace.acting_as("crm_contacts"), pytest.raises(EventVetoed) as caught, savepoint():
        bus.publish(ThingMade(thing="a"))
    assert (caught.value.status, caught.value.detail) == (409, "identity: Not today.")
    assert caught.value.errors == (FieldError("/thing", "busy", "is busy"),)
    assert isinstance(caught.value.__cause__, Busy)
    assert log() == []
    assert cards(workspace.host, workspace) == 0


def test_a_veto_takes_back_all_events_of_its_call(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """Earlier calls of the unit of work stand, the vetoed one leaves nothing."""
    bus.connect("qr", ThingSeen, veto)
    with workspace.acting_as("qr"), pytest.raises(EventVetoed), savepoint():
        bus.publish(ThingSeen(thing="a"))
    with workspace.acting_as("crm_contacts") as scope:
        bus.publish(ThingMade(thing="kept"))
        with scope.work.entered("qr"), pytest.raises(EventVetoed), savepoint():
            bus.publish(ThingSeen(thing="a"), ThingSeen(thing="b"))
    assert [row.subject for row in log()] == ["kept"]


def test_a_caught_veto_still_undoes_the_change(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """Who catches a veto without undoing the change cannot commit the change without its event."""
    bus.connect("identity", ThingMade, veto)

    def change_and_catch(scope: Scope) -> None:
        make_card([])
        with pytest.raises(EventVetoed), scope.work.entered("crm_contacts"):
            bus.publish(ThingMade(thing="a"))

    with pytest.raises(EventVetoed), workspace.acting_as("qr") as scope:
        change_and_catch(scope)
    assert log() == []
    assert cards(workspace.host, workspace) == 0


def test_a_listener_cannot_shorten_what_the_next_one_hears(
    workspace: WorkspaceUnderTest, bus: Bus
) -> None:
    """Listeners are given something that they cannot change."""
    kinds: list[type] = []
    bus.connect("qr", ThingMade, lambda events: kinds.append(type(events)))
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"))
    assert kinds == [tuple]


def test_another_error_fails_and_names_the_plugin(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """The request fails as a whole; the listener's own error is the cause."""
    bus.connect("qr", ThingMade, lambda events: [][len(events)])
    with (
        pytest.raises(EventHandlerFailed, match=r"^qr failed .* thing\.made\.v2") as caught,
        workspace.acting_as("crm_contacts"),
    ):
        bus.publish(ThingMade(thing="a"))
    assert isinstance(caught.value.__cause__, IndexError)
    assert log() == []


def test_a_listener_that_would_end_the_process_has_failed(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """A command would end with the code that it says, as if all were well."""
    bus.connect("qr", ThingMade, lambda _events: sys.exit(0))
    with (
        pytest.raises(EventHandlerFailed, match=r"^qr failed .* thing\.made\.v2"),
        workspace.acting_as("crm_contacts"),
    ):
        bus.publish(ThingMade(thing="a"))
    assert log() == []


def test_the_plugin_that_failed_is_named_through_a_chain(
    workspace: WorkspaceUnderTest, bus: Bus
) -> None:
    """A listener whose own event makes another one fail is not blamed for it."""
    bus.connect("qr", ThingMade, lambda events: bus.publish(ThingSeen(thing="a")))
    bus.connect("identity", ThingSeen, lambda events: [][len(events)])
    with pytest.raises(EventHandlerFailed) as caught, workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"))
    assert caught.value.plugin == "identity"


@pytest.mark.parametrize("before", [False, True], ids=["at once", "in a transaction"])
def test_a_listener_that_swallows_its_own_failed_statement_is_named(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log, before: bool
) -> None:
    """What the failure undid is no fault of the publisher, which finds its transaction well."""

    def swallow(_events: Sequence[ThingMade]) -> None:
        with suppress(DBAPIError):
            current_connection().execute(text("SELECT 1 / 0"))

    bus.connect("qr", ThingMade, swallow)
    with workspace.acting_as("crm_contacts"):
        if before:
            current_connection().execute(text("SELECT 1"))
        with pytest.raises(EventHandlerFailed) as caught:
            bus.publish(ThingMade(thing="a"))
        assert current_connection().execute(text("SELECT 1")).scalar_one() == 1
    assert caught.value.plugin == "qr"
    assert isinstance(caught.value.__cause__, TransactionUndone)
    assert log() == []


def test_listeners_hear_in_the_order_in_which_plugins_depend(
    workspace: WorkspaceUnderTest, bus: Bus
) -> None:
    """The host connects plugins in that order, and each hears in its turn."""
    heard: list[str] = []
    order = [item.plugin for item in workspace.host.plugins.active()]
    assert order.index("crm_contacts") < order.index("qr")
    for plugin in order:
        bus.connect(plugin, ThingMade, lambda _events: heard.append(current_scope().work.plugin))
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"))
    assert heard == order


def test_events_of_listeners_stand_behind_what_they_heard(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """The log tells causes before effects, and one call's events in their order."""

    def see(events: Sequence[ThingMade]) -> None:
        bus.publish(*(ThingSeen(thing=f"seen {event.thing}") for event in events))

    bus.connect("qr", ThingMade, see)
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"), ThingMade(thing="b"))
        bus.publish(ThingMade(thing="c"))
    assert [row.subject for row in log()] == ["a", "b", "seen a", "seen b", "c", "seen c"]
