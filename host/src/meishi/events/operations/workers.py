"""The processes that deliver, and which of them are alive."""

from __future__ import annotations

from meishi.events.operations.limits import SILENT_SECONDS
from meishi.events.operations.statements import rows

_ALIVE = f"""
    SELECT count(*) FROM meishi_events.worker
    WHERE seen_at > clock_timestamp() - interval '{SILENT_SECONDS} s'
"""  # noqa: S608 (a constant)


def workers_alive() -> int:
    """Return how many worker processes of the deployment have been heard of lately."""
    return int(rows(_ALIVE)[0][0])
