"""The rules of photos: what is kept, what merges do with it, and how it comes into cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from crm_contacts.card_photos import with_brought, with_photo
from crm_contacts.contract import (
    ContactNotFound,
    InvalidPhoto,
    Photo,
    PhotoChanged,
    PhotoFile,
    PhotoNotFound,
    PhotoSize,
    PhotoTooLarge,
)
from crm_contacts.photo_making import NoPhoto, make_photo
from crm_contacts.repository import merges, photo_intakes, photos, reading
from crm_contacts.repository.access import refusal
from crm_contacts.repository.merged import still_merged
from meishi.sdk.context import current_settings, publish
from meishi.sdk.contract import FieldError
from meishi.sdk.plugin import PluginContext


class PhotoService:
    """Implements `Photos`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock

    def of(self, contact_ids: tuple[UUID, ...]) -> tuple[Photo, ...]:
        """Return what is known of the photos of those contacts that have one."""
        return tuple(photos.of(contact_ids))

    def read(self, contact_id: UUID, *, size: PhotoSize = PhotoSize.FULL) -> PhotoFile:
        """Return a photo as a file."""
        found = photos.read(contact_id, size)
        if found is None:
            raise _no_photo(contact_id)
        return found

    def put(self, contact_id: UUID, content: bytes) -> Photo:
        """Give a contact a photo; the file is read before anybody waits for the contact."""
        most: int = current_settings()["max_photo_bytes"]
        if len(content) > most:
            raise PhotoTooLarge(f"A photo has {most} octets at most.")
        if not reading.there(contact_id):
            raise _no_contact(contact_id)
        try:
            made = make_photo(content)
        except NoPhoto as error:
            raise InvalidPhoto(
                error.reason, errors=[FieldError("", error.code, error.reason)]
            ) from error
        if not merges.hold(contact_id):
            raise refusal(contact_id)
        photos.put(contact_id, made, self._clock())
        photo_intakes.forget(contact_id)
        publish(PhotoChanged(contact_id=contact_id))
        return photos.of([contact_id])[0]

    def delete(self, contact_id: UUID) -> None:
        """Take the photo of a contact away."""
        if not merges.hold(contact_id):
            raise refusal(contact_id)
        if not photos.delete(contact_id):
            raise _no_photo(contact_id)
        photo_intakes.forget(contact_id)
        publish(PhotoChanged(contact_id=contact_id))


def with_theirs(documents: Sequence[bytes]) -> Sequence[bytes]:
    """Return documents of contacts, those of contacts with a photo with that among the raw.

    That which a card brought is there already: it stays as it was.
    """
    ids = [msgspec.json.decode(item, type=_Identified).id for item in documents]
    written = dict(zip(ids, documents, strict=True))
    lacking = []
    for contact_id, source in photos.sources(ids).items():
        found = None if source is None else with_brought(written[contact_id], source)
        if found is None:
            lacking.append(contact_id)
        else:
            written[contact_id] = found
    for contact_id, photo in (photos.contents(lacking) if lacking else {}).items():
        written[contact_id] = with_photo(written[contact_id], photo)
    return [written[contact_id] for contact_id in ids]


def previewed(target_id: UUID, source_ids: Sequence[UUID]) -> UUID | None:
    """Return the contact whose photo a merge would leave; None if nobody has one."""
    with_one = photos.sources([target_id, *source_ids])
    return next((found for found in (target_id, *source_ids) if found in with_one), None)


def follow_merge(target_id: UUID, source_ids: Sequence[UUID], at: datetime) -> None:
    """Let a contact without a photo take that of the first of others that has one.

    The others keep theirs: they are deleted, and not shown until they are back.
    """
    if photos.take(target_id, source_ids, at):
        publish(PhotoChanged(contact_id=target_id))


def take_back(target_id: UUID, source_id: UUID, at: datetime) -> None:
    """Take away the photo that a merge brought, as far as nobody has put another in its place.

    The merge is undone already; of others that are still merged, the first that has one gives it.
    """
    if photos.delete(target_id, other_id=source_id):
        others = [found for found, merged_at in still_merged(target_id) if merged_at is not None]
        photos.take(target_id, others, at)
        publish(PhotoChanged(contact_id=target_id))


class _Identified(msgspec.Struct):
    """What of a document says whose it is."""

    id: UUID


def _no_photo(contact_id: UUID) -> PhotoNotFound:
    return PhotoNotFound(f"The contact {contact_id} has no photo.")


def _no_contact(contact_id: UUID) -> ContactNotFound:
    return ContactNotFound(f"There is no contact {contact_id} in this workspace.")
