"""Contacts as the web API shows them."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import MAX_PAGE, ContactNotFound
from crm_contacts.repository import listing, reading
from crm_contacts.service.queries import listing_of, position_of
from crm_contacts.service.regions import region_for
from meishi.sdk.contract import ChangePage, ChangeQuery, Document, DocumentPage, ListQuery
from meishi.sdk.plugin import PluginContext


class ContactDocumentService:
    """Implements `ContactDocuments`."""

    def __init__(self, _: PluginContext) -> None:
        """Whatever holds here is asked for where it is needed."""

    def get(self, contact_id: UUID) -> Document:
        """Return the document of one contact."""
        found = reading.document(contact_id)
        if found is None:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        return found

    def list(self, wanted: ListQuery) -> DocumentPage:
        """Return documents of contacts: filtered, searched and sorted."""
        numbers = [item.value for item in wanted.conditions if item.field == "phone"]
        texts = [] if wanted.text is None else [wanted.text]
        asked = listing_of(wanted, region_for([*numbers, *texts]))
        size = max(1, min(wanted.limit, MAX_PAGE))
        rows = listing.page(asked, size + 1)
        shown = rows[:size]
        return DocumentPage(
            items=tuple(row[0].encode() for row in shown),
            position=position_of(shown[-1][1:]) if len(rows) > len(shown) else None,
            total=listing.count(asked) if wanted.with_total else None,
        )

    def changes(self, wanted: ChangeQuery) -> ChangePage:
        """Return what has changed since a mark."""
        return reading.changes(wanted)
