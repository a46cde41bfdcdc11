"""What was found about people who ask for it, or to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from crm_enrichment.repository import people
from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield what was found about a person, from where, and what became of it."""
    if has_workspace():
        for proposal_id, body in people.records(subject.contact_ids):
            yield PersonalRecord(kind="proposal", id=proposal_id, body=body.encode())


def erase(subject: DataSubject) -> ErasureReport:
    """Forget what was found about a person."""
    if not has_workspace():
        return ErasureReport()
    return ErasureReport(erased=people.forget(subject.contact_ids))
