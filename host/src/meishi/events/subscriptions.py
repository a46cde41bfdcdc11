"""Subscriptions: what active plugins declare, held against what the database remembers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from meishi.context import Scope
from meishi.declarations import EventHandler, ReplayPolicy, Subscription
from meishi.events.log import DB_SCHEMA
from meishi.events.positions import newest_tick
from meishi.sdk.contract import Event

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """One subscription of an active plugin: its full name, and what was declared of it.

    `types` are the event types that reach it, older versions included.
    """

    name: str
    plugin: str
    declared: Subscription
    types: frozenset[str]

    @property
    def rebuilds(self) -> bool:
        """Whether handlers publish nothing while old events come once more."""
        return self.declared.replay is ReplayPolicy.REBUILD

    @property
    def longest_wait(self) -> float:
        """No attempt is that many seconds away, unless the clock was set back after its choice."""
        declared = self.declared
        return declared.limit_seconds + 2 * declared.retry.longest_wait_seconds + 3600.0


def subscribers(
    plugin: str,
    handlers: Iterable[EventHandler],
    read_as: Callable[[type[Event]], Iterable[str]],
) -> list[Subscriber]:
    """Return the subscriptions of a plugin's durable handlers; `read_as` tells an event's types."""
    declared: dict[str, Subscription] = {}
    types: dict[str, set[str]] = {}
    for handler in handlers:
        if handler.subscription is not None:
            declared[handler.subscription.name] = handler.subscription
            types.setdefault(handler.subscription.name, set()).update(read_as(handler.event))
    return [
        Subscriber(
            name=f"{plugin}.{name}",
            plugin=plugin,
            declared=subscription,
            types=frozenset(types[name]),
        )
        for name, subscription in declared.items()
    ]


_ADD = """
    INSERT INTO meishi_events.subscription (name, plugin, types, slots, state)
    VALUES (%(name)s, %(plugin)s, %(types)s, %(slots)s, %(state)s)
    ON CONFLICT DO NOTHING RETURNING name
"""

_KNOWN = """
    SELECT slots, types, barrier IS NOT NULL FROM meishi_events.subscription
    WHERE name = %(name)s FOR NO KEY UPDATE
"""

_CURSORS = """
    INSERT INTO meishi_events.cursor (subscription, slot, fence)
    SELECT %(name)s, slot, %(fence)s FROM generate_series(0, %(slots)s::integer - 1) AS slot
"""

_STARTS = """
    INSERT INTO meishi_events.progress (subscription, slot, seq, tick, upto, pos)
    SELECT %(name)s, slot, 1, %(tick)s, %(tick)s, 0
    FROM generate_series(0, %(slots)s::integer - 1) AS slot
"""

_BACKFILL = """
    INSERT INTO meishi_events.backfill (subscription, workspace)
    SELECT %(name)s, workspace FROM unnest(%(workspaces)s::uuid[]) AS workspace
"""

#: From the barrier on, the keys are spread over another number of slots.
_BARRIER = """
    UPDATE meishi_events.subscription SET barrier = %(tick)s WHERE name = %(name)s
"""

_BARRIER_OF = """
    SELECT barrier FROM meishi_events.subscription WHERE name = %(name)s FOR NO KEY UPDATE
"""

_UNFINISHED = """
    SELECT EXISTS (SELECT FROM meishi_events.gap WHERE subscription = %(name)s)
        OR EXISTS (
            SELECT FROM meishi_events.cursor AS c,
            LATERAL (SELECT tick, upto FROM meishi_events.progress AS p
                     WHERE p.subscription = c.subscription AND p.slot = c.slot
                     ORDER BY seq DESC LIMIT 1) AS newest
            WHERE c.subscription = %(name)s AND (newest.tick, newest.upto) <> (%(tick)s, %(tick)s))
"""

#: What had been delivered before a replay, by what its cursor remembers of that.
HAD_BEFORE = """
    (item.pos <= newest.replay_pos AND item.pos <> ALL (newest.replay_left)
     AND (newest.replay_shown IS NULL OR pg_visible_in_snapshot(item.xid, newest.replay_shown)))
"""

#: After a replay all that the barrier shows had been delivered, but for what was parked before it.
_REPLAYED = f"""
    SELECT t.last_pos, t.snap::text, array(
        SELECT item.pos
        FROM (SELECT *, (event->>'xid')::xid8 AS xid FROM meishi_events.parked) AS item
        JOIN meishi_events.cursor AS newest USING (subscription, slot)
        WHERE subscription = %(name)s AND NOT {HAD_BEFORE})
    FROM meishi_events.tick AS t WHERE t.id = %(tick)s AND EXISTS (
        SELECT FROM meishi_events.cursor WHERE subscription = %(name)s AND replay_pos > 0)
"""  # noqa: S608 (constants)

_REMEMBER_REPLAY = """
    UPDATE meishi_events.cursor SET replay_pos = %(pos)s,
        replay_shown = %(shown)s::text::pg_snapshot, replay_left = %(left)s
    WHERE subscription = %(name)s
