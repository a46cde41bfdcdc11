"""Replay: back to a moment, with nothing lost, nothing twice at once, and as it was declared."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import psycopg
import pytest

from meishi.context import current_scope
from meishi.database.location import Location
from meishi.declarations import ReplayPolicy, Subscription
from meishi.events.log import DB_SCHEMA
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.errors import (
    InvalidInput,
    ReplayRefused,
    ResetFailed,
    UnknownSubscription,
    WrongState,
)
from meishi.events.operations.replays import Replayed, Replays
from meishi.events.subscriptions import Subscriber
from meishi.host import Host
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest

from ..conftest import SUBSCRIPTION, DeliveryRows

BY = Verdict(by="ada")
DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 10)]


def subscriber(
    name: str, policy: ReplayPolicy, reset: Callable[[], None] | None = None
) -> Subscriber:
    """Return a subscription of an active plugin."""
    return Subscriber(
        name=name,
        plugin=name.partition(".")[0],
        declared=Subscription(replay=policy, reset=reset),
        types=frozenset({"contact.created.v1"}),
    )


@dataclass
class Story:
    """A log of a few days: an event and a tick on each, and a subscription that has had all."""

    host: Host
    rows: DeliveryRows
    ticks: list[int] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)

    def tell(self, days: int = 4) -> None:
        """Let days pass."""
        self.rows.run("UPDATE meishi_events.tick SET at = '2025-12-31T00:00:00Z'")
        for day in DAYS[:days]:
            self.positions += self.rows.publish("a")
            self.ticks.append(self.rows.tick(day))

    def replay(
        self,
        since: datetime | None,
        policy: ReplayPolicy = ReplayPolicy.IDEMPOTENT,
        *,
        name: str = SUBSCRIPTION,
        reset: Callable[[], None] | None = None,
        of_deployment: bool = False,
    ) -> Replayed:
        """Replay under a policy."""
        declared = [subscriber(SUBSCRIPTION, policy, reset)]
        plugins = {"crm_contacts"} if of_deployment else set()
        with self.host.scope(plugin=DB_SCHEMA):
            return Replays(declared, plugins).replay(name, since, BY)

    def untouched(self) -> bool:
        """Whether the cursor stands where the story left it, and nothing was decided."""
        last = self.ticks[-1]
        return (self.rows.position(), self.rows.fence(), self.rows.decided()) == (
            (last, last, 0),
            0,
            [],
        )

    def replay_pos(self, slot: int = 0) -> int:
        """Return up to where handlers publish nothing."""
        query = "SELECT replay_pos FROM meishi_events.cursor WHERE slot = %(slot)s"
        return int(self.rows.one(query, slot=slot))


@pytest.fixture
def story(host: Host, delivery: DeliveryRows) -> Story:
    """Four days, all delivered."""
    told = Story(host, delivery)
    told.tell()
    delivery.subscribe(tick=told.ticks[-1])
    return told


def test_a_replay_begins_at_the_newest_tick_at_or_before_the_time(story: Story) -> None:
    """The position is one that delivery could have had, and the fence is raised."""
    done = story.replay(DAYS[1] + timedelta(hours=1))
    second = story.ticks[1]
    assert (done.since, done.slots, done.reset) == (DAYS[1], (0,), 0)
    assert story.rows.position() == (second, second, 0)
    assert story.rows.fence() == 1
    assert story.replay(DAYS[0]).since == DAYS[0]


def test_what_is_known_of_a_cursor_is_carried_on(story: Story) -> None:
    """Counters never go back, and a note about an attempt does not blame a replayed event."""
    last = story.ticks[-1]
    story.rows.advance(SUBSCRIPTION, 0, last, delivered=9, latency=[4, 5], seconds=1.5)
    story.rows.run("UPDATE meishi_events.progress SET attempt_pos = 1, attempt_count = 2")
    story.replay(DAYS[0])
    (newest,) = story.rows.run("SELECT * FROM meishi_events.progress ORDER BY seq DESC LIMIT 1")
    assert (newest.seq, newest.delivered, newest.latency) == (3, 9, [4, 5])
    assert (newest.latency_seconds, newest.attempt_pos, newest.attempt_count) == (1.5, None, 0)


def test_it_is_remembered_up_to_where_events_come_again(story: Story) -> None:
    """Up to the highest position that was delivered; a replay of a replay forgets none of it."""
    story.replay(DAYS[2])
    assert story.replay_pos() == story.positions[3]
    story.replay(DAYS[0])
    assert story.replay_pos() == story.positions[3]


def test_what_was_done_of_an_open_span_counts_as_delivered(story: Story) -> None:
    """Within a span the position is the last event, not the tick."""
    first, last = story.ticks[0], story.ticks[-1]
    story.rows.advance(SUBSCRIPTION, 0, first, upto=last, pos=story.positions[2])
    story.replay(DAYS[0])
    assert story.replay_pos() == story.positions[2]
    assert story.rows.position() == (first, first, 0)


def test_a_slot_that_stands_before_the_time_stays_there(story: Story) -> None:
    """A replay never passes over what was not delivered yet."""
    story.rows.subscribe("qr.main", slots=2, tick=story.ticks[0])
    story.rows.advance("qr.main", 1, story.ticks[3])
    replays = Replays([subscriber("qr.main", ReplayPolicy.IDEMPOTENT)])
    with story.host.scope(plugin=DB_SCHEMA):
        assert replays.replay("qr.main", DAYS[1], BY).slots == (1,)
    assert story.rows.position("qr.main", 0) == (story.ticks[0], story.ticks[0], 0)
    assert story.rows.position("qr.main", 1) == (story.ticks[1], story.ticks[1], 0)


def test_what_comes_again_is_not_parked_any_more(story: Story) -> None:
    """What is parked from before the replayed range stays, as it does not come again."""
    events = [
        story.rows.park(pos, state)
        for pos, state in zip(story.positions, ["dead", "held", "held", "held"], strict=True)
    ]
    story.replay(DAYS[1])
    assert [event for event, *_ in story.rows.parked()] == events[:2]


def test_an_event_whose_transaction_a_tick_had_not_seen_ends_comes_again(
    story: Story, database: Location
) -> None:
    """Between the low and the last position of a tick, its snapshot decides."""
    insert = """
        INSERT INTO meishi_events.event (id, source, type, version, subject, key, slot, trace, data)
        VALUES (uuidv7(), 'x', 'contact.created.v1', 1, 'b', 'b', 0, '{}', '{}') RETURNING pos
    """
    with psycopg.connect(database.administrator_url()) as slow:
        late = slow.execute(insert).fetchone()
        (seen,) = story.rows.publish("c")
        low = story.positions[-1]
        tick = story.rows.tick(DAYS[5])
        story.rows.run(
            "UPDATE meishi_events.tick SET low_pos = %(l)s WHERE id = %(t)s", l=low, t=tick
        )
    assert late is not None
    story.rows.advance(SUBSCRIPTION, 0, story.rows.tick(DAYS[6]))
    story.rows.park(late[0])
    kept = story.rows.park(seen)
    story.replay(DAYS[5])
    assert [event for event, *_ in story.rows.parked()] == [kept]


def test_a_subscription_that_must_not_be_replayed_is_refused_by_name(story: Story) -> None:
    """The declaration decides, not the operator."""
    with pytest.raises(
        ReplayRefused, match=re.escape(f"{SUBSCRIPTION} declares that it must never")
    ):
        story.replay(DAYS[0], ReplayPolicy.NEVER)
    assert story.untouched()


def test_a_subscription_that_nobody_declares_is_not_replayed(story: Story) -> None:
    """Without its plugin, nobody knows what a replay would do."""
    with story.host.scope(plugin=DB_SCHEMA), pytest.raises(ReplayRefused, match="No active plugin"):
        Replays([]).replay(SUBSCRIPTION, DAYS[0], BY)
    with pytest.raises(UnknownSubscription):
        story.replay(DAYS[0], name="crm_contacts.min")


def test_a_time_before_the_log_is_refused_with_its_beginning(story: Story) -> None:
    """An operator learns how far back the log goes."""
    with pytest.raises(ReplayRefused) as caught:
        story.replay(datetime(2020, 1, 1, tzinfo=UTC))
    assert "begins at 2025-12-31T00:00:00+00:00" in caught.value.detail
    assert caught.value.hint == "--from 2025-12-31T00:00:00+00:00, or --from-start."


def test_a_time_without_zone_or_to_come_is_refused(story: Story) -> None:
    """A moment that can be read in two ways is none."""
    with pytest.raises(InvalidInput, match="no time zone"):
        story.replay(datetime(2026, 1, 1))  # noqa: DTZ001 (what is refused)
    with pytest.raises(InvalidInput, match="yet to come"):
        story.replay(datetime(2999, 1, 1, tzinfo=UTC))
    assert story.untouched()


def test_nothing_to_replay_is_told(story: Story) -> None:
    """A replay that would do nothing is not reported as done."""
    with pytest.raises(ReplayRefused, match="has had nothing since"):
        story.replay(DAYS[3])
    assert story.untouched()


def test_from_the_start_is_all_that_the_log_holds(story: Story) -> None:
    """The oldest tick shows nothing that is still in the log."""
    assert story.replay(None).since == datetime(2025, 12, 31, tzinfo=UTC)
    assert story.rows.position() == (1, 1, 0)


def test_a_rebuild_from_a_start_that_is_gone_is_refused(story: Story) -> None:
    """What is emptied could not be filled again; who wants less says since when."""
    story.rows.run("DELETE FROM meishi_events.tick WHERE id = 1")
    with pytest.raises(ReplayRefused, match="the log begins at 2026-01-01") as caught:
        story.replay(None, ReplayPolicy.REBUILD, reset=lambda: None)
    assert caught.value.hint == "If less is enough: --from 2026-01-01T00:00:00+00:00."
    assert story.untouched()
    assert story.replay(None).since == DAYS[0]


@pytest.mark.parametrize("state", ["open", "draining"])
def test_a_workspace_with_a_place_of_its_own_is_in_the_way(story: Story, state: str) -> None:
    """It would be left out of the replay, or have it twice."""
    story.rows.run(
        "INSERT INTO meishi_events.gap (subscription, slot, workspace, state, tick, upto, pos) "
        "VALUES (%(name)s, 0, %(workspace)s, %(state)s, 1, 1, 0)",
        name=SUBSCRIPTION,
        workspace=UUID(int=1),
        state=state,
    )
    with pytest.raises(WrongState, match="paused in" if state == "open" else "catching up"):
        story.replay(DAYS[0])
    assert story.untouched()


def test_a_backfill_is_in_the_way(story: Story) -> None:
    """A past that is being read cannot come again."""
    story.rows.run("UPDATE meishi_events.subscription SET state = 'backfilling'")
    with pytest.raises(WrongState, match="is backfilling"):
        story.replay(DAYS[0])
    assert story.untouched()


def test_a_paused_subscription_is_replayed_and_stays_paused(story: Story) -> None:
    """Its position goes back now, and it begins when it is resumed."""
    story.rows.run("UPDATE meishi_events.subscription SET state = 'paused'")
    story.replay(DAYS[0])
    assert story.rows.one("SELECT state FROM meishi_events.subscription") == "paused"
    assert story.rows.position() == (story.ticks[0], story.ticks[0], 0)


def test_a_rebuild_empties_the_plugins_tables_in_every_workspace(
    story: Story, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """`reset` runs as the plugin's code, in one workspace after the other."""
    seen: list[tuple[str, str, UUID | None]] = []

    def reset() -> None:
        ((role, place),) = execute("SELECT current_user, current_setting('meishi.workspace', true)")
        seen.append((role, place, current_scope().workspace_id))

    done = story.replay(DAYS[0], ReplayPolicy.REBUILD, reset=reset)
    role = story.host.roles.run("crm_contacts")
    places = (workspace.id, other_workspace.id)
    assert seen == [(role, str(place), place) for place in places]
    assert (done.reset, done.policy) == (2, "rebuild")
    assert story.rows.position() == (story.ticks[0], story.ticks[0], 0)


