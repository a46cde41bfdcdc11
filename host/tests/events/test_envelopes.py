"""Envelopes: what a handler can ask of an event, and whose consequence its own events are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import msgspec
import pytest

from meishi.context import Actor, substitute_scope
from meishi.events.envelope import Envelope, handling
from meishi.events.spans import StoredEvent
from meishi.host import Host
from meishi.sdk.events import caused_by, envelope
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import NOW, Bus, ThingForgotten, ThingMade, ThingSeen

Log = Callable[[], list[Any]]


def enveloped(host: Host, number: int, correlation: UUID) -> tuple[ThingMade, StoredEvent]:
    """Return an event with what the log holds of it, as a worker has them."""
    trace = {"actor": UUID(int=5), "correlation": correlation, "causation": None}
    stored = StoredEvent(
        pos=number,
        id_text=str(host.new_id()),
        source="crm_contacts",
        type="thing.made.v2",
        version=2,
        workspace=None,
        subject=str(number),
        key=str(number),
        slot=0,
        time=NOW,
        trace_text=msgspec.json.encode(trace).decode(),
        data="{}",
        xid=1,
        chain=str(correlation),
    )
    return ThingMade(thing=str(number)), stored


def test_a_listener_inside_the_transaction_knows_the_envelope_that_the_log_will_have(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """Of each event that it was given, equal ones included."""
    found: list[Envelope] = []
    bus.connect("qr", ThingMade, lambda events: found.extend(map(envelope, events)))
    actor = Actor(user_id=workspace.owner_id)
    with workspace.host.scope(workspace=workspace.id, actor=actor, plugin="crm_contacts") as scope:
        bus.publish(ThingMade(thing="a"), ThingMade(thing="a"))
    assert [item.id for item in found] == [row.id for row in log()]
    first = found[0]
    assert (first.source, first.type, first.subject) == ("crm_contacts", "thing.made.v2", "a")
    assert (first.workspace, first.actor) == (workspace.id, workspace.owner_id)
    assert (first.correlation, first.causation) == (scope.correlation, None)
    assert first.time == NOW
    assert first.dataschema == "urn:meishi:event:thing.made.v2"


def test_the_traceparent_names_the_chain_and_the_event(host: Host) -> None:
    """It is a valid one of version 00: the correlation is the trace, the event the parent."""
    event_id = UUID("01a21f77-9de4-773e-bfa5-e5532ca443e2")
    _, stored = enveloped(host, 1, UUID(int=255))
    found = msgspec.structs.replace(stored, id_text=str(event_id)).envelope()
    assert (found.type, found.subject, found.workspace) == ("thing.made.v2", "1", None)
    assert (found.actor, found.causation, found.time) == (UUID(int=5), None, NOW)
    assert found.traceparent == f"00-{'0' * 30}ff-bfa5e5532ca443e2-01"


def test_what_is_published_while_one_event_is_handled_is_caused_by_it(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """In a chain each event names the one before, and all have one correlation."""
    bus.catalogue.add("identity", ThingForgotten)
    bus.connect("qr", ThingMade, lambda _: bus.publish(ThingSeen(thing="b")))
    bus.connect(
        "identity",
        ThingSeen,
        lambda _: bus.publish(ThingForgotten(thing="c"), ThingForgotten(thing="d")),
    )
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"))
        bus.publish(ThingMade(thing="z"))
    made, seen, *last = log()[:4]
    assert made.trace["causation"] is None
    assert seen.trace["causation"] == str(made.id)
    assert [row.trace["causation"] for row in last] == [str(seen.id)] * 2
    assert log()[4].trace["causation"] is None
    assert len({row.trace["correlation"] for row in log()}) == 1


def test_a_listener_to_several_says_which_one_it_is_about(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """Inside of `caused_by` that one is the cause; outside, nobody can tell."""

    def see(events: Sequence[ThingMade]) -> None:
        bus.publish(ThingSeen(thing="of all"))
        for event in events:
            with caused_by(event):
                bus.publish(ThingSeen(thing=f"of {event.thing}"))
        bus.publish(ThingSeen(thing="of all again"))

    bus.connect("qr", ThingMade, see)
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"), ThingMade(thing="b"))
    first, second, *seen = log()
    assert [(row.subject, row.trace["causation"]) for row in seen] == [
        ("of all", None),
        ("of a", str(first.id)),
        ("of b", str(second.id)),
        ("of all again", None),
    ]


def test_only_what_the_running_handler_was_given_has_an_envelope(
    workspace: WorkspaceUnderTest, bus: Bus
) -> None:
    """Neither an equal event, nor one of another handler, nor one outside of any."""
    kept: list[ThingMade] = []
    bus.connect("qr", ThingMade, kept.extend)
    with workspace.acting_as("crm_contacts"):
        bus.publish(ThingMade(thing="a"))
        for event in (kept[0], ThingMade(thing="a")):
            with pytest.raises(LookupError, match="this ThingMade is none of the events that the"):
                envelope(event)
            with pytest.raises(LookupError):
                caused_by(event)


def test_a_batch_of_one_chain_continues_it(workspace: WorkspaceUnderTest, host: Host) -> None:
    """Several events of one correlation pass that on; of several, the scope keeps its own."""
    one, two = enveloped(host, 1, UUID(int=1)), enveloped(host, 2, UUID(int=1))
    other = enveloped(host, 3, UUID(int=2))
    with workspace.acting_as("qr") as scope:
        alone, together = handling(scope, [one]), handling(scope, [one, two])
        mixed = handling(replace(scope, causation=UUID(int=9)), [one, other])
        assert (alone.correlation, alone.causation) == (UUID(int=1), one[1].id)
        assert (together.correlation, together.causation) == (UUID(int=1), None)
        assert (mixed.correlation, mixed.causation) == (scope.correlation, UUID(int=9))
        assert handling(scope, []) == scope
        with substitute_scope(mixed), caused_by(other[0]) as inside:
            assert [envelope(event).id for event, _ in (one, other)] == [one[1].id, other[1].id]
            assert (inside.correlation, inside.causation) == (UUID(int=2), other[1].id)
            assert mixed.aside().envelopes is mixed.envelopes
            assert envelope(one[0]) == one[1].envelope()
        # Another object may have the identity of one that is gone.
        reborn = replace(mixed, envelopes={id(one[0]): (two[0], two[1])})
        with substitute_scope(reborn), pytest.raises(LookupError):
            envelope(one[0])
