"""Statements about whose contacts are, and who sees them.

The policies of the database decide who sees and writes what. Whoever gives a contact away writes a
row that they do not see themselves afterwards, so it is written past them, once it is known that
this was theirs to decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contacts.sharing_rules import Kept
from meishi.sdk.database import execute, past_readers

_READ = "SELECT id, version, owner_id, readers, writers FROM crm_contacts.contact"
_GET = f"{_READ} WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL"
_HOLD = f"{_GET} ORDER BY id FOR NO KEY UPDATE"
_ANY = f"{_READ} WHERE id = ANY(%(ids)s::uuid[])"
_THERE = "SELECT id FROM crm_contacts.contact WHERE id = ANY(%(ids)s::uuid[]) ORDER BY id"
_CHANGE = """
    UPDATE crm_contacts.contact
    SET owner_id = %(owner)s, readers = %(readers)s::uuid[], writers = %(writers)s::uuid[],
        version = version + 1, updated_at = %(at)s
    WHERE id = %(id)s
"""
#: Those of a private contact who see it besides its owner go on doing so.
_WITH = """
    CASE WHEN o.readers IS NOT NULL THEN ARRAY(
        SELECT DISTINCT u FROM unnest(array_remove({users}, o.owner_id) || %(to)s::uuid) AS u
        ORDER BY u) END
"""
_HAND_OVER = f"""
    WITH held AS (
        SELECT id, owner_id, readers, writers FROM crm_contacts.contact
        WHERE id = ANY(%(ids)s::uuid[]) AND deleted_at IS NULL
            AND owner_id IS DISTINCT FROM %(to)s::uuid
            AND (%(all)s OR owner_id = %(me)s::uuid OR (owner_id IS NULL AND readers IS NULL))
        ORDER BY id FOR NO KEY UPDATE
    )
    UPDATE crm_contacts.contact c
    SET owner_id = %(to)s, readers = {_WITH.format(users="o.readers")},
        writers = {_WITH.format(users="o.writers")}, version = c.version + 1, updated_at = %(at)s
    FROM held o WHERE c.id = o.id
    RETURNING c.id, c.version - 1, o.owner_id, o.readers, o.writers, c.readers, c.writers
"""


def get(contact_id: UUID) -> Kept | None:
    """Return whose a contact is that who acts sees."""
    found = get_many([contact_id])
    return found[contact_id] if found else None


def get_many(contact_ids: Sequence[UUID]) -> Mapping[UUID, Kept]:
    """Return the same of several, by their ids."""
    return {row[0]: _kept(row) for row in execute(_GET, {"ids": list(contact_ids)})}


def of_any(contact_ids: Sequence[UUID]) -> list[Kept]:
    """Return whose contacts are, deleted ones too."""
    return [_kept(row) for row in execute(_ANY, {"ids": list(contact_ids)})]


def hidden(contact_ids: Sequence[UUID]) -> list[UUID]:
    """Return those of some contacts that there are, deleted ones too, and who acts does not see.

    Mostly they see all of them, and nothing else is asked.
    """
    seen = {found for (found,) in execute(_THERE, {"ids": list(contact_ids)})}
    others = [found for found in contact_ids if found not in seen]
    if not others:
        return []
    with past_readers():
        return [found for (found,) in execute(_THERE, {"ids": others})]


def hold(contact_id: UUID) -> Kept | None:
    """Let nobody else change a contact until the commit, and return whose it is.

    Whoever asks has seen it; whether they may decide about it is asked behind this.
    """
    with past_readers():
        for row in execute(_HOLD, {"ids": [contact_id]}):
            return _kept(row)
    return None


def change(kept: Kept, at: datetime) -> None:
    """Write whose a contact is, which is held."""
    values = {
        "id": kept.contact_id, "at": at, "owner": kept.owner_id,
        "readers": _listed(kept.readers), "writers": _listed(kept.writers),
    }  # fmt: skip
    with past_readers():
        execute(_CHANGE, values)


def hand_over(
    contact_ids: Sequence[UUID], to: UUID, at: datetime, *, me: UUID | None, everything: bool
) -> list[tuple[Kept, Kept]]:
    """Make contacts a member's, as far as that is decided by who acts; return them before, after.

    With `everything` all are; else those of `me`, and what is everybody's and nobody's.
    """
    values = {"ids": list(contact_ids), "to": to, "at": at, "me": me, "all": everything}
    with past_readers():
        rows = execute(_HAND_OVER, values)
    return [(_kept(row[:5]), _kept((row[0], row[1] + 1, to, *row[5:7]))) for row in rows]


def _kept(row: Sequence[Any]) -> Kept:
    found, version, owner_id, readers, writers = row
    return Kept(found, version, owner_id, _users(readers), _users(writers))


def _users(found: Sequence[UUID] | None) -> tuple[UUID, ...] | None:
    return None if found is None else tuple(found)


def _listed(found: Sequence[UUID] | None) -> list[UUID] | None:
    return None if found is None else list(found)
