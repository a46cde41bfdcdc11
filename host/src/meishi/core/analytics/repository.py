"""Every SQL statement of analytics.

The numbers of the whole deployment have a place of their own among those of workspaces: that of
the nil UUID, which no workspace has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from uuid import UUID

import msgspec

from meishi.core.analytics.contract import DayCount, Interval, Period
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
_SERIES = """
    SELECT date_trunc(%(interval)s, day::timestamp)::date, labels::jsonb ->> %(group)s,
        sum(count)::bigint
    FROM analytics.roll_up
    WHERE metric = %(metric)s AND day >= %(since)s AND day < %(until)s
        AND labels::jsonb @> %(filters)s::jsonb
    GROUP BY 1, 2
"""
_TOTALS = """
    SELECT metric, sum(count)::bigint FROM analytics.roll_up
    WHERE metric = ANY(%(metrics)s::text[]) AND day >= %(since)s AND day < %(until)s
    GROUP BY metric
"""


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
) -> list[tuple[date, str | None, int]]:
    """Return the beginnings of pieces of time, values of the group, and how often each was."""
    values = {
        "metric": metric,
        "since": period.since,
        "until": period.until,
        "interval": interval.value,
        "group": group,
        "filters": written(filters),
    }
    return [(day, value, count) for day, value, count in execute(_SERIES, values)]


def totals(metrics: Sequence[str], period: Period) -> dict[str, int]:
    """Return how often each of some metrics was; those that never were are not in it."""
    values = {"metrics": list(metrics), "since": period.since, "until": period.until}
    return {str(metric): int(count) for metric, count in execute(_TOTALS, values)}


def written(labels: Sequence[tuple[str, str]]) -> str:
    """Return labels as text, the same for the same labels."""
    return msgspec.json.encode(dict(labels), order="deterministic").decode()
