"""What was found about a contact, on its page."""

from __future__ import annotations

from uuid import UUID

from crm_enrichment.contract import Proposals, ProposalState
from crm_enrichment.pages.words import field_title, shown_value
from meishi.sdk.context import service
from meishi.sdk.pages import render

_SHOWN = 20


def contact_proposals(contact_id: UUID) -> str | None:
    """Return what waits for a decision and what was taken over; None where there is nothing."""
    waiting = service(Proposals).page(
        contact_id=contact_id, state=ProposalState.PROPOSED, limit=_SHOWN
    )
    known = service(Proposals).known((contact_id,))
    if not waiting.items and not known:
        return None
    shown = render(
        "crm_enrichment/panel.html",
        contact_id=contact_id,
        waiting=waiting.items,
        known=known,
        field_title=field_title,
        shown_value=shown_value,
    )
    return shown.get_data(as_text=True)
