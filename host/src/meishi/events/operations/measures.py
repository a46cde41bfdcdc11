"""What the metrics of event delivery are made of, read at one moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from meishi.events.operations.alarms import Alarm, Limits, alarms
from meishi.events.operations.log_size import LogSize, log_size
from meishi.events.operations.places import CursorPlace, cursor_places
from meishi.events.operations.statements import rows
from meishi.events.operations.status import ParkedCounts, parked_counts
from meishi.events.operations.workers import workers_alive
from meishi.lifecycle.states import PluginStatus

_BACKFILLS = """
    SELECT subscription, count(*) FROM meishi_events.backfill WHERE NOT done GROUP BY subscription
"""

_GAPS = """
    SELECT subscription, count(DISTINCT workspace) FROM meishi_events.gap GROUP BY subscription
"""

_STATES = "SELECT name, state FROM meishi_events.subscription ORDER BY name"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """The state of the whole deployment, whichever process asks.

    `states`, `parked`, `backfills` (workspaces to be read) and `gaps` (workspaces that are paused
    or catch up) are by subscription.
    """

    states: Mapping[str, str]
    places: tuple[CursorPlace, ...]
    parked: Mapping[str, ParkedCounts]
    backfills: Mapping[str, int]
    gaps: Mapping[str, int]
    log: LogSize
    workers: int
    alarms: tuple[Alarm, ...]

    def alarms_by_kind(self) -> Mapping[str, int]:
        """Return how many things of each kind need a person."""
        return Counter(alarm.kind.value for alarm in self.alarms)


def measures(plugins: Mapping[str, PluginStatus], limits: Limits) -> Measures:
    """Return all measures; `plugins` and `limits` are those of the alarms."""
    return Measures(
        states=dict(rows(_STATES)),
        places=tuple(cursor_places()),
        parked=parked_counts(),
        backfills=dict(rows(_BACKFILLS)),
        gaps=dict(rows(_GAPS)),
        log=log_size(),
        workers=workers_alive(),
        alarms=tuple(alarms(plugins, limits)),
    )
