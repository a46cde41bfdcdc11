"""What the signature in a contact's note says, read by rules."""

from __future__ import annotations

from collections.abc import Iterator

from crm_enrichment.contract import Finding, Input, Method, Provider, Subject
from crm_enrichment.extracts import FIELDS, extract_of, findings_of, is_of_another
from crm_enrichment.signatures import read_signature

#: Where all of it comes from.
NOTE = "note"


def look_up(subjects: tuple[Subject, ...]) -> tuple[Finding, ...]:
    """Return what notes say of their contacts; those that name somebody else say nothing."""
    return tuple(finding for subject in subjects for finding in _found(subject))


def _found(subject: Subject) -> Iterator[Finding]:
    text = subject.note or ""
    passages = read_signature(text, subject.default_region)
    extracts = [extract_of(passage, text, Method.RULES) for passage in passages]
    if not is_of_another(extracts, subject.name):
        yield from findings_of(subject.contact_id, extracts, NOTE, subject.default_region)


SIGNATURE = Provider(
    name="signature",
    title="Signature in the note",
    inputs=frozenset({Input.NOTE}),
    outputs=frozenset(FIELDS.values()),
    method=Method.RULES,
    lookup=look_up,
)
