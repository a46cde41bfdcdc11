"""Alarms: what does not go away by itself, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from meishi.events.log import DB_SCHEMA
from meishi.events.operations.alarms import Alarm, Limits, alarms
from meishi.host import Host
from meishi.lifecycle.states import PluginState, PluginStatus

from ..conftest import SUBSCRIPTION, DeliveryRows

Raised = Callable[..., list[Alarm]]


@pytest.fixture
def raised(host: Host, delivery: DeliveryRows) -> Raised:
    """Return the alarms of a deployment with a subscription that lags behind by years."""
    delivery.subscribe()
    delivery.publish("a")
    delivery.tick(datetime(2020, 1, 1, tzinfo=UTC))

    def look(*, days: int = 36500, max_lag: float = 1e12) -> list[Alarm]:
        limits = Limits(retention_days=days, cap_days=days + 1, max_lag_seconds=max_lag)
        with host.scope(plugin=DB_SCHEMA):
            return alarms(host.plugins.statuses, limits)

    return look


def kinds(found: list[Alarm]) -> list[tuple[str, str | None]]:
    """Return kind and subscription of each."""
    return [(alarm.kind.value, alarm.subscription) for alarm in found]


def test_no_worker_is_an_alarm_where_there_is_something_to_do(
    raised: Raised, delivery: DeliveryRows
) -> None:
    """A worker that has not been heard of is none."""
    delivery.worker(silent_seconds=3600)
    assert kinds(raised()) == [("no_worker", None)]
    delivery.worker()
    assert raised() == []
    delivery.run("DELETE FROM meishi_events.worker")
    delivery.run("DELETE FROM meishi_events.subscription")
    assert raised() == []


def test_dead_events_are_an_alarm_and_those_tried_again_are_not(
    raised: Raised, delivery: DeliveryRows
) -> None:
    """A retry comes by itself; the dead wait for a person, with all that they hold."""
    delivery.worker()
    delivery.queue("a", ["retry", "held"])
    assert raised() == []
    delivery.queue("b", ["dead", "held"])
    (alarm,) = raised()
    assert alarm.message == (
        f"{SUBSCRIPTION}: 1 dead, 2 held behind heads; see `meishi events parked`"
    )


def test_lag_over_the_limit_is_an_alarm(raised: Raised, delivery: DeliveryRows) -> None:
    """Only of what is meant to go on."""
    delivery.worker()
    assert kinds(raised(max_lag=60)) == [("lag", SUBSCRIPTION)]
    delivery.run("UPDATE meishi_events.subscription SET state = 'paused'")
    assert raised(max_lag=60) == []


def test_a_plugin_that_is_off_may_lag(host: Host, raised: Raised, delivery: DeliveryRows) -> None:
    """Its cursor stands still on purpose, until the log gets too old."""
    delivery.worker()
    off = {"crm_contacts": PluginStatus(name="crm_contacts", state=PluginState.DISABLED)}
    with host.scope(plugin=DB_SCHEMA):
        assert alarms(off, Limits(retention_days=36500, cap_days=36500)) == []
        (alarm,) = alarms(off, Limits(retention_days=30, cap_days=60))
    assert alarm.kind == "retention"


def test_who_holds_back_the_log_is_an_alarm(raised: Raised, delivery: DeliveryRows) -> None:
    """It is told before its events are dropped, and which limit that is."""
    delivery.worker()
    delivery.run("UPDATE meishi_events.tick SET at = clock_timestamp() - interval '40 days'")
    assert raised(days=41) == []
    (alarm,) = raised(days=39)
    assert alarm.message == (
        f"{SUBSCRIPTION}: 40 days behind, so the log cannot be cut; "
        "what is older than 40 days will be dropped undelivered"
    )


def test_events_that_were_dropped_undelivered_are_an_alarm_for_a_while(
    raised: Raised, delivery: DeliveryRows
) -> None:
    """Retention writes it down; somebody has to read it."""
    delivery.worker()
    delivery.run(
        "INSERT INTO meishi_events.decision (id, subscription, action, reason, decided_by) "
        "VALUES (uuidv7(), 'crm_contacts.main', 'expire', 'too old', 'retention')"
    )
    (alarm,) = raised()
    assert (alarm.kind, alarm.message) == ("expired", f"{SUBSCRIPTION}: too old")
    delivery.run("UPDATE meishi_events.decision SET at = at - interval '8 days'")
    assert raised() == []
