"""People who ask for what is known of them, or to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from crm_graph.repository import people
from crm_graph.service.following import forget
from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield a person's names in the graph, what ties them to others, and their place in it."""
    if has_workspace():
        for kind, record_id, body in people.records(subject.contact_ids):
            yield PersonalRecord(kind=kind, id=record_id, body=body.encode())


def erase(subject: DataSubject) -> ErasureReport:
    """Leave nothing of a person's contacts in the graph."""
    if not has_workspace():
        return ErasureReport()
    return ErasureReport(erased=forget(subject.contact_ids))
