"""What becomes of operations: who has a say in one, and what may follow what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from meishi.core.operations.contract import (
    Operation,
    OperationCancelled,
    OperationEnded,
    OperationError,
    OperationFinished,
    OperationNotFound,
    OperationOvertaken,
    Operations,
    OperationState,
)
from meishi.core.operations.jobs import KEPT_DAYS
from meishi.core.operations.service import OperationService
from meishi.host import Host
from meishi.sdk.plugin import PluginContext
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Desk

KIND = "crm_contacts.run_import"
ERROR = OperationError(code="broken", title="Broken", detail="It broke.")


@pytest.fixture
def events(published_events: PublishedEvents) -> Callable[[], list[object]]:
    """What operations have published."""
    return lambda: list(published_events(OperationCancelled, OperationFinished))


def test_operation_waits_runs_advances_and_succeeds(
    desk: Desk, events: Callable[[], list[object]]
) -> None:
    """Each change is seen at once, counts as a version, and the end is published."""
    waiting = desk.begin()
    assert (waiting.state, waiting.done, waiting.total) == (OperationState.WAITING, 0, None)
    assert (waiting.attempts, waiting.created_by, waiting.version) == (0, None, 1)
    running = desk.start(waiting.id, 1)
    assert (running.state, running.attempts) == (OperationState.RUNNING, 1)
    assert running.started_at is not None
    advanced = desk.call(
        lambda found: found.advance(waiting.id, attempt=1, done=3, total=9, unit="cards")
    )
    assert (advanced.done, advanced.total, advanced.unit) == (3, 9, "cards")
    assert events() == []
    done = desk.call(lambda found: found.finish(waiting.id, attempt=1, result='{"cards": 9}'))
    assert (done.state, done.done, done.result) == (OperationState.SUCCEEDED, 9, '{"cards": 9}')
    assert done.finished_at is not None
    assert [item.version for item in (waiting, running, advanced, done)] == [1, 2, 3, 4]
    assert desk.get(waiting.id) == done
    assert events() == [
        OperationFinished(operation_id=done.id, kind=KIND, state=OperationState.SUCCEEDED)
    ]


def test_beginning_twice_is_beginning_once(desk: Desk) -> None:
    """What was noted before stays, however far it has come."""
    first = desk.begin()
    desk.start(first.id, 1)
    again = desk.begin(first.id)
    assert (again.state, again.attempts) == (OperationState.RUNNING, 1)


def test_failure_says_why(desk: Desk, events: Callable[[], list[object]]) -> None:
    """Even what PostgreSQL could not store comes through."""
    found = desk.begin()
    desk.start(found.id, 1)
    error = OperationError(code="broken", title="Broken", detail="a\0b")
    failed = desk.call(lambda operations: operations.fail(found.id, attempt=1, error=error))
    assert failed.state is OperationState.FAILED
    assert failed.error == OperationError(code="broken", title="Broken", detail="a\ufffdb")
    assert events() == [
        OperationFinished(operation_id=found.id, kind=KIND, state=OperationState.FAILED)
    ]


def of_attempt(operation_id: UUID, attempt: int) -> list[Callable[[Operations], Operation]]:
    """Return everything that an attempt may say."""
    return [
        lambda found: found.start(operation_id, attempt=attempt),
        lambda found: found.check(operation_id, attempt=attempt),
        lambda found: found.advance(operation_id, attempt=attempt, done=1),
        lambda found: found.finish(operation_id, attempt=attempt),
        lambda found: found.fail(operation_id, attempt=attempt, error=ERROR),
        lambda found: found.stop(operation_id, attempt=attempt),
    ]


def test_attempt_that_was_overtaken_has_no_say(desk: Desk) -> None:
    """Whoever was thought dead and goes on changes nothing."""
    found = desk.begin()
    desk.start(found.id, 1)
    later = desk.start(found.id, 2)
    for call in of_attempt(found.id, 1):
        with pytest.raises(OperationOvertaken):
            desk.call(call)
    assert desk.get(found.id) == later


@pytest.mark.parametrize("position", [3, 4, 5])
def test_what_has_ended_stays_as_it_ended(desk: Desk, position: int) -> None:
    """Neither another attempt nor anybody else changes it."""
    found = desk.begin()
    desk.start(found.id, 1)
    ended = desk.call(of_attempt(found.id, 1)[position])
    assert ended.state.final
    for call in [
        *of_attempt(found.id, 1),
        *of_attempt(found.id, 2),
        lambda operations: operations.stop(found.id),
    ]:
        with pytest.raises(OperationOvertaken):
            desk.call(call)
    with pytest.raises(OperationEnded):
        desk.call(lambda operations: operations.cancel(found.id))
    assert desk.get(found.id) == ended


def test_what_waits_is_cancelled_at_once(desk: Desk, events: Callable[[], list[object]]) -> None:
    """Nobody can begin with it afterwards, and the queue hears of it."""
    found = desk.begin()
    ended = desk.call(lambda operations: operations.cancel(found.id))
    assert (ended.state, ended.cancel_requested) == (OperationState.CANCELLED, True)
    with pytest.raises(OperationOvertaken):
        desk.start(found.id, 1)
    assert events() == [
        OperationCancelled(operation_id=found.id),
        OperationFinished(operation_id=found.id, kind=KIND, state=OperationState.CANCELLED),
    ]


def test_what_runs_is_asked_to_stop_once(desk: Desk, events: Callable[[], list[object]]) -> None:
    """It goes on until its work says that it stopped; asking again is no second request."""
    found = desk.begin()
    desk.start(found.id, 1)
    asked = desk.call(lambda operations: operations.cancel(found.id))
    assert (asked.state, asked.cancel_requested) == (OperationState.RUNNING, True)
    assert desk.call(lambda operations: operations.cancel(found.id)) == asked
    assert events() == [OperationCancelled(operation_id=found.id)]
    stopped = desk.call(lambda operations: operations.stop(found.id))
    assert stopped.state is OperationState.CANCELLED
    assert len(events()) == 2


def test_another_workspace_knows_nothing_of_it(
    desk: Desk, host: Host, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither reading nor cancelling nor the work itself reaches across."""
    found = desk.begin()
    foreign = Desk(host, other_workspace.id)
    for call in (
        lambda operations: operations.get(found.id),
        lambda operations: operations.cancel(found.id),
    ):
        with pytest.raises(OperationNotFound):
            foreign.call(call)
    with pytest.raises(OperationOvertaken):
        foreign.start(found.id, 1)
    with foreign.scope():
        assert foreign.operations.list().items == ()
    assert desk.get(found.id) == found


