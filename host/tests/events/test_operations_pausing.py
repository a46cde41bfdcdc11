"""Pausing and resuming: at one exact position, with what is in flight undone."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import psycopg
import pytest

from meishi.context import Scope
from meishi.events.log import DB_SCHEMA
from meishi.events.operations import pausing
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.errors import UnknownSubscription, WrongState
from meishi.host import Host

from ..conftest import SUBSCRIPTION, DeliveryRows

BY = Verdict(by="ada")
ONE = UUID(int=1)
Operation = Callable[[], AbstractContextManager[Scope]]


@pytest.fixture
def operation(host: Host) -> Operation:
    """Open a unit of work of the event log."""
    return lambda: host.scope(plugin=DB_SCHEMA)


def state(delivery: DeliveryRows) -> str:
    """Return the state of the subscription."""
    return str(delivery.one("SELECT state FROM meishi_events.subscription"))


def gaps(delivery: DeliveryRows) -> list[tuple[object, ...]]:
    """Return all gaps, by slot."""
    query = "SELECT slot, workspace, state, tick, upto, pos FROM meishi_events.gap ORDER BY slot"
    return [tuple(row) for row in delivery.run(query)]


def lease(delivery: DeliveryRows) -> None:
    """Give all cursors to a worker."""
    delivery.run(
        "UPDATE meishi_events.cursor SET owner = uuidv7(), "
        "lease_until = clock_timestamp() + interval '1 hour'"
    )


def deliver(delivery: DeliveryRows, fence: int) -> None:
    """Commit a position under a fence, as delivery does."""
    delivery.run(
        "SELECT meishi_events.advance('crm_contacts.main', 0::smallint, %(fence)s, 2, 1, 1, 0, "
        "NULL, 0, 0, NULL, 1, '{}', 0)",
        fence=fence,
    )


def test_a_paused_subscription_takes_nothing_that_is_in_flight(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """Leases are gone, and a delivery that began before is refused at its commit."""
    delivery.subscribe(slots=2)
    lease(delivery)
    fence = delivery.fence()
    with operation():
        pausing.pause(SUBSCRIPTION, BY)
    assert state(delivery) == "paused"
    assert delivery.one("SELECT count(*) FROM meishi_events.cursor WHERE owner IS NOT NULL") == 0
    with pytest.raises(psycopg.Error) as lost:
        deliver(delivery, fence)
    assert lost.value.sqlstate == "MSF01"
    assert delivery.position() == (1, 1, 0)


def test_a_resumed_subscription_goes_on_where_it_stood(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """Nothing about its position changes; both decisions are written down."""
    delivery.subscribe()
    with operation():
        pausing.pause(SUBSCRIPTION, Verdict(by="ada", reason="the mailer is down"))
    with operation():
        pausing.resume(SUBSCRIPTION, BY)
    assert (state(delivery), delivery.position()) == ("live", (1, 1, 0))
    assert [(row.action, row.reason) for row in delivery.decided()] == [
        ("pause", "the mailer is down"),
        ("resume", ""),
    ]


@pytest.mark.parametrize("now", ["paused", "backfilling"])
def test_only_what_is_live_is_paused(
    operation: Operation, delivery: DeliveryRows, now: str
) -> None:
    """A backfill that was paused could not be told from live delivery afterwards."""
    delivery.subscribe(state=now)
    with operation(), pytest.raises(WrongState, match=f"it is {now}"):
        pausing.pause(SUBSCRIPTION, BY)
    assert (state(delivery), delivery.fence(), delivery.decided()) == (now, 0, [])


@pytest.mark.parametrize("now", ["live", "backfilling"])
def test_only_what_is_paused_is_resumed(
    operation: Operation, delivery: DeliveryRows, now: str
) -> None:
    """Two operators who resume the same do it once."""
    delivery.subscribe(state=now)
    with operation(), pytest.raises(WrongState, match="not paused"):
        pausing.resume(SUBSCRIPTION, BY)
    assert state(delivery) == now


def test_a_paused_workspace_remembers_where_each_slot_stood(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """The gap begins at the newest position, which no delivery in flight can move any more."""
    delivery.publish("a")
    newest = delivery.tick()
    delivery.subscribe(slots=2)
    delivery.advance(SUBSCRIPTION, 1, 1, upto=newest, pos=1)
    before = delivery.fence()
    with operation():
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    assert gaps(delivery) == [(0, ONE, "open", 1, 1, 0), (1, ONE, "open", 1, newest, 1)]
    assert (delivery.fence(), delivery.fence(slot=1)) == (before + 1, before + 1)
    assert state(delivery) == "live"


def test_a_resumed_workspace_catches_up_from_there(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """Its position stays, whatever the cursor has passed meanwhile."""
    delivery.subscribe()
    with operation():
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    delivery.publish("a")
    delivery.advance(SUBSCRIPTION, 0, delivery.tick())
    fence = delivery.fence()
    with operation():
        pausing.resume_workspace(SUBSCRIPTION, ONE, BY)
    assert gaps(delivery) == [(0, ONE, "draining", 1, 1, 0)]
    assert delivery.fence() == fence + 1
    assert [(row.action, row.workspace) for row in delivery.decided()] == [
        ("pause", ONE),
        ("resume", ONE),
    ]


def test_a_workspace_that_is_paused_while_it_catches_up_keeps_its_place(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """What it has not had yet is before the cursor, so the cursor's position would lose it."""
    delivery.subscribe()
    with operation():
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    with operation():
        pausing.resume_workspace(SUBSCRIPTION, ONE, BY)
    delivery.publish("a")
    delivery.advance(SUBSCRIPTION, 0, delivery.tick())
    with operation():
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    assert gaps(delivery) == [(0, ONE, "open", 1, 1, 0)]


def test_a_workspace_is_paused_and_resumed_once(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """What is asked for a second time is told, and changes nothing."""
    delivery.subscribe()
    with operation(), pytest.raises(WrongState, match="is not paused"):
        pausing.resume_workspace(SUBSCRIPTION, ONE, BY)
    with operation():
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    with operation(), pytest.raises(WrongState, match="paused already"):
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    with operation():
        pausing.resume_workspace(SUBSCRIPTION, ONE, BY)
    with operation(), pytest.raises(WrongState, match="catching up already"):
        pausing.resume_workspace(SUBSCRIPTION, ONE, BY)


def test_a_workspace_is_not_paused_during_a_backfill(
    operation: Operation, delivery: DeliveryRows
) -> None:
    """Its past is still being read, from no position in the log."""
    delivery.subscribe(state="backfilling")
    with operation(), pytest.raises(WrongState, match="backfilling"):
        pausing.pause_workspace(SUBSCRIPTION, ONE, BY)
    assert gaps(delivery) == []


def test_an_unknown_subscription_is_neither_paused_nor_resumed(operation: Operation) -> None:
    """All operations look the name up first."""
    for operate in (pausing.pause, pausing.resume):
        with operation(), pytest.raises(UnknownSubscription):
            operate("crm_contacts.min", BY)
