"""Statements about the photos of contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import Photo, PhotoFile, PhotoSize
from crm_contacts.photo_making import MEDIA_TYPE, MadePhoto
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute

_TABLE = "crm_contacts.contact_photo"
_THERE = (
    "EXISTS (SELECT FROM crm_contacts.contact c WHERE c.id = p.contact_id AND c.deleted_at IS NULL)"
)
_OF = f"""
    SELECT p.contact_id, p.media_type, p.width, p.height, length(p.content), p.digest,
        p.changed_at, p.other_id, p.origin_id
    FROM {_TABLE} p WHERE p.contact_id = ANY(%(ids)s::uuid[]) AND {_THERE}
"""
_COLUMNS = {PhotoSize.FULL: "content", PhotoSize.THUMBNAIL: "thumbnail"}
_PUT = f"""
    INSERT INTO {_TABLE} (workspace_id, contact_id, media_type, width, height, digest, content,
        thumbnail, other_id, changed_at, origin_id, source)
    VALUES (%(workspace)s, %(contact)s, %(media_type)s, %(width)s, %(height)s, %(digest)s,
        %(content)s, %(thumbnail)s, NULL, %(at)s, %(import)s, %(source)s)
    ON CONFLICT (workspace_id, contact_id) DO UPDATE SET media_type = excluded.media_type,
        width = excluded.width, height = excluded.height, digest = excluded.digest,
        content = excluded.content, thumbnail = excluded.thumbnail, other_id = NULL,
        changed_at = excluded.changed_at, origin_id = excluded.origin_id, source = excluded.source
"""
#: That of the first of several which has one.
_TAKE = f"""
    INSERT INTO {_TABLE} (workspace_id, contact_id, media_type, width, height, digest, content,
        thumbnail, other_id, changed_at, origin_id, source)
    SELECT p.workspace_id, %(target)s, p.media_type, p.width, p.height, p.digest, p.content,
        p.thumbnail, p.contact_id, %(at)s, p.origin_id, p.source
    FROM {_TABLE} p JOIN unnest(%(sources)s::uuid[]) WITH ORDINALITY AS s (id, place)
        ON s.id = p.contact_id
    ORDER BY s.place LIMIT 1
    ON CONFLICT DO NOTHING RETURNING contact_id
"""
#: Those that merges took from contacts, and took further.
_DELETE_TAKEN = f"""
    WITH RECURSIVE looks (contact_id) AS (
        SELECT id FROM unnest(%(ids)s::uuid[]) AS t (id)
        UNION
        SELECT p.contact_id FROM {_TABLE} p JOIN looks l ON p.other_id = l.contact_id
    )
    DELETE FROM {_TABLE} p WHERE p.other_id IN (TABLE looks) RETURNING p.contact_id
"""
_DOCUMENTS = f"""
    SELECT contact_id, json_build_object('contact_id', contact_id, 'media_type', media_type,
        'changed_at', changed_at, 'import_id', origin_id,
        'content', translate(encode(content, 'base64'), E'\\n', ''))::text
    FROM {_TABLE} WHERE contact_id = ANY(%(ids)s::uuid[]) ORDER BY contact_id
"""
#: That a merge took from another contact is that contact's.
_DELETE_OF_IMPORT = f"""
    DELETE FROM {_TABLE} WHERE contact_id = ANY(%(ids)s::uuid[]) AND origin_id = %(import)s
        AND other_id IS NULL RETURNING contact_id
"""


@dataclass(frozen=True, slots=True)
class CardOrigin:
    """The import whose card a photo was in, and what stands for it there."""

    import_id: UUID
    source: str


def of(contact_ids: Sequence[UUID]) -> list[Photo]:
    """Return what is known of the photos of contacts that are there."""
    return [
        Photo(
            contact_id=found, media_type=media_type, width=width, height=height, size=size,
            digest=digest, changed_at=at, other_id=other, import_id=import_id,
        )
        for found, media_type, width, height, size, digest, at, other, import_id in execute(
            _OF, {"ids": list(contact_ids)}
        )
    ]  # fmt: skip


def read(contact_id: UUID, size: PhotoSize) -> PhotoFile | None:
    """Return the photo of a contact that is there."""
    statement = (
        f"SELECT p.media_type, p.{_COLUMNS[size]} FROM {_TABLE} p"
        f" WHERE p.contact_id = %(id)s AND {_THERE}"
    )
    for media_type, content in execute(statement, {"id": contact_id}):
        return PhotoFile(media_type=media_type, body=bytes(content))
    return None


def contents(contact_ids: Sequence[UUID]) -> Mapping[UUID, bytes]:
    """Return the photos of those contacts that have one."""
    statement = f"SELECT contact_id, content FROM {_TABLE} WHERE contact_id = ANY(%(ids)s::uuid[])"
    return {found: bytes(content) for found, content in execute(statement, {"ids": contact_ids})}


def sources(contact_ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Return which contacts have a photo, and what it was made of if a card brought it."""
    statement = f"SELECT contact_id, source FROM {_TABLE} WHERE contact_id = ANY(%(ids)s::uuid[])"
    return dict(execute(statement, {"ids": list(contact_ids)}))


def put(contact_id: UUID, made: MadePhoto, at: datetime, origin: CardOrigin | None = None) -> None:
    """Write a photo of a contact, in the place of the one that it may have."""
    values = {
        "workspace": current_workspace(), "contact": contact_id, "media_type": MEDIA_TYPE,
        "width": made.width, "height": made.height, "digest": made.digest,
        "content": made.content, "thumbnail": made.thumbnail, "at": at,
        "import": None if origin is None else origin.import_id,
        "source": None if origin is None else origin.source,
    }  # fmt: skip
    execute(_PUT, values)


def delete(contact_id: UUID, *, other_id: UUID | None = None) -> bool:
    """Delete a photo, or only one that came from another contact; tell whether there was one."""
    statement = (
        f"DELETE FROM {_TABLE} WHERE contact_id = %(id)s"
        " AND (%(other)s::uuid IS NULL OR other_id = %(other)s) RETURNING contact_id"
    )
    return bool(execute(statement, {"id": contact_id, "other": other_id}))


def delete_of_import(contact_ids: Sequence[UUID], import_id: UUID) -> list[UUID]:
    """Delete the photos that an import brought to contacts; return whose they were."""
    values = {"ids": list(contact_ids), "import": import_id}
    return [found for (found,) in execute(_DELETE_OF_IMPORT, values)]


def take(target_id: UUID, source_ids: Sequence[UUID], at: datetime) -> bool:
    """Give a contact without a photo that of the first of others with one; tell whether it did."""
    values = {"target": target_id, "sources": list(source_ids), "at": at}
    return bool(execute(_TAKE, values))


def delete_taken(contact_ids: Sequence[UUID]) -> list[UUID]:
    """Delete photos that merges took from contacts; return whose they were."""
    return [found for (found,) in execute(_DELETE_TAKEN, {"ids": list(contact_ids)})]


def documents(contact_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """Return the photos of contacts, deleted ones too: the contact's id and JSON text."""
    return [(found, text) for found, text in execute(_DOCUMENTS, {"ids": list(contact_ids)})]
