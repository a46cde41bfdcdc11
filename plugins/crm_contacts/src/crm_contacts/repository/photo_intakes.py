"""Photos in the cards of imports: which of them wait, and what became of the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from crm_contacts.contract import PhotoIntake
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute, past_readers

#: A contact of which the import brings another one than before waits again.
_ADD = """
    INSERT INTO crm_contacts.import_photo (workspace_id, import_id, contact_id, source, taken)
    SELECT %(workspace)s, %(import)s, id, source, false
    FROM unnest(%(ids)s::uuid[], %(sources)s::text[]) AS t (id, source)
    ON CONFLICT (workspace_id, import_id, contact_id)
        DO UPDATE SET source = excluded.source, taken = false
    RETURNING coalesce(old.taken, true)
"""
_FIND = """
    INSERT INTO crm_contacts.photo_intake AS i
        (workspace_id, import_id, found, taken, unfit, beyond, octets)
    VALUES (%(workspace)s, %(import)s, %(found)s, 0, 0, 0, 0)
    ON CONFLICT (workspace_id, import_id) DO UPDATE SET found = i.found + excluded.found
"""
_GET = """
    SELECT found, taken, unfit, beyond, operation_id, (
        SELECT count(*) FROM crm_contacts.import_photo p
        WHERE p.import_id = i.import_id AND NOT p.taken)
    FROM crm_contacts.photo_intake i WHERE import_id = %(import)s
"""
_WAITING = """
    SELECT contact_id, source FROM crm_contacts.import_photo
    WHERE import_id = %(import)s AND NOT taken ORDER BY contact_id LIMIT %(limit)s
"""
_SOURCES = """
    SELECT contact_id, source FROM crm_contacts.import_photo
    WHERE import_id = %(import)s AND contact_id = ANY(%(contacts)s::uuid[]) AND NOT taken
"""
#: As they stand in the raw properties of a contact that is there.
_IN_CARD = """
    SELECT item ->> 'value' FROM crm_contacts.contact c, json_array_elements(c.raw) AS item
    WHERE c.id = %(contact)s AND c.deleted_at IS NULL AND upper(item ->> 'name') = 'PHOTO'
"""
_TAKE = """
    UPDATE crm_contacts.import_photo SET taken = true
    WHERE import_id = %(import)s AND contact_id = %(contact)s AND NOT taken RETURNING contact_id
"""
_LEAVE = """
    DELETE FROM crm_contacts.import_photo
    WHERE import_id = %(import)s AND contact_id = ANY(%(contacts)s::uuid[]) AND NOT taken
"""
_COUNT = """
    UPDATE crm_contacts.photo_intake SET taken = taken + %(taken)s, unfit = unfit + %(unfit)s,
        beyond = beyond + %(beyond)s, octets = octets + %(octets)s
    WHERE import_id = %(import)s
"""
_LEAVE_ALL = """
    DELETE FROM crm_contacts.import_photo WHERE import_id = %(import)s AND NOT taken
    RETURNING contact_id
"""
#: Of each contact that of the last import but the one, of those that are not undone.
_WAIT_AGAIN = """
    WITH earlier AS (
        SELECT DISTINCT ON (p.contact_id) p.import_id, p.contact_id
        FROM crm_contacts.import_photo p
        WHERE p.contact_id = ANY(%(contacts)s::uuid[]) AND p.import_id <> %(import)s AND p.taken
            AND NOT EXISTS (
                SELECT FROM crm_contacts.import_undo u WHERE u.import_id = p.import_id)
        ORDER BY p.contact_id, p.import_id DESC
    )
    UPDATE crm_contacts.import_photo p SET taken = false FROM earlier e
    WHERE p.import_id = e.import_id AND p.contact_id = e.contact_id RETURNING p.import_id
"""
_NOT_TAKEN = """
    UPDATE crm_contacts.photo_intake SET taken = taken - %(count)s WHERE import_id = %(import)s
