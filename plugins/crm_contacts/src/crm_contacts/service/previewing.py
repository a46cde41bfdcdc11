"""What would become of rows, before anything stored is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from crm_contacts.candidates import SUPPRESSED
from crm_contacts.contract import PreviewRow
from crm_contacts.importing import reached_by, suppressed
from crm_contacts.normalisation import normalised
from crm_contacts.sources import ReadSource
from crm_contacts.validation import draft_errors


def previewed(sources: Iterable[ReadSource], region: str | None) -> tuple[PreviewRow, ...]:
    """Return what would become of rows, as far as that can be told without what is stored."""
    rows = [_preview(source, region) for source in sources]
    erased = suppressed(row.draft for row in rows if row.draft is not None)
    return tuple(
        replace(row, draft=None, reason=SUPPRESSED, problems=())
        if row.draft is not None and erased & reached_by(row.draft)
        else row
        for row in rows
    )


def _preview(source: ReadSource, region: str | None) -> PreviewRow:
    row = PreviewRow(index=source.index, line=source.line, draft=None, reason=source.fault)
    if source.draft is None:
        return row
    errors = tuple(draft_errors(source.draft))
    if errors:
        reason = f"{errors[0].pointer}: {errors[0].message}"
        return replace(row, draft=source.draft, reason=reason, problems=errors)
    return replace(row, draft=normalised(source.draft, region))
