"""What became of the photos in the cards of an import, on its page."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from crm_contacts.contract import ImportUndone, PhotoIntakes
from crm_contacts.pages.import_mapping import is_under_way
from meishi.sdk.context import service
from meishi.sdk.pages import ToastKind, redirect, toast


def photo_values(import_id: UUID) -> dict[str, Any]:
    """Return what there is to say of the photos of an import."""
    found = service(PhotoIntakes).get(import_id)
    return {
        "photos": found if found.found else None,
        "photographing": found.waiting > 0 and is_under_way(found.operation_id),
    }


def take_photos(import_id: UUID) -> Response:
    """Have the photos taken that wait."""
    try:
        service(PhotoIntakes).start(import_id)
    except ImportUndone as error:
        toast(error.detail, ToastKind.DANGER)
    return redirect(f"/contacts/import/{import_id}")
