"""What was found about people who ask for it, or to be forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from crm_enrichment.repository import people
from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield what was found about a person, and the texts that are kept for a day."""
    if has_workspace():
        for proposal_id, body in people.records(subject.contact_ids):
            yield PersonalRecord(kind="proposal", id=proposal_id, body=body.encode())
        for extraction_id, body in people.texts(subject.contact_ids, _words(subject)):
            yield PersonalRecord(kind="extraction", id=extraction_id, body=body.encode())


def erase(subject: DataSubject) -> ErasureReport:
    """Forget what was found about a person."""
    if not has_workspace():
        return ErasureReport()
    texts = people.forget_texts(subject.contact_ids, _words(subject))
    return ErasureReport(erased=texts + people.forget(subject.contact_ids))


def _words(subject: DataSubject) -> tuple[str, ...]:
    """Return what names a person in a text: of numbers what stands there however one dials."""
    return (*subject.emails, *map(_dialled, subject.phones))


def _dialled(number: str) -> str:
    import phonenumbers

    try:
        return phonenumbers.national_significant_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return number
