"""Contacts as the web API shows them."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import ContactNotFound
from crm_contacts.repository import reading
from meishi.sdk.contract import Document
from meishi.sdk.plugin import PluginContext


class ContactDocumentService:
    """Implements `ContactDocuments`."""

    def __init__(self, context: PluginContext) -> None:
        del context  # reading needs neither clock nor settings

    def get(self, contact_id: UUID) -> Document:
        """Return the document of one contact."""
        found = reading.document(contact_id)
        if found is None:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        return found
