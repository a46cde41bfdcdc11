"""The photo of a contact on its page and in lists: shown, brought, and taken away."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    InvalidPhoto,
    PhotoNotFound,
    Photos,
    PhotoSize,
    PhotoTooLarge,
)
from meishi.sdk.context import current_settings, service
from meishi.sdk.http import cached_response
from meishi.sdk.pages import ToastKind, redirect, toast
from meishi.sdk.texts import gettext as _


def photo_digests(contact_ids: Iterable[UUID]) -> dict[str, str]:
    """Return what stands for the photos of those contacts that have one, by their ids."""
    wanted = tuple(contact_ids)
    found = service(Photos).of(wanted) if wanted else ()
    return {str(photo.contact_id): photo.digest for photo in found}


def contact_photo(contact_id: UUID) -> Response:
    """Send the photo of a contact."""
    return _photo(contact_id, PhotoSize.FULL)


def contact_thumbnail(contact_id: UUID) -> Response:
    """Send the photo of a contact as lists show it."""
    return _photo(contact_id, PhotoSize.THUMBNAIL)


def put_photo(contact_id: UUID) -> Response:
    """Take a photo, and show the contact again."""
    upload = request.files.get("photo")
    if upload is None or not upload.filename:
        toast(_("Choose a file first."), ToastKind.DANGER)
        return redirect(f"/contacts/{contact_id}")
    most: int = current_settings()["max_photo_bytes"]
    try:
        service(Photos).put(contact_id, upload.stream.read(most + 1))
    except (InvalidPhoto, PhotoTooLarge) as error:
        toast(error.detail, ToastKind.DANGER)
    else:
        toast(_("Changes saved"))
    return redirect(f"/contacts/{contact_id}")


def delete_photo(contact_id: UUID) -> Response:
    """Take a photo away, and show the contact again."""
    service(Photos).delete(contact_id)
    toast(_("Photo removed"))
    return redirect(f"/contacts/{contact_id}")


def _photo(contact_id: UUID, size: PhotoSize) -> Response:
    digest = photo_digests((contact_id,)).get(str(contact_id))
    if digest is None:
        raise PhotoNotFound(f"The contact {contact_id} has no photo.")
    read = service(Photos).read
    return cached_response(f"{digest}-{size}", lambda: read(contact_id, size=size), seconds=0)
