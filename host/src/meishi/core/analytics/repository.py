"""Every SQL statement of analytics.

The numbers of the whole deployment have a place of their own among those of workspaces: that of
the nil UUID, which no workspace has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from meishi.core.analytics.contract import MAX_SERIES, DayCount, Interval, Period
from meishi.sdk.context import current_workspace
from meishi.sdk.database import Resolved, execute, in_workspace_of

_DEPLOYMENT = Resolved(UUID(int=0), b"{}")

#: In the order of the key, so that of two who count neither waits for the other.
_ADD = """
    INSERT INTO analytics.roll_up AS known (workspace_id, metric, day, labels, count)
    SELECT %(workspace)s, %(metric)s, day, labels, count
    FROM unnest(%(days)s::date[], %(labels)s::text[], %(counts)s::bigint[])
        AS added (day, labels, count)
    ORDER BY day, labels
    ON CONFLICT (workspace_id, metric, day, labels)
        DO UPDATE SET count = known.count + excluded.count
"""
#: The points of the most frequent values; a last row without a day has the sum of the others.
_SERIES = """
    WITH point AS (
        SELECT date_trunc(%(interval)s, day::timestamp)::date AS day,
            labels::jsonb ->> %(group)s AS value, sum(count) AS count
        FROM analytics.roll_up
        WHERE metric = %(metric)s AND day >= %(since)s AND day < %(until)s
            AND labels::jsonb @> %(filters)s::jsonb
        GROUP BY 1, 2
    ), weighed AS (
        SELECT *, sum(count) OVER (PARTITION BY value) AS total FROM point
    ), ranked AS (
        SELECT *, dense_rank() OVER (ORDER BY total DESC, value NULLS FIRST) AS place FROM weighed
    )
    SELECT day, value, count::bigint FROM ranked WHERE place <= %(most)s
    UNION ALL
    SELECT NULL, NULL, coalesce(sum(count), 0)::bigint FROM ranked WHERE place > %(most)s
"""
_TOTALS = """
    SELECT metric, sum(count)::bigint FROM analytics.roll_up
    WHERE metric = ANY(%(metrics)s::text[]) AND day >= %(since)s AND day < %(until)s
    GROUP BY metric
"""


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each value was, by the first day of a piece of time; and how often all others."""

    by_value: Mapping[str | None, Mapping[date, int]]
    others: int


@contextmanager
def in_deployment() -> Iterator[None]:
    """Run a block where the numbers of the whole deployment are."""
    with in_workspace_of(_DEPLOYMENT):
        yield


def add(metric: str, counts: Sequence[DayCount]) -> None:
    """Add to what was counted here."""
    values = {
        "workspace": current_workspace(),
        "metric": metric,
        "days": [item.day for item in counts],
        "labels": [written(item.labels) for item in counts],
        "counts": [item.count for item in counts],
    }
    execute(_ADD, values)


def forget() -> None:
    """Delete all that was counted here."""
    execute("DELETE FROM analytics.roll_up")


def series(
    metric: str,
    period: Period,
    interval: Interval,
    group: str | None,
    filters: Sequence[tuple[str, str]],
) -> Counted:
    """Return how often the most frequent values of the group were, in the pieces of a period."""
    values = {
        "metric": metric,
        "since": period.since,
        "until": period.until,
        "interval": interval.value,
        "group": group,
        "filters": written(filters),
        "most": MAX_SERIES,
    }
    found: dict[str | None, dict[date, int]] = defaultdict(dict)
    others = 0
    for day, value, count in execute(_SERIES, values):
        if day is None:
            others = count
        else:
            found[value][day] = count
    return Counted(found, others)


def totals(metrics: Sequence[str], period: Period) -> dict[str, int]:
    """Return how often each of some metrics was; those that never were are not in it."""
    values = {"metrics": list(metrics), "since": period.since, "until": period.until}
    return {str(metric): int(count) for metric, count in execute(_TOTALS, values)}


def written(labels: Sequence[tuple[str, str]]) -> str:
    """Return labels as text, the same for the same labels."""
    return msgspec.json.encode(dict(labels), order="deterministic").decode()
