"""Merges of resources: what other plugins have of the sources goes to the target."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import pytest

from meishi.declarations import MergeReport
from meishi.events.event_map import declared_events, event_map
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.replays import Replays
from meishi.lifecycle.states import PluginState, PluginStatus
from meishi.testing.events import EventDeliveries

from .conftest import Reading
from .shelves import CRITIC, acting, merged

SUBSCRIPTION = "critic.merge-athenaeum-book"


def parked(reading: Reading) -> list[tuple[str, str]]:
    """Return subscription and state of what is parked, oldest first."""
    query = "SELECT subscription, state FROM meishi_events.parked ORDER BY pos"
    return reading.admin.execute(query).fetchall()


def test_what_the_source_had_goes_to_the_target(reading: Reading, deliver: EventDeliveries) -> None:
    """After the commit, in the same workspace, as the plugin's code, and for every source."""
    target, first, second = reading.book("A", "Old."), uuid4(), uuid4()
    reading.review(first, "From the first.")
    reading.review(second, "From the second.")
    elsewhere = uuid4()
    reading.review(first, "Of others.", workspace=elsewhere)
    reading.publish(merged(target, first, second))
    assert set(reading.reviews()) == {target, first, second}
    deliver()
    assert reading.reviews() == {target: ["From the first.", "From the second.", "Old."]}
    query = "SELECT book_id FROM critic.review WHERE workspace_id = %s"
    assert reading.admin.execute(query, [elsewhere]).fetchall() == [(first,)]


def test_what_moved_is_in_the_log_and_in_the_audit(
    reading: Reading, deliver: EventDeliveries, capfd: pytest.CaptureFixture[str]
) -> None:
    """The log has the numbers, the audit of the workspace who moved what; of nothing, no entry."""
    target, source, empty = uuid4(), uuid4(), uuid4()
    for text in ("One.", "Two."):
        reading.review(source, text)
    reading.publish(merged(target, source), merged(target, empty))
    capfd.readouterr()
    deliver()
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    told = [line for line in lines if line["event"] == "merge followed"]
    assert [line["moved"] for line in told] == [{"review": 2}, {}]
    assert (told[0]["plugin"], told[0]["kind"]) == (CRITIC, "athenaeum.Book")
    assert (told[0]["sources"], told[0]["target"]) == ([str(source)], str(target))
    audit = reading.app.test_client().get(
        "/api/v1/audit/entries", headers=reading.workspace.headers
    )
    assert audit.json is not None
    (entry,) = [item for item in audit.json["items"] if item["action"] == "critic.merge-followed"]
    assert (entry["resource_type"], entry["resource_id"]) == ("athenaeum.Book", str(target))
    assert entry["changed"] == ["review"]


def test_a_merge_is_tried_again_until_it_is_followed(
    reading: Reading, deliver: EventDeliveries
) -> None:
    """A failure leaves nothing half done, parks the event by name, and the next attempt ends it."""
    target, first, second = uuid4(), uuid4(), uuid4()
    reading.review(first, "From the first.")
    reading.review(second, "From the second.")

    def fail(source: UUID, _target: UUID, report: MergeReport) -> MergeReport:
        if source == second:
            raise ZeroDivisionError
        return report

    reading.publish(merged(target, first, second))
    with acting(fail, "follow"):
        deliver(failures=True)
        assert set(reading.reviews()) == {first, second}
        assert parked(reading) == [(SUBSCRIPTION, "retry")]
        deliver.retry()
        assert set(reading.reviews()) == {first, second}
    deliver.retry()
    assert set(reading.reviews()) == {target}
    assert parked(reading) == []