"""

_SPREAD = """
    UPDATE meishi_events.parked SET slot = (event->>'slot')::integer %% %(slots)s::integer
    WHERE subscription = %(name)s
"""


class SubscriptionBook:
    """Brings the database's memory of subscriptions in step with what is declared."""

    def __init__(
        self,
        scope: Callable[[str], AbstractContextManager[Scope]],
        workspaces: Callable[[], Iterable[UUID]],
    ) -> None:
        self._scope = scope
        self._workspaces = workspaces

    def add(self, subscriber: Subscriber) -> None:
        """Remember a new subscription; of one that is known nothing is changed.

        It begins at the newest tick, after its backfill.
        """
        with self._scope(DB_SCHEMA) as scope:
            self._add(scope.work, subscriber, _values(subscriber))

    def register(self, subscriber: Subscriber) -> None:
        """Remember a subscription; a new one begins at the newest tick, after its backfill.

        What a changed declaration wants besides is done as far as it can be done now.
        """
        values = _values(subscriber)
        with self._scope(DB_SCHEMA) as scope:
            if not self._add(scope.work, subscriber, values):
                self._follow(scope.work, subscriber, values)

    def _add(self, work: UnitOfWork, subscriber: Subscriber, values: dict[str, object]) -> bool:
        if not work.execute(_ADD, values):
            return False
        values["tick"] = newest_tick(work).id
        for statement in (_CURSORS, _STARTS):
            work.execute(statement, values)
        if subscriber.declared.backfill is not None:
            # One that is founded later has all of its events behind the cursor's beginning.
            values["workspaces"] = list(self._workspaces())
            work.execute(_BACKFILL, values)
        return True

    def _follow(self, work: UnitOfWork, subscriber: Subscriber, values: dict[str, object]) -> None:
        slots, types, waiting = work.execute(_KNOWN, values)[0]
        if types != values["types"]:
            work.execute(
                "UPDATE meishi_events.subscription SET types = %(types)s WHERE name = %(name)s",
                values,
            )
        if slots != subscriber.declared.slots and not waiting:
            # In this order no cursor comes to stand behind the barrier.
            renounce(work, subscriber.name)
            work.execute(_BARRIER, values | {"tick": newest_tick(work).id})

    def respread(self, subscriber: Subscriber) -> bool:
        """Give a subscription its declared slots once all stand at its barrier; tell if it did."""
        values = {"name": subscriber.name, "slots": subscriber.declared.slots}
        with self._scope(DB_SCHEMA) as scope:
            work = scope.work
            values["tick"] = work.execute(_BARRIER_OF, values)[0][0]
            if values["tick"] is None or work.execute(_UNFINISHED, values)[0][0]:
                return False
            renounce(work, subscriber.name)
            counted, values["fence"] = _counted(work, subscriber.name)
            replayed = work.execute(_REPLAYED, values)
            work.execute("DELETE FROM meishi_events.cursor WHERE subscription = %(name)s", values)
            for statement in (_CURSORS, _STARTS, _SPREAD):
                work.execute(statement, values)
            for pos, shown, left in replayed:
                work.execute(_REMEMBER_REPLAY, values | {"pos": pos, "shown": shown, "left": left})
            work.execute(
                "UPDATE meishi_events.subscription SET slots = %(slots)s, barrier = NULL "
                "WHERE name = %(name)s",
                values,
            )
            work.execute(
                "UPDATE meishi_events.progress SET delivered = %(delivered)s "
                "WHERE subscription = %(name)s AND slot = 0",
                values | {"delivered": counted},
            )
            return True


def _values(subscriber: Subscriber) -> dict[str, object]:
    declared = subscriber.declared
    return {
        "name": subscriber.name,
        "plugin": subscriber.plugin,
        "types": sorted(subscriber.types),
        "slots": declared.slots,
        "state": "live" if declared.backfill is None else "backfilling",
        "fence": 0,
    }


def renounce(work: UnitOfWork, name: str) -> None:
    """Take the leases of a subscription from whoever has them; what is in flight is undone."""
    query = """
        UPDATE meishi_events.cursor SET fence = fence + 1, owner = NULL, lease_until = NULL
        WHERE subscription = %(name)s
    """
    work.execute(query, {"name": name})


def _counted(work: UnitOfWork, name: str) -> tuple[int, int]:
    """Return how much was delivered in all slots, and a fence that nobody has had in any."""
    query = """
        SELECT coalesce(sum(newest.delivered), 0)::bigint, max(c.fence)
        FROM meishi_events.cursor AS c,
        LATERAL (SELECT delivered FROM meishi_events.progress AS p
                 WHERE p.subscription = c.subscription AND p.slot = c.slot
                 ORDER BY seq DESC LIMIT 1) AS newest
        WHERE c.subscription = %(name)s
    """
    delivered, fence = work.execute(query, {"name": name})[0]
    return delivered, fence
