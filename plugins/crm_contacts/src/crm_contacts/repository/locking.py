"""Taking turns: one import at a time in each workspace, and nobody is erased half."""

from __future__ import annotations

from sqlalchemy import text

from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

_HOLD_OFF = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:workspace, 0))")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:workspace, 0))")


def lock_imports() -> None:
    """Let one import at a time work in this workspace, until the transaction ends."""
    current_connection().execute(_LOCK, {"workspace": f"import {current_workspace()}"})


def hold_off_erasing() -> None:
    """Let nobody of this workspace be erased, until the transaction ends.

    Who keeps something about contacts beside them reads them behind this: whoever is being erased
    is gone by then, and whoever is erased later is found there, too.
    """
    current_connection().execute(_HOLD_OFF, {"workspace": f"erase {current_workspace()}"})


def lock_erasing() -> None:
    """Wait for those who keep something about contacts, and let nobody else begin to."""
    current_connection().execute(_LOCK, {"workspace": f"erase {current_workspace()}"})
