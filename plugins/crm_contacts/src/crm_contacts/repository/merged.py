"""Who is merged into a contact, for what stands beside contacts and follows their merges."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from meishi.sdk.database import execute

#: Whose last merge is into it still; who is erased is merged into it, and nobody knows when.
_STILL_MERGED = """
    SELECT c.id, (
        SELECT m.merged_at FROM crm_contacts.contact_merge m
        WHERE m.source_id = c.id AND m.target_id = %(target)s ORDER BY m.id DESC LIMIT 1)
    FROM crm_contacts.contact c WHERE c.merged_into = %(target)s ORDER BY 2, c.id
"""


def still_merged(target_id: UUID) -> list[tuple[UUID, datetime | None]]:
    """Return the contacts that are merged into one, and when; None where nobody knows that.

    In the order in which they were merged.
    """
    return [(found, at) for found, at in execute(_STILL_MERGED, {"target": target_id})]
