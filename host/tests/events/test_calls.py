"""Which handlers are called with which events: every order kept, in few calls."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from meishi.declarations import DeliveryMode, EventHandler
from meishi.events.calls import handler_calls
from meishi.events.signals import Receiver
from meishi.events.spans import StoredEvent
from meishi.sdk.contract import Event

from .conftest import ThingMade, ThingSeen

_KINDS: tuple[type[Any], ...] = (ThingMade, ThingSeen)
_WORKSPACES = (None, UUID(int=1), UUID(int=2))


def receivers() -> dict[type[Event], list[Receiver]]:
    """Return one that hears the one type, and two that hear the other, as a plugin declares."""

    def heard(position: int, kind: type[Event]) -> Receiver:
        return Receiver(position, "qr", EventHandler(kind, print, DeliveryMode.DURABLE))

    return {ThingMade: [heard(0, ThingMade)], ThingSeen: [heard(1, ThingSeen), heard(2, ThingSeen)]}


def stored(pos: int, kind: type[Event], workspace: UUID | None, key: str) -> StoredEvent:
    """Return an event of the log."""
    return StoredEvent(
        pos=pos,
        id_text=str(UUID(int=pos)),
        source="qr",
        type=kind.event_type,
        version=1,
        workspace=None if workspace is None else str(workspace),
        subject=key,
        key=key,
        slot=0,
        time=datetime.now(UTC),
        trace_text="{}",
        data="{}",
        xid=pos,
        chain="",
    )


@given(
    drawn=st.lists(
        st.tuples(st.sampled_from(_KINDS), st.sampled_from(_WORKSPACES), st.sampled_from("abc")),
        max_size=40,
    ),
    most=st.sampled_from([1, 2, 5, 500]),
)
def test_every_receiver_hears_every_event_once_in_the_order_of_its_key(
    drawn: Sequence[tuple[type[Any], UUID | None, str]], most: int
) -> None:
    """One workspace per call, lists of at most so many, and no call that could be saved simply."""
    known = receivers()
    pairs = [
        (stored(pos, kind, workspace, key), kind(thing=key))
        for pos, (kind, workspace, key) in enumerate(drawn)
    ]
    calls = handler_calls(pairs, lambda event: known[type(event)], most)
    heard: dict[Receiver, list[int]] = defaultdict(list)
    threads: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for call in calls:
        assert 0 < len(call.events) == len(call.stored) <= most
        assert {item.workspace_id for item in call.stored} == {call.workspace}
        for item in call.stored:
            heard[call.receiver].append(item.pos)
            threads[item.thread].append(item.pos)
    for kind, listening in known.items():
        wanted = [item.pos for item, event in pairs if type(event) is kind]
        assert all(sorted(heard[receiver]) == wanted for receiver in listening)
    assert all(positions == sorted(positions) for positions in threads.values())
    together = [workspace for workspace, _ in itertools.groupby(call.workspace for call in calls)]
    assert len(together) == len(set(together))


def test_few_calls_are_made() -> None:
    """Of one type, a call per workspace; of two types of which no key has both, two."""
    known = receivers()

    def count(*events: tuple[type[Any], UUID | None, str]) -> int:
        pairs = [
            (stored(pos, kind, workspace, key), kind(thing=key))
            for pos, (kind, workspace, key) in enumerate(events)
        ]
        return len(handler_calls(pairs, lambda event: known[type(event)][:1], 500))

    one, two = _WORKSPACES[1:]
    assert count(*((ThingMade, (one, two)[n % 2], str(n % 7)) for n in range(300))) == 2
    assert count(*((_KINDS[n % 2], one, str(n % 2)) for n in range(300))) == 2
    assert count(*((ThingMade, one, "a") for _ in range(1_001))) == 3
