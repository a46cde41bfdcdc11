"""Withholding: what happens in a workspace where a plugin is off waits until it is on again.

A gap is opened when the first of its events comes by, and drained when the switch is on.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from meishi.events.cursor import Gap
from meishi.events.delivery import NeighbourAway
from meishi.events.environment import Environment
from meishi.events.lanes import GapLane
from meishi.events.log import DB_SCHEMA
from meishi.events.parking import hold_lease
from meishi.events.spans import StoredEvent
from meishi.events.subscriptions import Subscriber, renounce
from meishi.events.turn import Turn

#: One that an operator has opened meanwhile stays the operator's.
_OPEN = """
    INSERT INTO meishi_events.gap (subscription, slot, workspace, state, cause, tick, upto, pos)
    VALUES (%(subscription)s, %(slot)s, %(workspace)s, 'open', 'switch',
            %(tick)s, %(upto)s, %(pos)s)
    ON CONFLICT (subscription, slot, workspace) DO NOTHING
"""

_OURS = """
    SELECT DISTINCT subscription, workspace, state, EXISTS (
        SELECT FROM meishi_events.backfill AS b
        WHERE b.subscription = g.subscription AND b.workspace = g.workspace AND NOT b.done)
    FROM meishi_events.gap AS g
    WHERE cause = 'switch' AND subscription = ANY (%(names)s)
"""

_SET = """
    UPDATE meishi_events.gap SET state = %(state)s
    WHERE subscription = %(subscription)s AND workspace = %(workspace)s AND cause = 'switch'
    AND state <> %(state)s RETURNING slot
"""


class Withholding:
    """Opens gaps in workspaces where a plugin is off, and has them drained where it is on."""

    def __init__(self, host: Environment) -> None:
        self._host = host

    def is_off(self, turn: Turn, workspace: str | None) -> bool:
        """Whether a turn's plugin is switched off in a workspace, or has still to read its past."""
        if workspace in turn.cursor.unread:
            return True
        place = None if workspace is None else UUID(workspace)
        return not self._host.is_on(turn.subscriber.plugin, place)

    def deliverable(self, turn: Turn, events: Collection[StoredEvent]) -> list[StoredEvent]:
        """Return those of some events that may be delivered; for the others a gap is opened.

        :raises NeighbourAway: if the plugin is left alone for now
        """
        if self._host.is_held(turn.subscriber.plugin):
            raise NeighbourAway(f"{turn.subscriber.plugin} is being moved")
        places = {event.workspace for event in events}
        off = {workspace for workspace in places if self.is_off(turn, workspace)}
        for workspace in off:
            if workspace is not None and workspace not in turn.cursor.gaps:
                self._open(turn, workspace)
        return [event for event in events if event.workspace not in off]

    def _open(self, turn: Turn, workspace: str) -> None:
        """Pass a workspace over from where the cursor is.

        :raises LeaseLost: if somebody else has the cursor
        """
        cursor = turn.cursor
        at = cursor.position
        values = cursor.values() | {"tick": at.tick, "upto": at.upto, "pos": at.pos}
        with self._host.within(DB_SCHEMA) as scope:
            hold_lease(scope.work, cursor)
            scope.work.execute(_OPEN, values | {"workspace": workspace})
        cursor.gaps[workspace] = Gap(workspace, draining=False, position=replace(at))
        turn.lane.leave_out(workspace)

    def may_drain(self, turn: Turn, lane: GapLane) -> bool:
        """Whether what a workspace has missed may be delivered now."""
        return not self.is_off(turn, lane.gap.workspace)

    def follow(self, subscribers: Collection[Subscriber]) -> None:
        """Let gaps drain where plugins are on again, and stay where they are off once more."""
        plugins = {item.name: item.plugin for item in subscribers}
        with self._host.within(DB_SCHEMA) as scope:
            found = scope.work.execute(_OURS, {"names": list(plugins)})
            for name, workspace, state, unread in found:
                ready = not unread and self._host.is_on(plugins[name], workspace)
                wanted = "draining" if ready else "open"
                values = {"subscription": name, "workspace": workspace, "state": wanted}
                if state != wanted and scope.work.execute(_SET, values):
                    renounce(scope.work, name)
