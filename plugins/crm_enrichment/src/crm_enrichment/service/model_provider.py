"""What a language model reads in the notes of contacts."""

from __future__ import annotations

from collections.abc import Iterator

from crm_enrichment.contract import (
    Extractions,
    Finding,
    Input,
    Method,
    Provider,
    Subject,
)
from crm_enrichment.extracts import FIELDS, findings_of, is_of_another
from crm_enrichment.service.endpoint import is_configured
from meishi.sdk.context import aside, current_settings, service

#: Where all of it comes from: the same place as that of the provider without a model.
NOTE = "note"


def look_up(subjects: tuple[Subject, ...]) -> tuple[Finding, ...]:
    """Return what a model quotes of notes; nothing where the deployment has none."""
    with aside():
        configured = is_configured(current_settings())
    if not configured:
        return ()
    return tuple(finding for subject in subjects for finding in _found(subject))


def _found(subject: Subject) -> Iterator[Finding]:
    extracts = service(Extractions).read(subject.note or "", by_model=True)
    if is_of_another(extracts, subject.name):
        return
    quoted = [item for item in extracts if item.method is Method.MODEL]
    yield from findings_of(subject.contact_id, quoted, NOTE, subject.default_region)


SIGNATURE_MODEL = Provider(
    name="signature_model",
    title="Language model on the note",
    inputs=frozenset({Input.NOTE}),
    outputs=frozenset(FIELDS.values()),
    method=Method.MODEL,
    lookup=look_up,
    network=True,
    batch=1,
)
