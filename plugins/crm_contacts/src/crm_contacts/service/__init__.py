"""The contact service's rules."""

from crm_contacts.service.contacts import ContactService
from crm_contacts.service.documents import ContactDocumentService

__all__ = ["ContactDocumentService", "ContactService"]
