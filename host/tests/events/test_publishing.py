"""Publishing: with the change or not at all, checked first, in order."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from meishi.calls.rules import event_faults
from meishi.context import Actor
from meishi.database.identity import TransactionUndone
from meishi.declarations.events import SLOTS
from meishi.events.log import MAX_PAYLOAD, LogRecord, slot_of
from meishi.events.publishing import PublishError
from meishi.host import Host
from meishi.sdk.contract import Event
from meishi.sdk.database import savepoint
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus, ThingForgotten, ThingMade, ThingSeen

Log = Callable[[], list[Any]]


class Undo(Exception):
    """Ends a savepoint."""


def things(log: Log) -> list[str]:
    """Return what the events of the log are about."""
    return [row.subject for row in log()]


def test_a_published_event_stands_in_the_log_with_its_envelope(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """The commit writes type, version, owner, key, slot, trace and payload."""
    actor = Actor(user_id=workspace.owner_id)
    with workspace.host.scope(workspace=workspace.id, actor=actor) as scope:
        with scope.work.entered("crm_contacts"):
            bus.publish(ThingMade(thing="a", fields=("ä",)))
        transaction = scope.work.connection().execute(text("SELECT pg_current_xact_id()"))
        xid = str(transaction.scalar_one())
        assert log() == []
    (row,) = log()
    assert (row.type, row.version, row.source) == ("thing.made.v2", 2, "crm_contacts")
    assert (row.subject, row.key, row.slot) == ("a", "a", slot_of("a"))
    assert (row.workspace_id, str(row.xid)) == (workspace.id, xid)
    assert row.data == {"thing": "a", "fields": ["ä"]}
    assert row.trace == {
        "actor": str(workspace.owner_id),
        "correlation": str(scope.correlation),
        "causation": None,
    }
    assert row.id.version == 7
    assert isinstance(row.id, UUID)


@pytest.mark.parametrize("number", [2, 49, 50, 300])
def test_however_many_events_stand_in_their_order_and_whole(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log, number: int
) -> None:
    """Many events go another way into the log than few, and arrive the same."""
    names = [f"""{place} "ä\\" 'o' \\' %s ${{1}} ☃""" for place in range(number)]
    with workspace.acting_as("crm_contacts") as scope:
        bus.publish(*(ThingMade(thing=name, fields=(name, "x")) for name in names))
    rows = log()
    assert [row.subject for row in rows] == names
    assert [row.data for row in rows] == [{"thing": name, "fields": [name, "x"]} for name in names]
    assert {str(row.trace["correlation"]) for row in rows} == {str(scope.correlation)}
    assert {row.workspace_id for row in rows} == {workspace.id}


def test_a_text_that_cannot_be_stored_is_not_cut_off(
    workspace: WorkspaceUnderTest, host: Host, log: Log
) -> None:
    """U+0000 ends the transaction, where the driver would take it for the end of the text."""
    record = LogRecord(
        id=host.new_id(),
        source="crm_contacts",
        type="thing.made.v2",
        version=2,
        workspace_id=workspace.id,
        subject="a\0b",
        key="a",
        actor=None,
        correlation=host.new_id(),
        causation=None,
        data=b"{}",
    )
    with pytest.raises(psycopg.DataError), workspace.acting_as("crm_contacts") as scope:
        scope.work.ending.add_to_log([record])
    assert log() == []


def test_slots_are_the_same_in_every_release() -> None:
    """A key's slot is part of the stored format, and always one of the slots."""
    assert [slot_of(key) for key in ("", "a", "123456789")] == [0, 3, 0xCBF43926 % SLOTS]
    assert {slot_of(str(number)) for number in range(1000)} == set(range(SLOTS))


