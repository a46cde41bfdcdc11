"""How large the log is, from its ends alone: no event is counted."""

from __future__ import annotations

from dataclasses import dataclass

from meishi.events.operations.statements import rows

_SIZE = """
    SELECT coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0),
           oldest.pos,
           greatest(extract(epoch FROM clock_timestamp() - oldest.time), 0)::double precision,
           (SELECT count(*) FROM pg_inherits WHERE inhparent = 'meishi_events.event'::regclass),
           tick.id,
           greatest(extract(epoch FROM clock_timestamp() - tick.at), 0)::double precision
    FROM (SELECT id, at FROM meishi_events.tick ORDER BY id DESC LIMIT 1) AS tick
    LEFT JOIN (SELECT pos, time FROM meishi_events.event ORDER BY pos LIMIT 1) AS oldest ON true
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSize:
    """The extent of the log: positions that it spans, its partitions, its oldest event.

    `oldest_seconds` is None while it is empty. `ticks` were stored since it was installed.
    """

    positions: int
    partitions: int
    oldest_seconds: float | None
    ticks: int
    tick_seconds: float


def log_size() -> LogSize:
    """Return how large the log is."""
    last, first, oldest, partitions, ticks, tick_seconds = rows(_SIZE)[0]
    return LogSize(
        positions=0 if first is None else last - first + 1,
        partitions=partitions,
        oldest_seconds=oldest,
        ticks=ticks,
        tick_seconds=tick_seconds,
    )
