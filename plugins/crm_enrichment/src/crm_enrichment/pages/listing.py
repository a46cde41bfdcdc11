"""What waits for a decision, of all contacts."""

from __future__ import annotations

from uuid import UUID

from flask import Response

from crm_contacts.contract import Contacts
from crm_enrichment.contract import Field, Proposals, ProposalState
from crm_enrichment.pages.words import FIELDS, field_title, shown_value
from crm_enrichment.schemas import ProposalQuerySchema
from meishi.sdk.context import service
from meishi.sdk.contract import DocumentPage
from meishi.sdk.pages import next_page_url, page_query, render

_PAGE = "50"


def proposal_list() -> Response:
    """Show proposals that wait, newest first, with the names of their contacts."""
    wanted = page_query(ProposalQuerySchema, limit=_PAGE)
    asked = {condition.field: condition.value for condition in wanted.conditions}
    field = Field(asked["field"]) if "field" in asked else None
    page = service(Proposals).page(
        state=ProposalState.PROPOSED,
        field=field,
        after=UUID(wanted.after[0]) if wanted.after else None,
        limit=wanted.limit,
    )
    contacts = service(Contacts).find(tuple({item.contact_id for item in page.items}))
    position = None if page.next_after is None else (str(page.next_after),)
    return render(
        "crm_enrichment/proposals.html",
        proposals=page.items,
        names={contact.id: contact.name.full for contact in contacts},
        field=field,
        fields=FIELDS,
        field_title=field_title,
        shown_value=shown_value,
        next_url=next_page_url(DocumentPage(items=(), position=position), wanted),
    )
