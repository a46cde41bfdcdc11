"""The birthdays of people who ask for what is known of them, or to be forgotten."""

from __future__ import annotations

import json
from collections.abc import Iterator

from birthday_reminders import repository
from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield the birthdays of a person's contacts."""
    for contact_id in subject.contact_ids if has_workspace() else ():
        row = repository.of(contact_id)
        if row is not None:
            body = json.dumps({"month": row[0], "day": row[1]}).encode()
            yield PersonalRecord(kind="birthday", id=contact_id, body=body)


def erase(subject: DataSubject) -> ErasureReport:
    """Forget them."""
    if not has_workspace():
        return ErasureReport()
    return ErasureReport(erased=repository.remove(subject.contact_ids))
