"""Taking turns: one import at a time in each workspace, nobody is erased half or comes twice."""

from __future__ import annotations

from sqlalchemy import text

from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection

_HOLD_OFF = text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:turn, 0))")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:turn, 0))")


def lock_imports() -> None:
    """Let one import at a time work in this workspace, until the transaction ends."""
    current_connection().execute(_LOCK, {"turn": f"import {current_workspace()}"})


def hold_off_erasing() -> None:
    """Let nobody of this workspace be erased, until the transaction ends.

    Who keeps something about contacts beside them reads them behind this: whoever is being erased
    is gone by then, and whoever is erased later is found there, too.
    """
    current_connection().execute(_HOLD_OFF, {"turn": f"erase {current_workspace()}"})


def lock_erasing() -> None:
    """Wait for those who keep something about contacts, and let nobody else begin to."""
    current_connection().execute(_LOCK, {"turn": f"erase {current_workspace()}"})


def lock_email(normalised: str) -> None:
    """Let one at a time create who has an email and is not there yet, until the transaction ends.

    Whoever waited looks again: there may be somebody by then.
    """
    turn = f"email {current_workspace()} {normalised}"
    current_connection().execute(_LOCK, {"turn": turn})
