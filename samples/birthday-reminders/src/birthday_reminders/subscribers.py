"""What happens after events: called by a worker, until it succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from birthday_reminders.contract import Birthdays
from meishi.sdk.context import service


def follow(events: Sequence[Any]) -> None:
    """Read the contacts that something has happened to, merged ones too."""
    found = [
        contact_id
        for event in events
        for contact_id in (event.contact_id, *getattr(event, "merged_ids", ()))
    ]
    service(Birthdays).follow(tuple(found))


def backfill(place: str | None) -> str | None:
    """Read one page of the contacts that were there before."""
    after = service(Birthdays).follow_page(None if place is None else UUID(place))
    return None if after is None else str(after)
