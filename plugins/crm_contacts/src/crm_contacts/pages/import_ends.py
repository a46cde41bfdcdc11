"""Stopping what works on an import, and forgetting the import, on its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from uuid import UUID

from flask import Response

from crm_contacts.contract import (
    DryRunNotFound,
    DryRuns,
    Imports,
    ImportUndoNotFound,
    ImportUndos,
    PhotoIntakes,
)
from crm_contacts.pages.import_mapping import under_way
from meishi.core.operations.contract import Operation, OperationEnded, OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.pages import redirect, toast
from meishi.sdk.texts import gettext as _


def is_stopping(import_id: UUID) -> bool:
    """Whether what works on an import was asked to stop, and has not yet."""
    found = list(_at_work(import_id))
    return bool(found) and all(operation.cancel_requested for operation in found)


def cancel_import(import_id: UUID) -> Response:
    """Stop whatever works on an import: its run, its trial, its undo, or who takes its photos.

    What was done stays, and each can be gone on with.
    """
    for operation in list(_at_work(import_id)):
        with suppress(OperationNotFound, OperationEnded):
            service(Operations).cancel(operation.id)
    return redirect(f"/contacts/import/{import_id}")


def forget_import(import_id: UUID) -> Response:
    """Forget an import, and stop what works on it; its contacts stay."""
    service(Imports).delete(import_id)
    toast(_("The import is forgotten. Its contacts stay."))
    return redirect("/contacts/import")


def _at_work(import_id: UUID) -> Iterator[Operation]:
    """Yield the operations that are under way for an import."""
    known = [
        service(Imports).get(import_id).operation_id,
        service(PhotoIntakes).get(import_id).operation_id,
    ]
    with suppress(ImportUndoNotFound):
        known.append(service(ImportUndos).get(import_id).operation_id)
    with suppress(DryRunNotFound):
        known.append(service(DryRuns).get(import_id).operation_id)
    for operation_id in known:
        if (found := under_way(operation_id)) is not None:
            yield found
