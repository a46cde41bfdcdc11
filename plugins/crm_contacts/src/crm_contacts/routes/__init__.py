"""The web API of the contact service: parse, call the contract, serialise."""

from crm_contacts.routes import (
    bulk_edits,
    consents,
    contacts,
    custom_fields,
    duplicates,
    history,
    import_mappings,
    import_undos,
    imports,
    lists,
    merges,
    notes,
    photos,
    relationships,
    segments,
    tags,
    timelines,
)
from crm_contacts.routes.blueprint import blueprint

__all__ = [
    "blueprint",
    "bulk_edits",
    "consents",
    "contacts",
    "custom_fields",
    "duplicates",
    "history",
    "import_mappings",
    "import_undos",
    "imports",
    "lists",
    "merges",
    "notes",
    "photos",
    "relationships",
    "segments",
    "tags",
    "timelines",
]
