"""Time series as CSV."""

from __future__ import annotations

import csv
import io

from meishi.core.analytics.contract import TimeSeries

#: What spreadsheets take a cell for a formula by.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def series_csv(found: TimeSeries) -> bytes:
    """Return a line for each point: the day, the value of the dimension, and how often.

    No cell is a formula to any spreadsheet: values may come from who visits.
    """
    written = io.StringIO(newline="")
    lines = csv.writer(written)
    lines.writerow(["day", *([found.group] if found.group else []), found.metric])
    for series in found.series:
        value = series.value or ""
        safe = f"'{value}" if value.startswith(_FORMULA) else value
        for point in series.points:
            lines.writerow([point.day, *([safe] if found.group else []), point.count])
    return written.getvalue().encode()
