"""Replay: what a subscription has had is delivered to it once more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from meishi.context import current_scope, substitute_scope
from meishi.core.identity.contract import Workspaces
from meishi.declarations import ReplayPolicy
from meishi.events.housekeeping import HOUSEKEEPING
from meishi.events.operations.decisions import Verdict, note_subscription
from meishi.events.operations.errors import InvalidInput, ReplayRefused, ResetFailed, WrongState
from meishi.events.operations.statements import lock_subscription, rows
from meishi.events.subscriptions import HAD_BEFORE, Subscriber, renounce

_TICK = """
    SELECT id, at, low_pos, last_pos, snap::text FROM meishi_events.tick
    WHERE %(since)s::timestamptz IS NULL OR at <= %(since)s
"""

_NOW = "SELECT clock_timestamp()"

#: No tick, and no partition behind one, goes away between its choice and the commit.
_KEEP_ALL = "SELECT pg_advisory_xact_lock(%(lock)s)"

#: Slots that stand before the tick stay there: a replay never leaves anything out.
#: What was delivered lies at positions up to `had.pos`, but for what is `left`: what is parked,
#: what an earlier replay has not come to yet, and of a span that is open what had ended late.
_MOVE_BACK = f"""
    WITH newest AS (
        SELECT p.*, c.replay_pos, c.replay_shown, c.replay_left, passed.snap AS passed_snap,
               passed.last_pos, shown.snap,
               greatest(passed.last_pos, CASE WHEN p.upto > p.tick THEN p.pos END) AS reached
        FROM meishi_events.cursor AS c,
        LATERAL (SELECT * FROM meishi_events.progress AS p
                 WHERE p.subscription = c.subscription AND p.slot = c.slot
                 ORDER BY p.seq DESC LIMIT 1) AS p,
        LATERAL (SELECT t.last_pos, t.snap FROM meishi_events.tick AS t WHERE t.id <= p.tick
                 ORDER BY t.id DESC LIMIT 1) AS passed,
        LATERAL (SELECT t.snap FROM meishi_events.tick AS t WHERE t.id <= p.upto
                 ORDER BY t.id DESC LIMIT 1) AS shown
        WHERE c.subscription = %(subscription)s AND (p.tick, p.upto, p.pos) > (%(tick)s::bigint,
                                                                             %(tick)s::bigint, 0)
    ), moved AS (
        INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos,
                                            delivered, latency, latency_seconds)
        SELECT subscription, slot, seq + 1, %(tick)s, %(tick)s, 0,
               delivered, latency, latency_seconds FROM newest
    ), had AS (
        SELECT subscription, slot, snap, reached AS pos, array(
            SELECT pos FROM unnest(replay_left) AS pos WHERE pos > reached
            UNION SELECT item.pos FROM (
                SELECT k.pos, (k.event->>'xid')::xid8 AS xid FROM meishi_events.parked AS k
                WHERE k.subscription = newest.subscription AND k.slot = newest.slot
                UNION ALL SELECT e.pos, e.xid FROM meishi_events.event AS e
                WHERE newest.upto > newest.tick
                AND e.pos > newest.pos AND e.pos <= newest.last_pos
                AND pg_visible_in_snapshot(e.xid, newest.snap)
                AND NOT pg_visible_in_snapshot(e.xid, newest.passed_snap)
            ) AS item WHERE NOT {HAD_BEFORE}
        ) AS not_had FROM newest
    )
    UPDATE meishi_events.cursor AS c SET
        replay_pos = greatest(c.replay_pos, had.pos),
        replay_shown = CASE WHEN had.pos >= c.replay_pos THEN had.snap ELSE c.replay_shown END,
        replay_left = had.not_had
    FROM had WHERE c.subscription = had.subscription AND c.slot = had.slot
    RETURNING c.slot
"""  # noqa: S608 (constants)

#: What the tick does not show comes: all behind its last position, and of those between
#: its low and its last one what was written by transactions that it had not seen the end of.
_FORGET_PARKED = """
    DELETE FROM meishi_events.parked AS k
    WHERE k.subscription = %(subscription)s AND k.slot = ANY (%(slots)s::integer[])
    AND k.pos > %(low)s AND (k.pos > %(last)s OR EXISTS (
        SELECT FROM meishi_events.event AS e WHERE e.pos = k.pos
        AND NOT pg_visible_in_snapshot(e.xid, %(snap)s::text::pg_snapshot)))
