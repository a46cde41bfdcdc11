"""Resource schemas of the contact service."""

from crm_contacts.schemas.contacts import (
    ContactAddressSchema,
    ContactDraftSchema,
    ContactEmailSchema,
    ContactLinkSchema,
    ContactNameSchema,
    ContactPageSchema,
    ContactPhoneSchema,
    ContactRawSchema,
    ContactSchema,
)
from crm_contacts.schemas.imports import CardOutcomeSchema, ContactImportSchema

RESOURCES = (
    ContactNameSchema,
    ContactEmailSchema,
    ContactPhoneSchema,
    ContactLinkSchema,
    ContactAddressSchema,
    ContactRawSchema,
    ContactDraftSchema,
    ContactSchema,
    ContactPageSchema,
    CardOutcomeSchema,
    ContactImportSchema,
)
