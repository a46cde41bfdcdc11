"""How each subscription is: its plugin, its lag, and what keeps it from going on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

from meishi.events.operations.places import CursorPlace, cursor_places
from meishi.events.operations.statements import Row, rows, unknown_subscription
from meishi.lifecycle.states import PluginState, PluginStatus

#: States of what is parked.
PARKED_STATES = ("retry", "held", "dead")

_SUBSCRIPTIONS = """
    SELECT name, plugin, state, slots, types FROM meishi_events.subscription ORDER BY name
"""

_PARKED = """
    SELECT subscription, state, count(*) FROM meishi_events.parked GROUP BY subscription, state
"""

_ERRORS = """
    SELECT DISTINCT ON (subscription) subscription, error, at FROM (
        SELECT subscription, error, coalesce(failed_at, parked_at) AS at
        FROM meishi_events.parked WHERE error IS NOT NULL
        UNION ALL SELECT subscription, error, coalesce(next_at, 'epoch'::timestamptz)
        FROM meishi_events.backfill WHERE error IS NOT NULL AND NOT done
    ) AS failure ORDER BY subscription, at DESC
"""

_BACKFILLS = """
    SELECT subscription, count(*) FILTER (WHERE done), count(*)
    FROM meishi_events.backfill GROUP BY subscription
"""

_GAPS = """
    SELECT subscription, workspace, CASE WHEN bool_or(state = 'open') THEN 'open'
        ELSE 'draining' END, min(opened_at)
    FROM meishi_events.gap GROUP BY subscription, workspace ORDER BY subscription, workspace
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedCounts:
    """How many events are parked: heads to be tried again, heads that are dead, and followers."""

    retry: int = 0
    held: int = 0
    dead: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PausedWorkspace:
    """A workspace that gets no events for now (`open`), or is catching up (`draining`)."""

    workspace: UUID
    state: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionStatus:
    """One subscription as an operator sees it.

    `reason` says why nobody delivers to a plugin that is not `active`. Lag is that of the slowest
    slot; `lag_events` is an upper bound. `backfilled` of `backfills` workspaces are done.
    `leased_slots` are those that a worker has at this moment.
    """

    name: str
    plugin: str
    active: bool
    reason: str
    state: str
    slots: int
    types: tuple[str, ...]
    lag_events: int
    lag_seconds: float
    parked: ParkedCounts
    delivered: int
    last_error: str | None
    backfilled: int
    backfills: int
    paused_workspaces: tuple[PausedWorkspace, ...]
    leased_slots: int


class SubscriptionStatuses:
    """Looks at all subscriptions at once; `plugins` are the states of those in this process."""

    def __init__(self, plugins: Mapping[str, PluginStatus]) -> None:
        self._plugins = plugins

    def one(self, name: str) -> SubscriptionStatus:
        """Return how a subscription is."""
        found = {item.name: item for item in self.all()}
        if name not in found:
            raise unknown_subscription(name, list(found))
        return found[name]

    def all(self) -> list[SubscriptionStatus]:
        """Return how every subscription is, by its name."""
        places = {
            name: list(group)
            for name, group in groupby(cursor_places(), key=lambda item: item.subscription)
        }
        parked = parked_counts()
        errors = {name: error for name, error, _ in rows(_ERRORS)}
        backfills = {name: (done, total) for name, done, total in rows(_BACKFILLS)}
        gaps = _gaps()
        return [
            self._status(
                row,
                places.get(row[0], []),
                parked=parked.get(row[0], ParkedCounts()),
                last_error=errors.get(row[0]),
                backfill=backfills.get(row[0], (0, 0)),
                gaps=gaps.get(row[0], ()),
            )
            for row in rows(_SUBSCRIPTIONS)
        ]

    def _status(
        self,
        row: Row,
        places: list[CursorPlace],
        *,
        parked: ParkedCounts,
        last_error: str | None,
        backfill: tuple[int, int],
        gaps: tuple[PausedWorkspace, ...],
    ) -> SubscriptionStatus:
        name, plugin, state, slots, types = row
        reason = self._why_not(plugin)
        return SubscriptionStatus(
            name=name,
            plugin=plugin,
            active=not reason,
            reason=reason,
            state=state,
            slots=slots,
            types=tuple(types),
            lag_events=max((place.lag_events for place in places), default=0),
            lag_seconds=max((place.lag_seconds for place in places), default=0.0),
            parked=parked,
            delivered=sum(place.delivered for place in places),
            last_error=last_error,
            backfilled=backfill[0],
            backfills=backfill[1],
            paused_workspaces=gaps,
            leased_slots=sum(place.leased for place in places),
        )

    def _why_not(self, plugin: str) -> str:
        """Return why nobody delivers to a plugin, or nothing if it is active."""
        status = self._plugins.get(plugin)
        if status is None:
            return "not installed"
        if status.state is PluginState.ACTIVE:
            return ""
        return f"{status.state.value}: {status.reason}" if status.reason else status.state.value


def parked_counts() -> dict[str, ParkedCounts]:
    """Return how many events are parked in each subscription that has any."""
    counts: dict[str, dict[str, int]] = {}
    for subscription, state, count in rows(_PARKED):
        counts.setdefault(subscription, {})[state] = count
    return {name: ParkedCounts(**found) for name, found in counts.items()}


def _gaps() -> dict[str, tuple[PausedWorkspace, ...]]:
    found: dict[str, tuple[PausedWorkspace, ...]] = {}
    for subscription, workspace, state, since in rows(_GAPS):
        gap = PausedWorkspace(workspace=workspace, state=state, since=since)
        found[subscription] = (*found.get(subscription, ()), gap)
    return found
