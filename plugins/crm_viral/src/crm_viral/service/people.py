"""Users who ask for what is known of their referrals, or to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from crm_viral.repository import people
from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord, RetainedRecords


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield how a user takes part here, whom they were led by, and what they got."""
    if has_workspace() and subject.user_id is not None:
        for kind, record_id, body in people.records(subject.user_id):
            yield PersonalRecord(kind=kind, id=record_id, body=body.encode())


def erase(subject: DataSubject) -> ErasureReport:
    """Forget visits and labels; the books keep an id that belongs to nobody from then on.

    Outside of any workspace it is done in all: who came by a link is seldom in the link's.
    """
    if subject.user_id is None:
        return ErasureReport()
    if not has_workspace():
        return ErasureReport(anonymised=people.forget_everywhere(subject.user_id))
    forgotten = people.forget(subject.user_id)
    kept = people.staying(subject.user_id)
    return ErasureReport(
        anonymised=forgotten,
        retained=_retained(kept) if kept else (),
    )


def _retained(number: int) -> tuple[RetainedRecords, ...]:
    reason = "Rewards are accounts of the workspace; they name a user by an id only."
    return (RetainedRecords(kind="reward", count=number, reason=reason),)
