"""Taking turns: one import at a time in each workspace."""

from __future__ import annotations

from sqlalchemy import text

from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:workspace, 0))")


def lock_imports() -> None:
    """Let one import at a time work in this workspace, until the transaction ends."""
    current_connection().execute(_LOCK, {"workspace": f"import {current_workspace()}"})
