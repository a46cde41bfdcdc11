"""Writing many contacts at once, table by table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from crm_contacts.contract import Contact, ContactDraft
from crm_contacts.lookups import Lookups, lookups_of
from crm_contacts.models import KEPT, contact, contact_word, duplicate_key, word
from crm_contacts.repository.copying import (
    copy_rows,
    copy_text,
    insert_staged,
    run,
    staged,
    staged_lines,
)
from crm_contacts.repository.writing import VersionGone, unique_uids
from crm_contacts.rows import PARTS, contact_values, part_values
from crm_contacts.words import OF_DRAFT
from meishi.sdk.changes import CHANGED
from meishi.sdk.context import current_actor

_LATER = frozenset({"deleted_at", "erased_at", "merged_into", *KEPT, CHANGED})
_CONTACT = tuple(
    column.name for column in contact.columns if column.name not in {"workspace_id", *_LATER}
)
_FIRST_VERSION = 1


def store(
    new: Mapping[UUID, ContactDraft],
    changed: Mapping[UUID, tuple[Contact, ContactDraft]],
    at: datetime,
    made: Mapping[UUID, Lookups] = MappingProxyType({}),
) -> None:
    """Insert normalised contacts of who acts, and make others, which were so, what they are now.

    What some are looked up by may have been `made` before.
    Raises `UidTaken` if a UID is in use, `VersionGone` if a contact is not what it was any
    more. Contacts come before words, as with all who write both, so that no two transactions
    wait for each other.
    """
    drafts = {**new, **{key: after for key, (_, after) in changed.items()}}
    versions = {key: before.version + 1 for key, (before, _) in changed.items()}
    _store_contacts(drafts, versions, at)
    for name, table in PARTS.items():
        columns = [
            column.name for column in table.columns if column.name not in {"workspace_id", *KEPT}
        ]
        rows = [
            [contact_id if found == "contact_id" else values[found] for found in columns]
            for contact_id, draft in drafts.items()
            for values in part_values(draft, name)
        ]
        if rows:
            copy_rows(table, columns, rows)
    lookups = {key: made.get(key) or lookups_of(draft) for key, draft in drafts.items()}
    _store_words(lookups)
    lines = [f"{key}\t{found}\n" for found, item in lookups.items() for key in item.keys]
    if lines:
        with staged_lines(duplicate_key, ("key", "contact_id"), lines):
            insert_staged(duplicate_key, ("key", "contact_id"))


def _store_contacts(
    drafts: Mapping[UUID, ContactDraft], versions: Mapping[UUID, int], at: datetime
) -> None:
    rows, owner = [], current_actor().user_id
    for contact_id, draft in drafts.items():
        values = contact_values(draft)
        values |= {"id": contact_id, "created_at": at, "updated_at": at, "owner_id": owner}
        values["version"] = versions.get(contact_id, _FIRST_VERSION)
        rows.append([values[name] for name in _CONTACT])
    with staged(contact, _CONTACT, rows), unique_uids():
        if versions:
            _change(list(versions))
        insert_staged(contact, _CONTACT)


def _change(contact_ids: Sequence[UUID]) -> None:
    """Change the contacts that wait beside the new ones, and take their other rows away."""
    names = [name for name in _CONTACT if name not in {"id", "created_at", "owner_id"}]
    changed = run(
        f"WITH changed AS (DELETE FROM pg_temp.{contact.name} WHERE version > {_FIRST_VERSION}"
        f" RETURNING *) UPDATE {contact.fullname} c"
        f" SET {', '.join(f'{name} = n.{name}' for name in names)} FROM changed n"
        " WHERE c.id = n.id AND c.version = n.version - 1 AND c.deleted_at IS NULL"
    )
    if changed < len(contact_ids):
        raise VersionGone
    for table in (*PARTS.values(), duplicate_key):
        run(f"DELETE FROM {table.fullname} WHERE contact_id = ANY(%(ids)s)", ids=contact_ids)
    run(
        f"DELETE FROM {contact_word.fullname} WHERE contact_id = ANY(%(ids)s)"
        " AND weight = ANY(%(weights)s)",
        ids=contact_ids,
        weights=list(OF_DRAFT),
    )


def _store_words(lookups: Mapping[UUID, Lookups]) -> None:
    columns = ("contact_id", "word", "weight")
    lines = (
        f"{key}\t{copy_text(found)}\t{weight}\n"
        for key, item in ((str(contact_id), item) for contact_id, item in lookups.items())
        for found, weight in item.words.items()
    )
    with staged_lines(contact_word, columns, lines):
        # In their order: of two transactions with the same new words, neither waits for the other.
        run(
            f"INSERT INTO {word.fullname} (workspace_id, word)"
            f" SELECT %(workspace)s::uuid, word FROM pg_temp.{contact_word.name}"
            " GROUP BY word ORDER BY word ON CONFLICT DO NOTHING"
        )
        insert_staged(contact_word, columns, order="word, contact_id")
