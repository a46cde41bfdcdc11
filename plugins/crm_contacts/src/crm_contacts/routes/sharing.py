"""Whose contacts are and who sees them, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from crm_contacts.contract import (
    ContactNotFound,
    ContactReadOnly,
    InvalidSharing,
    Share,
    Sharing,
    SharingRefused,
    Sharings,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.sharing import SharingDraftSchema, SharingSchema
from meishi.sdk.context import service
from meishi.sdk.http import wanted_versions

_EXAMPLE = {
    "owner_id": "01939d2c-5f6e-7a1b-8c3d-4e5f60718293",
    "visibility": "private",
    "shared_with": [{"user_id": "01939d2c-5f6e-7a1b-8c3d-4e5f60718294", "access": "read"}],
}


@blueprint.route("/<uuid:subject_id>/sharing")
class ContactSharing(MethodView):
    """Whose a contact is, and who sees it."""

    @blueprint.requires("read")
    @blueprint.document(SharingSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, subject_id: UUID) -> Sharing:
        """Tell whose a contact is, and who sees it."""
        return service(Sharings).get(subject_id)

    @blueprint.requires("write")
    @blueprint.arguments(SharingDraftSchema, example=_EXAMPLE)
    @blueprint.document(SharingSchema)
    @blueprint.preconditions()
    @blueprint.problems(ContactNotFound, ContactReadOnly, InvalidSharing, SharingRefused)
    def put(self, document: dict[str, Any], subject_id: UUID) -> Sharing:
        """Decide whose a contact is and who sees it; that is for its owner to do.

        Of one that is nobody's and that everybody sees, anybody may. The version, and so the
        `ETag`, is that of the contact.
        """
        return service(Sharings).put(
            subject_id,
            owner_id=document["owner_id"],
            visibility=document["visibility"],
            shared_with=tuple(Share(**item) for item in document["shared_with"]),
            versions=wanted_versions(),
        )