def test_rolled_back_work_emits_nothing(workspace: WorkspaceUnderTest, bus: Bus, log: Log) -> None:
    """An error at the edge takes the events with it."""
    with pytest.raises(Undo), workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"))
        raise Undo
    with (
        pytest.raises(TransactionUndone),
        workspace.acting_as("crm_contacts") as scope,
    ):
        bus.publish(ThingMade(thing="b"))
        session = scope.work.session()
        session.execute(text("SELECT 1"))
        session.rollback()
    assert things(log) == []


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (ThingSeen(thing="a"), "crm_contacts must not publish ThingSeen, which qr owns"),
        (ThingForgotten(thing="a"), "which nobody declares"),
        ("thing", "must not publish str, which nobody declares"),
        (ThingMade, "must not publish type, which nobody declares"),
        (ThingMade(thing=7), "thing.made.v2: Expected `str`, got `int`"),  # type: ignore[arg-type]
    ],
)
def test_what_must_not_be_published_is_refused_before_anything_is_written(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log, event: Event, message: str
) -> None:
    """One wrong event keeps back the whole call, and no listener hears of it."""
    heard: list[object] = []
    bus.connect("qr", ThingMade, heard.extend)
    with workspace.acting_as("crm_contacts"), pytest.raises(PublishError, match=message):
        bus.publish(ThingMade(thing="good"), event)
    assert heard == []
    assert log() == []


def test_an_event_of_the_largest_size_is_accepted(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """The limit counts the bytes of the payload."""
    room = MAX_PAYLOAD - len(msgspec.json.encode(ThingMade(thing="a", fields=("",))))
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a", fields=("x" * room,)))
        with pytest.raises(PublishError):
            bus.publish(ThingMade(thing="a", fields=("x" * (room + 1),)))
    assert len(log()) == 1


def test_positions_follow_the_commits_of_each_key(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """Writers that wait for one row leave their events in the order in which they had it."""
    order: list[str] = []

    def write(writer: int) -> None:
        for number in range(5):
            with workspace.acting_as("crm_contacts") as scope:
                lock = text("SELECT pg_advisory_xact_lock(1)")
                bus.publish(ThingMade(thing="key", fields=(f"{writer}.{number}",)))
                scope.work.connection().execute(lock)
                order.append(f"{writer}.{number}")

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row.data["fields"][0] for row in log()] == order
    assert len(order) == 20


Step = tuple[str, Any]
STEPS = st.recursive(
    st.just(("publish", None)),
    lambda inner: st.tuples(st.sampled_from(["keep", "undo"]), st.lists(inner, max_size=4)),
    max_leaves=12,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, max_size=5), committed=st.booleans())
def test_the_log_holds_exactly_the_surviving_events_in_order(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log, *, steps: list[Step], committed: bool
) -> None:
    """However savepoints nest and end, an event is logged if and only if nothing undid it."""
    known = len(log())
    numbers = iter(range(10_000))

    def run(items: list[Step]) -> list[str]:
        survivors: list[str] = []
        for kind, inner in items:
            if kind == "publish":
                survivors.append(str(next(numbers)))
                bus.publish(ThingMade(thing=survivors[-1]))
                continue
            try:
                with savepoint():
                    inside = run(inner)
                    if kind == "undo":
                        raise Undo
                    survivors += inside
            except Undo:
                continue
        return survivors

    survivors: list[str] = []
    try:
        with workspace.acting_as("crm_contacts"):
            survivors = run(steps)
            if not committed:
                raise Undo
    except Undo:
        survivors = []
    assert things(log)[known:] == survivors


class NoSubject(Event):
    """An event without its class attributes."""


class Thawed(Event):
    """An event that is no dataclass."""

    event_type: ClassVar[str] = "thing.thawed.v1"
    subject: ClassVar[str] = "thing"


@pytest.mark.parametrize(
    ("event", "fault"),
    [(NoSubject, "has no `event_type`"), (Thawed, "is not a dataclass")],
)
def test_a_class_that_is_no_event_type_is_named(event: type[Event], fault: str) -> None:
    """What keeps a class from being an event is said in one sentence."""
    assert [item for item in event_faults(event) if fault in item]
    assert list(event_faults(ThingMade)) == []
