"""Under which contents and UIDs contacts came in, so that a copy is known again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import bindparam, func, select

from crm_contacts.card_relations import named_id
from crm_contacts.models import contact, fingerprint
from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection, execute, past_readers

_ADD = """
    INSERT INTO crm_contacts.fingerprint AS f (workspace_id, content_key, contact_id)
    SELECT %(workspace)s, * FROM unnest(%(keys)s::bytea[], %(contacts)s::uuid[])
    ON CONFLICT (workspace_id, content_key) DO UPDATE SET contact_id = excluded.contact_id
        WHERE EXISTS (
            SELECT FROM crm_contacts.contact c
            WHERE c.id = f.contact_id AND c.deleted_at IS NOT NULL
        )
"""


def add(keys: Mapping[bytes, UUID]) -> None:
    """Remember under which contents and UIDs contacts came in.

    Known ones stay as they are, unless their contact was deleted since. They are written in
    their order, so that two transactions never wait for each other.
    """
    if not keys:
        return
    ordered = sorted(keys)
    values = {
        "workspace": current_workspace(),
        "keys": ordered,
        "contacts": [keys[key] for key in ordered],
    }
    with past_readers():
        execute(_ADD, values)


def ids_by_key(keys: Collection[bytes]) -> dict[bytes, UUID]:
    """Return which contacts came in under which of some contents and UIDs, deleted ones too."""
    if not keys:
        return {}
    statement = select(fingerprint.c.content_key, fingerprint.c.contact_id).where(
        fingerprint.c.content_key == func.any(bindparam("keys", list(keys)))
    )
    return {row.content_key: row.contact_id for row in current_connection().execute(statement)}


def ids_by_uid(uids: Collection[str]) -> dict[str, UUID]:
    """Return which contacts have which of some UIDs."""
    if not uids:
        return {}
    statement = select(contact.c.uid, contact.c.id).where(
        contact.c.uid == func.any(bindparam("uids", list(uids))),
        contact.c.deleted_at.is_(None),
    )
    return {row.uid: row.id for row in current_connection().execute(statement)}


def ids_by_own_uid(uids: Collection[str]) -> dict[str, UUID]:
    """Return which contacts without a UID are called so in cards (`own_uid`)."""
    named = {found: uid for uid in uids if (found := named_id(uid)) is not None}
    if not named:
        return {}
    statement = select(contact.c.id).where(
        contact.c.id == func.any(bindparam("ids", list(named))),
        contact.c.uid.is_(None),
        contact.c.deleted_at.is_(None),
    )
    return {named[row.id]: row.id for row in current_connection().execute(statement)}


def uids_of_others(uids: Collection[str]) -> set[str]:
    """Return which of some UIDs are those of contacts that who acts does not see."""
    if not uids:
        return set()
    seen = ids_by_uid(uids)
    with past_readers():
        return ids_by_uid(uids).keys() - seen.keys()
