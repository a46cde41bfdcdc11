"""Photos of contacts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    ContactNotFound,
    ContactReadOnly,
    InvalidPhoto,
    Photo,
    PhotoNotFound,
    Photos,
    PhotoTooLarge,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.photos import PhotoQuerySchema, PhotoSchema
from meishi.sdk.context import current_settings, service
from meishi.sdk.http import cached_response, stream_of_type

#: What is in the file decides, whatever is said of it.
_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif", "application/octet-stream")
_BINARY = {"schema": {"type": "string", "format": "binary"}}


@blueprint.route("/<uuid:contact_id>/photo")
class ContactPhoto(MethodView):
    """The photo of a contact."""

    @blueprint.requires("read")
    @blueprint.arguments(PhotoQuerySchema, location="query")
    @blueprint.file("image/jpeg", cached=True)
    @blueprint.problem(PhotoNotFound)
    def get(self, query: dict[str, Any], contact_id: UUID) -> Response:
        """Return the photo as a JPEG of 512 pixels at most, or small as lists show it."""
        found, size = service(Photos).of((contact_id,)), query["size"]
        if not found:
            raise PhotoNotFound(f"The contact {contact_id} has no photo.")
        # Clients ask each time: who may see it, and whether there is another one, can change.
        return cached_response(
            f"{found[0].digest}-{size}",
            lambda: service(Photos).read(contact_id, size=size),
            seconds=0,
        )

    @blueprint.requires("write")
    @blueprint.doc(requestBody={"required": True, "content": dict.fromkeys(_TYPES, _BINARY)})
    @blueprint.response(200, PhotoSchema)
    @blueprint.unconditional("The photo that came last counts, whichever was there before.")
    @blueprint.problems(ContactNotFound, InvalidPhoto, PhotoTooLarge)
    @blueprint.problem(ContactReadOnly)
    def put(self, contact_id: UUID) -> Photo:
        """Give a contact a photo: a JPEG, PNG, WebP or GIF, which is made small and plain."""
        body = stream_of_type(*_TYPES)
        most: int = current_settings()["max_photo_bytes"]
        if (request.content_length or 0) > most:
            raise PhotoTooLarge(f"A photo has {most} octets at most.")
        return service(Photos).put(contact_id, body.read())

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.unconditional("The photo is gone then, whatever became of it meanwhile.")
    @blueprint.problems(ContactNotFound, PhotoNotFound)
    @blueprint.problem(ContactReadOnly)
    def delete(self, contact_id: UUID) -> None:
        """Take the photo away."""
        service(Photos).delete(contact_id)
