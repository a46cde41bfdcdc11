"""The cards of people who ask for what is known of them, or to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord
from qr.repository import people


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield the cards and codes of a person's contacts, and where they left a card of theirs."""
    if has_workspace():
        for kind, record_id, body in people.records(
            subject.contact_ids, subject.emails, subject.phones
        ):
            yield PersonalRecord(kind=kind, id=record_id, body=body.encode())


def erase(subject: DataSubject) -> ErasureReport:
    """Empty the cards of a person's contacts, and delete their codes.

    A card without a contact has no page; that a code was printed is remembered without what it
    said, so that no other one gets its address. Of cards that they left somewhere, what waits is
    emptied and becomes no contact any more.
    """
    if not has_workspace():
        return ErasureReport()
    left = people.empty_exchanges(subject.contact_ids, subject.emails, subject.phones)
    return ErasureReport(anonymised=people.empty(subject.contact_ids) + left)
