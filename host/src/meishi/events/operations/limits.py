"""Limits that operators know, in a module that is quick to import."""

from __future__ import annotations

#: Seconds that a subscription may lag behind unless an operator says otherwise.
MAX_LAG_SECONDS = 300.0

#: Seconds after which a worker that has not said anything counts as gone.
SILENT_SECONDS = 30
