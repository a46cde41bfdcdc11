"""What a worker does for the enrichment service."""

from __future__ import annotations

from uuid import UUID

from crm_enrichment.contract import Enrichment, Extractions
from meishi.sdk.context import service
from meishi.sdk.plugin import JobResult


def read_with_model(*, extraction_id: UUID) -> JobResult:
    """Read a text with the language model, and return how much that was."""
    found = service(Extractions).read_again(extraction_id)
    return JobResult(value={"extraction_id": str(found.id), "extracts": len(found.extracts)})


def ask_outside(*, contact_ids: tuple[UUID, ...]) -> None:
    """Ask providers that ask outside about a few contacts."""
    service(Enrichment).ask_outside(contact_ids)


def forget_texts() -> None:
    """Forget the texts whose time is over."""
    service(Extractions).forget_expired()
