"""Imports that began and did not come to their end, known again by what they read."""

from __future__ import annotations

from uuid import UUID

from meishi.sdk.database import execute

#: Files are stored in pieces of one size, so equal ones have equal pieces.
_SAME = """
    SELECT o.id, o.operation_id FROM crm_contacts.contact_import n
    JOIN crm_contacts.contact_import o ON o.id <> n.id AND o.state = 'running' AND o.size = n.size
        AND (o.format, o.shape, o.charset, o.delimiter, o.headerless_columns, o.mapping::text)
            IS NOT DISTINCT FROM
            (n.format, n.shape, n.charset, n.delimiter, n.headerless_columns, n.mapping::text)
    WHERE n.id = %(id)s
        AND NOT EXISTS (SELECT FROM crm_contacts.import_undo u WHERE u.import_id = o.id)
        AND NOT EXISTS (
            SELECT FROM crm_contacts.import_piece p
            WHERE p.import_id = n.id AND NOT EXISTS (
                SELECT FROM crm_contacts.import_piece q
                WHERE q.import_id = o.id AND q.number = p.number AND q.content = p.content))
    ORDER BY o.id DESC
"""


def of_same_file(import_id: UUID) -> list[tuple[UUID, UUID | None]]:
    """Return other imports of the same file that is read the same, the newest first.

    With each of them comes the operation that works on it, or did.
    """
    return [(found, operation) for found, operation in execute(_SAME, {"id": import_id})]