"""

_PAUSED_WORKSPACES = """
    SELECT workspace, bool_or(state = 'open') FROM meishi_events.gap
    WHERE subscription = %(subscription)s GROUP BY workspace ORDER BY workspace
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay did: where it begins, which slots went back, and who was emptied before.

    `since` is the moment of the tick at which it begins, at or before the one asked for.
    """

    subscription: str
    policy: str
    since: datetime
    slots: tuple[int, ...]
    reset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beginning:
    """The tick at which a replay begins."""

    id: int
    at: datetime
    low_pos: int
    last_pos: int
    snapshot: str


class Replays:
    """Replays `subscribers`, which are the subscriptions of active plugins.

    `of_deployment` are plugins whose tables belong to no workspace: their `reset` is called once,
    in none, and that of all others in every workspace, or in none where there is no workspace yet.
    """

    def __init__(
        self, subscribers: Iterable[Subscriber], of_deployment: Collection[str] = ()
    ) -> None:
        self._subscribers = {item.name: item for item in subscribers}
        self._of_deployment = of_deployment

    def replay(self, name: str, since: datetime | None, verdict: Verdict) -> Replayed:
        """Deliver everything since a moment once more, or all that the log holds.

        A workspace that is paused, or is catching up, has a place of its own in the log, and so
        has a backfill: both have to end first.

        :raises ReplayRefused: if it is not declared to be possible, or the log does not go back
        :raises WrongState: if a backfill or a paused workspace is in the way
        :raises ResetFailed: if the plugin could not empty its tables
        """
        state = lock_subscription(name)
        subscriber = self._replayable(name)
        declared = subscriber.declared
        _require_at_rest(name, state)
        _require_past(since)
        rows(_KEEP_ALL, lock=HOUSEKEEPING)
        start = _beginning(name, since, declared.replay)
        slots = _move_back(name, start)
        renounce(current_scope().work, name)
        count = self._reset(subscriber) if subscriber.rebuilds else 0
        reason = f"from {start.at.isoformat()}; {verdict.reason}".removesuffix("; ")
        note_subscription("replay", name, replace(verdict, reason=reason))
        return Replayed(
            subscription=name,
            policy=declared.replay.value,
            since=start.at,
            slots=slots,
            reset=count,
        )

    def _replayable(self, name: str) -> Subscriber:
        subscriber = self._subscribers.get(name)
        if subscriber is None:
            raise ReplayRefused(
                f"No active plugin declares {name}, which only it could allow.",
                hint="`meishi plugins` lists all states.",
            )
        if subscriber.declared.replay is ReplayPolicy.NEVER:
            raise ReplayRefused(
                f"{name} declares that it must never be replayed.",
                hint="Its plugin's author decides that with `replay` of the subscription.",
            )
        if subscriber.rebuilds and subscriber.declared.reset is None:
            raise ReplayRefused(f"{name} declares `rebuild`, but no `reset` to begin with.")
        return subscriber

    def _reset(self, subscriber: Subscriber) -> int:
        """Call the plugin's `reset` where it has rows; return in how many places."""
        reset, plugin = subscriber.declared.reset, subscriber.plugin
        assert reset is not None
        scope = current_scope()
        places: list[UUID | None] = [None]
        if plugin not in self._of_deployment:
            known = scope.host.service(Workspaces).all()
            places = [workspace.id for workspace in known] or places
        for place in places:
            with _told(subscriber.name, place), _moved_to(place), scope.work.entered(plugin):
                reset()
        return len(places)


def _require_at_rest(name: str, state: str) -> None:
    if state == "backfilling":
        raise WrongState(
            f"{name} is backfilling.", hint="Replay it afterwards; `meishi events status` tells."
        )
    for workspace, is_open in rows(_PAUSED_WORKSPACES, subscription=name):
        if is_open:
            hint = f"First: `meishi events resume {name} --workspace {workspace}`."
            raise WrongState(f"The workspace {workspace} is paused in {name}.", hint=hint)
        raise WrongState(
            f"The workspace {workspace} is still catching up in {name}.",
            hint="Replay it afterwards; `meishi events status` tells.",
        )


def _require_past(since: datetime | None) -> None:
    if since is None:
        return
    if since.tzinfo is None:
        raise InvalidInput(
            f"The time {since.isoformat()} names no time zone.",
            hint=f"For example {since.isoformat()}Z.",
        )
    now = rows(_NOW)[0][0]
    if since > now:
        raise InvalidInput(f"{since.isoformat()} is yet to come: it is {now.isoformat()} now.")


def _beginning(name: str, since: datetime | None, policy: ReplayPolicy) -> _Beginning:
    """Return the newest tick at or before a moment, or the oldest of all.

    A rebuild from the start wants the whole log: what is emptied could not be filled again.
    """
    oldest = _tick("ORDER BY id LIMIT 1", None)
    assert oldest is not None
    if since is None:
        if oldest.last_pos > 0 and policy is ReplayPolicy.REBUILD:
            raise ReplayRefused(
                f"{name} cannot be rebuilt from the start: the log begins at "
                f"{oldest.at.isoformat()}.",
                hint=f"If less is enough: --from {oldest.at.isoformat()}.",
            )
        return oldest
    found = _tick("ORDER BY id DESC LIMIT 1", since)
    if found is None:
        raise ReplayRefused(
            f"The log does not go back to {since.isoformat()}: it begins at "
            f"{oldest.at.isoformat()}.",
            hint=f"--from {oldest.at.isoformat()}, or --from-start.",
        )
    return found


def _tick(order: str, since: datetime | None) -> _Beginning | None:
    found = rows(f"{_TICK} {order}", since=since)
    if not found:
        return None
    number, at, low, last, snapshot = found[0]
    return _Beginning(id=number, at=at, low_pos=low, last_pos=last, snapshot=snapshot)


def _move_back(name: str, start: _Beginning) -> tuple[int, ...]:
    slots = [slot for (slot,) in rows(_MOVE_BACK, subscription=name, tick=start.id)]
    if not slots:
        raise ReplayRefused(
            f"{name} has had nothing since {start.at.isoformat()}.",
            hint="Name an earlier time, or --from-start.",
        )
    rows(
        _FORGET_PARKED,
        subscription=name,
        slots=slots,
        low=start.low_pos,
        last=start.last_pos,
        snap=start.snapshot,
    )
    return tuple(sorted(slots))


@contextmanager
def _moved_to(workspace: UUID | None) -> Iterator[None]:
    """Run a block in another workspace, within the same unit of work."""
    scope = current_scope()
    scope.work.move_to(workspace)
    with substitute_scope(replace(scope, workspace_id=workspace)):
        yield
    scope.work.move_to(scope.workspace_id)


@contextmanager
def _told(name: str, workspace: UUID | None) -> Iterator[None]:
    """Say whose reset failed, and where."""
    try:
        yield
    except Exception as error:
        where = f" in the workspace {workspace}" if workspace else ""
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ResetFailed(
            f"{name} could not empty its tables{where}: {reason}",
            hint="Nothing was changed. The plugin's author can mend its `reset`.",
        ) from error