def test_a_merge_that_cannot_be_followed_is_given_up_by_its_own_policy(
    reading: Reading, deliver: EventDeliveries
) -> None:
    """The handler's `retry` says after how many attempts an operator has to decide."""

    def fail(_source: UUID, _target: UUID, _report: MergeReport) -> MergeReport:
        raise ZeroDivisionError

    reading.publish(merged(uuid4(), uuid4()))
    with acting(fail, "follow"):
        deliver(failures=True)
        deliver.retry()
        assert parked(reading) == [(SUBSCRIPTION, "retry")]
        deliver.retry()
    assert parked(reading) == [(SUBSCRIPTION, "dead")]


def test_a_handler_without_a_report_has_failed(reading: Reading, deliver: EventDeliveries) -> None:
    """What it moved is undone: nobody could be told of it."""
    source = uuid4()
    reading.review(source, "Old.")
    reading.publish(merged(uuid4(), source))
    with acting(lambda _source, _target, _report: None, "follow"):
        deliver(failures=True)
    assert set(reading.reviews()) == {source}
    (row,) = reading.admin.execute("SELECT error FROM meishi_events.parked").fetchall()
    assert "a merge handler must return a MergeReport, not a NoneType" in row[0]


def test_a_merge_that_comes_again_changes_nothing(
    reading: Reading, deliver: EventDeliveries
) -> None:
    """An operator may replay the subscription: what was followed once finds nothing to do."""
    target, source = uuid4(), uuid4()
    reading.review(source, "Old.")
    reading.publish(merged(target, source))
    deliver()
    assert reading.reviews() == {target: ["Old."]}
    seen: list[int] = []

    def note(_source: UUID, _target: UUID, report: MergeReport) -> MergeReport:
        seen.append(report.moved["review"])
        return report

    with acting(note, "follow"):
        with reading.host.within("meishi_events"):
            Replays(reading.host.subscribers()).replay(
                SUBSCRIPTION, None, Verdict(by="me", reason="a test")
            )
        deliver()
    assert seen == [0]
    assert reading.reviews() == {target: ["Old."]}


def test_merges_in_a_chain_end_at_the_last_target(
    reading: Reading, deliver: EventDeliveries
) -> None:
    """Also if the first is followed after the second, as its handler had failed at first."""
    first, second, third = uuid4(), uuid4(), uuid4()
    reading.review(first, "Old.")
    failing = [first]

    def fail_once(source: UUID, _target: UUID, report: MergeReport) -> MergeReport:
        if source in failing:
            failing.clear()
            raise ZeroDivisionError
        return report

    with acting(fail_once, "follow"):
        reading.publish(merged(second, first))
        deliver(failures=True)
        reading.publish(merged(third, second, first))
        deliver(failures=True)
        deliver.retry()
    assert reading.reviews() == {third: ["Old."]}
    assert parked(reading) == []


@contextmanager
def disabled(reading: Reading, plugin: str) -> Iterator[None]:
    """Take a plugin out until the block ends."""
    statuses: dict[str, PluginStatus] = reading.host.plugins.statuses
    old = statuses[plugin]
    reading.host.plugins.mark(plugin, PluginState.DISABLED, "for a test")
    try:
        yield
    finally:
        statuses[plugin] = old


def test_a_plugin_that_was_away_catches_up(reading: Reading, deliver: EventDeliveries) -> None:
    """What was merged meanwhile is followed once it is there again."""
    target, source = uuid4(), uuid4()
    reading.review(source, "Old.")
    with disabled(reading, CRITIC):
        reading.publish(merged(target, source))
        deliver()
        assert set(reading.reviews()) == {source}
    deliver()
    assert set(reading.reviews()) == {target}


def test_the_map_of_events_shows_who_follows(reading: Reading) -> None:
    """A merge handler listens to the owner's event like any other listener."""
    found: Any = event_map(
        declared_events(reading.host.plugins.active(), reading.host.plugins.extensions)
    )
    (mapped,) = [item for item in found.types if item.name == "athenaeum.merged.v1"]
    assert [str(item) for item in mapped.listeners] == [f"{SUBSCRIPTION} (durable)"]