def test_pages_are_newest_first_and_filtered(desk: Desk) -> None:
    """Pages together are the list; kind and state narrow it down, and the total counts it."""
    ids = [desk.begin().id for _ in range(5)]
    desk.start(ids[1], 1)
    desk.start(ids[3], 1)
    other = desk.call(lambda found: found.begin(desk.host.new_id(), kind="qr.draw"))
    with desk.scope():
        first = desk.operations.list(limit=4, with_total=True)
        assert [item.id for item in first.items] == [other.id, *ids[:1:-1]][:4]
        assert first.total == 6
        second = desk.operations.list(limit=4, after=first.next_after)
        assert [item.id for item in second.items] == ids[1::-1]
        assert (second.next_after, second.total) == (None, None)
        running = desk.operations.list(kind=KIND, state=OperationState.RUNNING, with_total=True)
        assert [item.id for item in running.items] == [ids[3], ids[1]]
        assert running.total == 2
        assert [item.id for item in desk.operations.list(kind="qr.draw").items] == [other.id]


def test_what_ended_long_ago_is_forgotten(host: Host, workspace: WorkspaceUnderTest) -> None:
    """Thirty days after its end; what has not ended stays, however old it is."""
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    operations = OperationService(
        PluginContext(
            plugin="meishi_operations",
            settings={},
            clock=lambda: now[0],
            new_id=host.new_id,
            public_url="https://meishi.example",
        )
    )
    early, late, waiting = host.new_id(), host.new_id(), host.new_id()
    with workspace.acting_as("meishi_operations"):
        for operation_id in (early, late, waiting):
            operations.begin(operation_id, kind=KIND)
        operations.cancel(early)
        now[0] += timedelta(seconds=2)
        operations.cancel(late)
        now[0] += timedelta(days=30, seconds=-1)
        operations.forget(days=KEPT_DAYS)
        assert {item.id for item in operations.list().items} == {late, waiting}
