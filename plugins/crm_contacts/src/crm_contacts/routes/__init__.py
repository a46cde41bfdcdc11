"""The web API of the contact service: parse, call the contract, serialise."""

from crm_contacts.routes import contacts, imports, relationships
from crm_contacts.routes.blueprint import blueprint

__all__ = ["blueprint", "contacts", "imports", "relationships"]
