"""Statements about tags themselves, and about the tags of single contacts.

Who writes both locks contacts before tags, and either in the order of their keys, so that no two
transactions wait for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_contacts.contract import Tag, TagColour
from crm_contacts.repository import attached_words
from crm_contacts.repository.names import unique_names
from crm_contacts.tag_names import tag_key
from crm_contacts.words import TAG
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_COLUMNS = "id, name, colour, version, created_at"
_READ = f"SELECT {_COLUMNS} FROM crm_contacts.tag"
_ADD = f"""
    INSERT INTO crm_contacts.tag (workspace_id, {_COLUMNS}, key)
    SELECT %(workspace)s::uuid, id, name, %(colour)s, 1, %(at)s, key
    FROM unnest(%(ids)s::uuid[], %(names)s::text[], %(keys)s::text[]) AS new (id, name, key)
    ORDER BY key ON CONFLICT (workspace_id, key) DO NOTHING RETURNING {_COLUMNS}
"""
#: Nobody deletes or renames them until the commit.
_HOLD = """
    SELECT key, id FROM crm_contacts.tag WHERE key = ANY(%(keys)s::text[])
    ORDER BY key FOR KEY SHARE
"""
_CHANGE = f"""
    UPDATE crm_contacts.tag
    SET name = %(name)s, key = %(key)s, colour = %(colour)s, version = version + 1
    WHERE id = %(id)s AND version = %(version)s RETURNING {_COLUMNS}
"""
_ON = f"""
    {_READ} WHERE id IN (
        SELECT tag_id FROM crm_contacts.contact_tag WHERE contact_id = ANY(%(ids)s::uuid[])
    ) ORDER BY key
"""
_PUT = """
    INSERT INTO crm_contacts.contact_tag (workspace_id, contact_id, tag_id)
    SELECT %(workspace)s::uuid, * FROM unnest(%(contacts)s::uuid[], %(tags)s::uuid[])
    ON CONFLICT DO NOTHING
"""
_KEEP = """
    DELETE FROM crm_contacts.contact_tag
    WHERE contact_id = %(id)s AND NOT tag_id = ANY(%(tags)s::uuid[])
"""


def add(new: Tag) -> bool:
    """Insert a tag; return False if there is one with its name."""
    return bool(_added([new.name], new.colour, new.created_at, lambda: new.id))


def get_many(tag_ids: Sequence[UUID]) -> list[Tag]:
    """Return tags by their ids, in no particular order."""
    return _read(f"{_READ} WHERE id = ANY(%(ids)s::uuid[])", {"ids": list(tag_ids)})


def page(after: UUID | None, limit: int) -> list[Tag]:
    """Return tags in order of creation."""
    values = {"after": after or UUID(int=0), "limit": limit}
    return _read(f"{_READ} WHERE id > %(after)s ORDER BY id LIMIT %(limit)s", values)


def count() -> int:
    """Return how many tags there are."""
    return int(execute("SELECT count(*) FROM crm_contacts.tag", {})[0][0])


def on(contact_ids: Sequence[UUID]) -> list[Tag]:
    """Return the tags that one of some contacts has, by name."""
    return _read(_ON, {"ids": list(contact_ids)})


def known(names: Iterable[str]) -> dict[str, Tag]:
    """Return the tags with some names, by their keys."""
    keys = [tag_key(name) for name in names]
    found = _read(f"{_READ} WHERE key = ANY(%(keys)s::text[])", {"keys": keys})
    return {tag_key(tag.name): tag for tag in found}


def change(tag: Tag, version: int) -> bool:
    """Write name and colour of a tag that has a version; tell whether it had.

    Raises `NameTaken` if another one has the name by now.
    """
    values = {
        "id": tag.id, "version": version, "name": tag.name, "key": tag_key(tag.name),
        "colour": tag.colour.value,
    }  # fmt: skip
    with unique_names():
        return bool(execute(_CHANGE, values))


def delete(tag_ids: Sequence[UUID]) -> int:
    """Delete tags and take them off all contacts; return how many there were."""
    statement = "DELETE FROM crm_contacts.tag WHERE id = ANY(%(ids)s::uuid[]) RETURNING 1"
    return len(execute(statement, {"ids": list(tag_ids)}))


def put(wanted: Mapping[UUID, Sequence[str]], at: datetime, new_id: Callable[[], UUID]) -> None:
    """Add to the tags of contacts; names that are new become tags."""
    names = {tag_key(name): name for found in wanted.values() for name in found}
    if not names:
        return
    ids = _held(names, at, new_id)
    rows = [
        (contact_id, tag_id)
        for contact_id, found in wanted.items()
        for tag_id in dict.fromkeys(ids[tag_key(name)] for name in found)
    ]
    values = {
        "workspace": current_workspace(),
        "contacts": [contact_id for contact_id, _ in rows],
        "tags": [tag_id for _, tag_id in rows],
    }
    execute(_PUT, values)
    attached_words.add(TAG, wanted)


def replace(
    contact_id: UUID, names: Sequence[str], at: datetime, new_id: Callable[[], UUID]
) -> None:
    """Let a contact have these tags and no others."""
    put({contact_id: names}, at, new_id)
    ids = [tag.id for tag in known(names).values()]
    execute(_KEEP, {"id": contact_id, "tags": ids})
    attached_words.put(TAG, {contact_id: names})


def _held(names: Mapping[str, str], at: datetime, new_id: Callable[[], UUID]) -> dict[str, UUID]:
    """Return the ids of tags by key, made where there are none; they stay until the commit."""
    while True:
        found = dict(execute(_HOLD, {"keys": list(names)}))
        missing = [name for key, name in names.items() if key not in found]
        if not missing:
            return found
        # Whoever makes the same one at the same time is waited for, and theirs is taken.
        _added(missing, TagColour.GRAY, at, new_id)


def _added(
    names: Sequence[str], colour: TagColour, at: datetime, new_id: Callable[[], UUID]
) -> list[Tag]:
    values = {
        "workspace": current_workspace(),
        "ids": [new_id() for _ in names],
        "names": list(names),
        "keys": [tag_key(name) for name in names],
        "colour": colour.value,
        "at": at,
    }
    return _read(_ADD, values)


def _read(statement: str, values: dict[str, Any]) -> list[Tag]:
    return [
        Tag(id=found, name=name, colour=TagColour(colour), version=version, created_at=created_at)
        for found, name, colour, version, created_at in execute(statement, values)
    ]
