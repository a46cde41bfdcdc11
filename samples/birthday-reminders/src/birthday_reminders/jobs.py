"""What a worker does each morning."""

from __future__ import annotations

from birthday_reminders.contract import Birthdays
from meishi.sdk.context import service
from meishi.sdk.plugin import JobResult


def remind() -> JobResult:
    """Publish the birthdays that are near."""
    return JobResult(value={"reminded": service(Birthdays).remind()})
