"""The contact service's rules."""

from crm_contacts.service.contacts import ContactService
from crm_contacts.service.documents import ContactDocumentService
from crm_contacts.service.imports import ImportService
from crm_contacts.service.relationships import RelationshipService

__all__ = ["ContactDocumentService", "ContactService", "ImportService", "RelationshipService"]