"""


def add(import_id: UUID, sources: Mapping[UUID, str]) -> None:
    """Let photos of contacts wait that the cards of an import brought; none adds nothing."""
    if not sources:
        return
    found = execute(
        _ADD,
        {
            "workspace": current_workspace(), "import": import_id,
            "ids": list(sources), "sources": list(sources.values()),
        },
    )  # fmt: skip
    _find(import_id, sum(is_new for (is_new,) in found))


def get(import_id: UUID) -> PhotoIntake:
    """Return what became of the photos of an import: kept is what is counted as nothing else."""
    with past_readers():
        rows = execute(_GET, {"import": import_id})
    for found, taken, unfit, beyond, operation_id, waiting in rows:
        return PhotoIntake(
            import_id=import_id, found=found, taken=taken, unfit=unfit, beyond=beyond,
            kept=found - taken - unfit - beyond - waiting, operation_id=operation_id,
        )  # fmt: skip
    return PhotoIntake(import_id=import_id)


def octets(import_id: UUID) -> int:
    """Return how many octets an import has brought in photos."""
    found = execute(
        "SELECT octets FROM crm_contacts.photo_intake WHERE import_id = %(import)s",
        {"import": import_id},
    )
    return int(found[0][0]) if found else 0


def waiting(import_id: UUID, limit: int) -> dict[UUID, str]:
    """Return contacts whose photo waits, with its source, in order of ids; hidden ones, too."""
    with past_readers():
        return dict(execute(_WAITING, {"import": import_id, "limit": limit}))


def sources(import_id: UUID, contact_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the sources of photos of contacts that wait; hidden ones, too."""
    values = {"import": import_id, "contacts": list(contact_ids)}
    with past_readers():
        return dict(execute(_SOURCES, values))


def in_card(contact_id: UUID) -> list[str]:
    """Return the values of the photos among the raw properties of a contact."""
    return [value for (value,) in execute(_IN_CARD, {"contact": contact_id})]


def take(import_id: UUID, contact_id: UUID) -> bool:
    """Note that a contact has the photo of an import; tell whether that waited."""
    return bool(execute(_TAKE, {"import": import_id, "contact": contact_id}))


def leave(import_id: UUID, contact_ids: Sequence[UUID]) -> None:
    """Let photos of contacts wait no longer."""
    with past_readers():
        execute(_LEAVE, {"import": import_id, "contacts": list(contact_ids)})


def leave_all(import_id: UUID) -> int:
    """Let no photo of an import wait any longer; return how many did."""
    with past_readers():
        return len(execute(_LEAVE_ALL, {"import": import_id}))


def count(import_id: UUID, counts: Mapping[str, int], size: int) -> None:
    """Add to what became of the photos of an import, and octets to those that it brought."""
    values = {name: counts.get(name, 0) for name in ("taken", "unfit", "beyond")}
    execute(_COUNT, {"import": import_id, "octets": size, **values})


def wait_again(contact_ids: Sequence[UUID], import_id: UUID) -> list[UUID]:
    """Let photos wait that one import had replaced by others; return the imports they are of."""
    rows = execute(_WAIT_AGAIN, {"contacts": list(contact_ids), "import": import_id})
    counted = Counter(found for (found,) in rows)
    for found, number in sorted(counted.items()):
        execute(_NOT_TAKEN, {"import": found, "count": number})
    return sorted(counted)


def forget(contact_id: UUID) -> None:
    """Forget which imports brought photos of a contact, or will: somebody has decided by now."""
    execute(
        "DELETE FROM crm_contacts.import_photo WHERE contact_id = %(contact)s",
        {"contact": contact_id},
    )


def set_operation(import_id: UUID, operation_id: UUID) -> None:
    """Write down which operation takes the photos of an import."""
    _find(import_id, 0)
    execute(
        "UPDATE crm_contacts.photo_intake SET operation_id = %(operation)s"
        " WHERE import_id = %(import)s",
        {"import": import_id, "operation": operation_id},
    )


def _find(import_id: UUID, number: int) -> None:
    values = {"workspace": current_workspace(), "import": import_id, "found": number}
    execute(_FIND, values)
