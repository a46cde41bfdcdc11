"""Importing an address book: a file in, and what becomes of its rows."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    PIECE_BYTES,
    CardStatus,
    EmptyAddressBook,
    Imports,
    ImportState,
)
from meishi.sdk.context import service
from meishi.sdk.pages import is_fragment, redirect, render
from meishi.sdk.texts import gettext as _

_SHOWN = 50
_MAX_NAME = 200


def imports_page() -> Response:
    """Show how to import, and what was imported; take a file and have it imported."""
    if request.method == "GET":
        return _imports()
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return _imports(_("Choose a file first."))
    imports = service(Imports)
    import_id = imports.begin(upload.filename[:_MAX_NAME])
    number = 0
    while piece := upload.stream.read(PIECE_BYTES):
        imports.add_piece(import_id, number, piece)
        number += 1
    try:
        imports.finish(import_id)
    except EmptyAddressBook as error:
        imports.delete(import_id)
        return _imports(error.detail)
    imports.start(import_id)
    return redirect(f"/contacts/import/{import_id}")


def import_page(import_id: UUID) -> Response:
    """Show how far an import has come; while it runs, the page asks again by itself."""
    found = service(Imports).get(import_id)
    rejected = service(Imports).rows(import_id, statuses=(CardStatus.REJECTED,), limit=_SHOWN)
    values: dict[str, Any] = {
        "found": found,
        "running": found.state is not ImportState.COMPLETED,
        "rejected": rejected.items,
        "more": rejected.next_after is not None,
    }
    template = "crm_contacts/import_state.html" if is_fragment() else "crm_contacts/import.html"
    return render(template, title=found.name or _("Import"), **values)


def _imports(fault: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    page = service(Imports).list(limit=_SHOWN)
    return render("crm_contacts/imports.html", status=status, imports=page.items, fault=fault)