def test_a_plugin_of_the_deployment_is_emptied_once(
    story: Story, workspace: WorkspaceUnderTest
) -> None:
    """Its tables belong to no workspace."""
    seen: list[UUID | None] = []
    story.replay(
        DAYS[0],
        ReplayPolicy.REBUILD,
        reset=lambda: seen.append(current_scope().workspace_id),
        of_deployment=True,
    )
    assert seen == [None]


def test_a_reset_that_fails_takes_the_replay_back(
    story: Story, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Also what was emptied before, in other workspaces; its plugin and error are named."""
    calls: list[UUID | None] = []

    def reset() -> None:
        calls.append(current_scope().workspace_id)
        if len(calls) > 1:
            raise LookupError("no\ntable")

    with pytest.raises(ResetFailed) as caught:
        story.replay(DAYS[0], ReplayPolicy.REBUILD, reset=reset)
    assert caught.value.detail == (
        f"{SUBSCRIPTION} could not empty its tables in the workspace {other_workspace.id}: "
        "LookupError: no table"
    )
    assert story.untouched()


def test_an_idempotent_replay_empties_nothing(story: Story, workspace: WorkspaceUnderTest) -> None:
    """Only a rebuild begins from nothing."""
    calls: list[int] = []
    story.replay(DAYS[0], reset=lambda: calls.append(1))
    assert calls == []


def test_a_replay_is_written_down(story: Story) -> None:
    """Who asked for it, and since when."""
    story.replay(DAYS[0])
    (row,) = story.rows.decided()
    assert (row.action, row.decided_by, row.reason) == (
        "replay",
        "ada",
        "from 2026-01-01T00:00:00+00:00",
    )
