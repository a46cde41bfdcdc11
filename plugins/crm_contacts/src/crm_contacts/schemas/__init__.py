"""Resource schemas of the contact service."""

from crm_contacts.schemas.contacts import (
    ContactAddressSchema,
    ContactDraftSchema,
    ContactEmailSchema,
    ContactLinkSchema,
    ContactMergeSchema,
    ContactNamePatchSchema,
    ContactNameSchema,
    ContactPageSchema,
    ContactPatchSchema,
    ContactPhoneSchema,
    ContactRawSchema,
    ContactSchema,
)
from crm_contacts.schemas.imports import (
    ContactImportSchema,
    ImportCountsSchema,
    ImportPageSchema,
    ImportRowPageSchema,
    ImportRowSchema,
)
from crm_contacts.schemas.relationships import (
    RelationshipDraftSchema,
    RelationshipPageSchema,
    RelationshipSchema,
)

RESOURCES = (
    ContactNameSchema,
    ContactEmailSchema,
    ContactPhoneSchema,
    ContactLinkSchema,
    ContactAddressSchema,
    ContactRawSchema,
    ContactDraftSchema,
    ContactSchema,
    ContactNamePatchSchema,
    ContactPatchSchema,
    ContactMergeSchema,
    ContactPageSchema,
    ImportCountsSchema,
    ContactImportSchema,
    ImportPageSchema,
    ImportRowSchema,
    ImportRowPageSchema,
    RelationshipDraftSchema,
    RelationshipSchema,
    RelationshipPageSchema,
)
