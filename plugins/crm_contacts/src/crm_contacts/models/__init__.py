"""Tables of the contact service, all of them under row security."""

from crm_contacts.models.columns import KEPT, LOOKED_UP, metadata
from crm_contacts.models.consents import consent
from crm_contacts.models.contacts import (
    CONTACT_KEYS,
    CONTACT_LOOK_UPS,
    UID_INDEX,
    contact,
)
from crm_contacts.models.custom_fields import custom_field, custom_value
from crm_contacts.models.duplicates import (
    contact_merge,
    duplicate_key,
    duplicate_pair,
    duplicate_scan,
    name_count,
)
from crm_contacts.models.history import contact_change
from crm_contacts.models.imports import (
    contact_import,
    dry_contact,
    dry_key,
    dry_run,
    import_kept,
    import_photo,
    import_piece,
    import_row,
    import_undo,
    photo_intake,
)
from crm_contacts.models.kept_mappings import kept_mapping
from crm_contacts.models.lists import contact_list, list_member, segment
from crm_contacts.models.notes import contact_note
from crm_contacts.models.parts import (
    address,
    email,
    held_position,
    link,
    phone,
)
from crm_contacts.models.photos import contact_photo
from crm_contacts.models.relationships import relationship
from crm_contacts.models.search import contact_word, fingerprint, word
from crm_contacts.models.tags import bulk_edit, contact_tag, tag
from crm_contacts.models.timeline import timeline_entry

__all__ = [
    "CONTACT_KEYS",
    "CONTACT_LOOK_UPS",
    "KEPT",
    "LOOKED_UP",
    "UID_INDEX",
    "address",
    "bulk_edit",
    "consent",
    "contact",
    "contact_change",
    "contact_import",
    "contact_list",
    "contact_merge",
    "contact_note",
    "contact_photo",
    "contact_tag",
    "contact_word",
    "custom_field",
    "custom_value",
    "dry_contact",
    "dry_key",
    "dry_run",
    "duplicate_key",
    "duplicate_pair",
    "duplicate_scan",
    "email",
    "fingerprint",
    "held_position",
    "import_kept",
    "import_photo",
    "import_piece",
    "import_row",
    "import_undo",
    "kept_mapping",
    "link",
    "list_member",
    "metadata",
    "name_count",
    "phone",
    "photo_intake",
    "relationship",
    "segment",
    "tag",
    "timeline_entry",
    "word",
]
