"""What stands on pages of others."""

from __future__ import annotations

from uuid import UUID

from birthday_reminders.contract import Birthdays
from meishi.sdk.context import service
from meishi.sdk.pages import render


def next_birthday_panel(contact_id: UUID) -> str | None:
    """Return the next birthday of a contact; None where none is known."""
    found = service(Birthdays).of(contact_id)
    if found is None:
        return None
    return render("birthday_reminders/panel.html", birthday=found).get_data(as_text=True)
