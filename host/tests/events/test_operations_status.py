"""Status: one row per subscription that says whether it goes on, and what keeps it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from meishi.events.log import DB_SCHEMA
from meishi.events.operations.errors import UnknownSubscription
from meishi.events.operations.status import (
    ParkedCounts,
    SubscriptionStatus,
    SubscriptionStatuses,
)
from meishi.host import Host
from meishi.lifecycle.states import PluginState, PluginStatus

from ..conftest import DeliveryRows

Look = Callable[..., SubscriptionStatus]

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def look(host: Host) -> Look:
    """Return how a subscription is."""

    def status(name: str = "crm_contacts.main") -> SubscriptionStatus:
        with host.scope(plugin=DB_SCHEMA):
            return SubscriptionStatuses(host.plugins.statuses).one(name)

    return status


def test_a_subscription_that_has_had_all_lags_by_nothing(
    look: Look, delivery: DeliveryRows
) -> None:
    """At the newest tick there is no lag, however old that tick is."""
    delivery.publish("a", "b")
    delivery.subscribe(tick=delivery.tick(LONG_AGO))
    status = look()
    assert (status.state, status.active, status.reason) == ("live", True, "")
    assert (status.lag_events, status.lag_seconds) == (0, 0.0)


def test_lag_is_that_of_the_slowest_slot(look: Look, delivery: DeliveryRows) -> None:
    """Positions behind the slowest cursor, and the age of the first tick that it has not passed."""
    delivery.publish("a", "b", "c")
    first = delivery.tick(LONG_AGO)
    delivery.publish("d", "e")
    delivery.tick(LONG_AGO + timedelta(days=1))
    delivery.subscribe(slots=2)
    delivery.advance("crm_contacts.main", 0, first)
    status = look()
    assert status.lag_events == 5
    assert status.lag_seconds > (datetime.now(UTC) - LONG_AGO - timedelta(hours=1)).total_seconds()
    delivery.advance("crm_contacts.main", 1, first)
    assert look().lag_events == 2


def test_what_is_done_of_an_open_span_is_no_lag(look: Look, delivery: DeliveryRows) -> None:
    """Within a span, positions up to `pos` are done."""
    *_, third, _, _ = delivery.publish("a", "b", "c", "d", "e")
    newest = delivery.tick()
    delivery.subscribe()
    delivery.advance("crm_contacts.main", 0, 1, upto=newest, pos=third)
    assert look().lag_events == 2


def test_lag_is_taken_from_ticks_and_counts_no_event(look: Look, delivery: DeliveryRows) -> None:
    """Five million positions behind are known without a single event in the log."""
    delivery.run("SELECT setval('meishi_events.event_pos_seq', 5000000)")
    delivery.tick()
    delivery.subscribe()
    assert look().lag_events == 5_000_000


def test_deliveries_are_added_up_over_slots(look: Look, delivery: DeliveryRows) -> None:
    """The newest position of each slot holds what it has delivered since the beginning."""
    delivery.subscribe(slots=2)
    delivery.advance("crm_contacts.main", 0, 1, delivered=10)
    delivery.advance("crm_contacts.main", 0, 1, delivered=17)
    delivery.advance("crm_contacts.main", 1, 1, delivered=5)
    assert look().delivered == 22


def test_parked_events_are_counted_by_state_with_the_last_error(
    look: Look, delivery: DeliveryRows
) -> None:
    """An operator sees what is dead, what is tried again, what waits behind, and why."""
    delivery.subscribe()
    delivery.subscribe("qr.main")
    delivery.queue("a", ["dead", "held", "held"])
    delivery.queue("b", ["retry"])
    delivery.run(
        "UPDATE meishi_events.parked SET error = 'the latest', failed_at = clock_timestamp() "
        "WHERE key = 'b'"
    )
    assert look().parked == ParkedCounts(retry=1, held=2, dead=1)
    assert look().last_error == "the latest"
    assert (look("qr.main").parked, look("qr.main").last_error) == (ParkedCounts(), None)


def test_a_backfill_shows_its_progress(look: Look, delivery: DeliveryRows) -> None:
    """Workspaces that are done, of all."""
    delivery.subscribe(state="backfilling")
    for done in (True, False, False):
        delivery.backfill(uuid4(), done=done)
    status = look()
    assert (status.state, status.backfilled, status.backfills) == ("backfilling", 1, 3)


def test_a_paused_workspace_is_named_once(look: Look, delivery: DeliveryRows) -> None:
    """A workspace has a gap in each slot; it is open as long as one of them is."""
    delivery.subscribe(slots=2)
    workspace = UUID(int=1)
    for slot, state in enumerate(("draining", "open")):
        delivery.run(
            "INSERT INTO meishi_events.gap (subscription, slot, workspace, state, tick, upto, pos) "
            "VALUES ('crm_contacts.main', %(slot)s, %(workspace)s, %(state)s, 1, 1, 0)",
            slot=slot,
            workspace=workspace,
            state=state,
        )
    (gap,) = look().paused_workspaces
    assert (gap.workspace, gap.state) == (workspace, "open")


def test_slots_that_a_worker_has_are_counted(look: Look, delivery: DeliveryRows) -> None:
    """A lease that has run out is nobody's, by the database's clock."""
    delivery.subscribe(slots=3)
    statement = """
        UPDATE meishi_events.cursor SET owner = uuidv7(),
            lease_until = clock_timestamp() + make_interval(secs => %(seconds)s)
        WHERE slot = %(slot)s
    """
    delivery.run(statement, slot=0, seconds=60)
    delivery.run(statement, slot=1, seconds=-1)
    assert look().leased_slots == 1


def test_a_subscription_says_why_nobody_delivers_to_it(host: Host, delivery: DeliveryRows) -> None:
    """A plugin that is off, or gone, keeps its subscription and its place."""
    delivery.subscribe("crm_contacts.main")
    delivery.subscribe("gone.main")
    disabled = PluginStatus(name="crm_contacts", state=PluginState.DISABLED, reason="it is off")
    with host.scope(plugin=DB_SCHEMA):
        found = SubscriptionStatuses({"crm_contacts": disabled}).all()
    assert [(item.name, item.active, item.reason) for item in found] == [
        ("crm_contacts.main", False, "disabled: it is off"),
        ("gone.main", False, "not installed"),
    ]


def test_an_unknown_subscription_is_refused_with_the_nearest_name(
    look: Look, delivery: DeliveryRows
) -> None:
    """A slip of the pen is told; without any subscription, what registers them."""
    with pytest.raises(UnknownSubscription) as none:
        look()
    assert "`meishi worker`" in none.value.hint
    delivery.subscribe()
    with pytest.raises(UnknownSubscription) as close:
        look("crm_contcts.main")
    assert close.value.hint == "Did you mean 'crm_contacts.main'?"
