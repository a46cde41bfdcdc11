"""What contacts look like: one photo for each, made anew of what somebody brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ContactNotFound, ContactReadOnly
from meishi.sdk.contract import DomainError, command, query


class PhotoNotFound(DomainError):
    """The contact has no photo, or there is no such contact."""

    code = "photo-not-found"
    title = "Photo not found"
    status = 404


class InvalidPhoto(DomainError):
    """The file is no picture that can become the photo of a contact."""

    code = "invalid-photo"
    title = "Invalid photo"
    status = 422


class PhotoTooLarge(DomainError):
    """The file has more octets than a photo may have."""

    code = "photo-too-large"
    title = "Photo too large"
    status = 413


class PhotoSize(StrEnum):
    """How large a photo is wanted: as it is kept, or as lists show it."""

    FULL = "full"
    THUMBNAIL = "thumbnail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """What is known of a photo: its type, pixels and octets, and a digest that stands for it.

    `other_id` is the contact from which a merge took it, `import_id` the import with whose card it
    came; somebody has brought it where there is none.
    """

    contact_id: UUID
    media_type: str
    width: int
    height: int
    size: int
    digest: str
    changed_at: datetime
    other_id: UUID | None = None
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFile:
    """A photo as a file."""

    media_type: str
    body: bytes


class Photos(Protocol):
    """The photos of contacts of the current workspace.

    Those of a deleted contact are not there until it is restored. A contact that has none takes
    that of a contact that is merged into it, and gives it back when the merge is taken back. Those
    in the cards of imports become photos by `PhotoIntakes`.
    """

    @query()
    def of(self, contact_ids: tuple[UUID, ...]) -> tuple[Photo, ...]:
        """Return what is known of the photos of those contacts that have one, in no order."""
        ...

    @query(errors=(PhotoNotFound,))
    def read(self, contact_id: UUID, *, size: PhotoSize = PhotoSize.FULL) -> PhotoFile:
        """Return a photo as a file."""
        ...

    @command(errors=(ContactNotFound, ContactReadOnly, InvalidPhoto, PhotoTooLarge))
    def put(self, contact_id: UUID, content: bytes) -> Photo:
        """Give a contact a photo, in place of the one that it may have; emits `photo.changed.v1`.

        A JPEG, PNG, WebP or GIF (of which the first picture counts) is turned as it was taken,
        made no larger than 512 pixels on a side, and written anew: nothing else that was in the
        file is kept.

        :raises InvalidPhoto: if it is none of these, broken, or of too many pixels
        :raises PhotoTooLarge: if it has more octets than `max_photo_bytes`
        """
        ...

    @command(errors=(ContactNotFound, ContactReadOnly, PhotoNotFound))
    def delete(self, contact_id: UUID) -> None:
        """Take the photo of a contact away; emits `photo.changed.v1`."""
        ...
