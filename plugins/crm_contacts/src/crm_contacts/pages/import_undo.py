"""Taking an import back on its page, and what stays of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response

from crm_contacts.contract import (
    ImportUndoNotFound,
    ImportUndoRefused,
    ImportUndos,
    KeptReason,
)
from crm_contacts.pages.import_mapping import is_under_way
from crm_contacts.pages.words import EVIDENCE
from meishi.sdk.context import service
from meishi.sdk.pages import ToastKind, redirect, toast
from meishi.sdk.texts import noted

_SHOWN = 50
_REASONS = {
    KeptReason.CHANGED: noted("Changed since"),
    KeptReason.MERGED: noted("Merged into another contact since"),
    KeptReason.IMPORTED: noted("Another file has it, too"),
    KeptReason.PRIVATE: noted("Private, and not theirs to write who undid it"),
    KeptReason.CANNOT: noted("What was before cannot be any more"),
}
_ADDED = {
    "notes": noted("Notes"),
    "lists": noted("Lists"),
    "merges": noted("Merged contacts"),
    "consents": noted("Consent"),
    "photo": noted("Photo"),
}


def undo_values(import_id: UUID) -> dict[str, Any]:
    """Return what there is to say of the undo of an import."""
    try:
        found = service(ImportUndos).get(import_id)
    except ImportUndoNotFound:
        return {"undo": None, "undoing": False}
    page = service(ImportUndos).kept(import_id, limit=_SHOWN)
    return {
        "undo": found,
        "undoing": found.completed_at is None and is_under_way(found.operation_id),
        "kept": page.items,
        "more_kept": page.next_after is not None,
        "kept_reasons": _REASONS,
        "field_titles": EVIDENCE | _ADDED,
    }


def undo_import(import_id: UUID) -> Response:
    """Have an import undone."""
    try:
        service(ImportUndos).start(import_id)
    except ImportUndoRefused as error:
        toast(error.detail, ToastKind.DANGER)
    return redirect(f"/contacts/import/{import_id}")
