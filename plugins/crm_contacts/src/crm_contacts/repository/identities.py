"""By what contacts are known again that another system keeps, too."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.models import contact, email
from crm_contacts.repository import fingerprints
from meishi.sdk.database import execute

_OF_EMAIL = (
    f"SELECT DISTINCT e.contact_id FROM {email.fullname} e JOIN {contact.fullname} c"
    " ON c.workspace_id = e.workspace_id AND c.id = e.contact_id"
    " WHERE e.normalised = %(normalised)s AND c.deleted_at IS NULL"
    " ORDER BY e.contact_id LIMIT %(limit)s"
)


def of_uid(uid: str) -> list[UUID]:
    """Return which contact has a UID, if one has that who acts sees."""
    return [*fingerprints.ids_by_uid([uid]).values()]


def of_email(normalised: str, limit: int) -> list[UUID]:
    """Return which contacts have an email, the oldest first, of those that who acts sees."""
    rows = execute(_OF_EMAIL, {"normalised": normalised, "limit": limit})
    return [row[0] for row in rows]
