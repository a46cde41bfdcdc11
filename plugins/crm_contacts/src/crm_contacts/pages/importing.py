"""Importing an address book: a file in, and what becomes of its rows."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import PurePath
from typing import Any
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    PIECE_BYTES,
    CardStatus,
    ContactImport,
    EmptyAddressBook,
    ImportFormat,
    ImportRowPage,
    Imports,
    ImportState,
)
from crm_contacts.pages.import_ends import is_stopping
from crm_contacts.pages.import_mapping import dry_run_values, is_under_way, wizard_values
from crm_contacts.pages.import_photos import photo_values
from crm_contacts.pages.import_undo import undo_values
from meishi.sdk.context import service
from meishi.sdk.pages import is_fragment, redirect, render
from meishi.sdk.texts import gettext as _

_SHOWN = 50
#: Columns that became no field, as far as a page names them.
_COLUMNS_NAMED = 50
_MAX_NAME = 200
#: What a file's name says that it is; other names leave it to its content.
_FORMATS = {".csv": ImportFormat.CSV, ".tsv": ImportFormat.CSV}


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
        imports.finish(import_id, _FORMATS.get(PurePath(upload.filename).suffix.lower()))
    except EmptyAddressBook as error:
        imports.delete(import_id)
        return _imports(error.detail)
    return redirect(f"/contacts/import/{import_id}")


def import_page(import_id: UUID) -> Response:
    """Show how an import would be, how far it has come, or what became of it.

    While somebody is at it, the page asks again by itself.
    """
    found = service(Imports).get(import_id)
    running = is_under_way(found.operation_id)
    if found.state is ImportState.UPLOADED and not running:
        return _wizard(found)
    completed = found.state is ImportState.COMPLETED
    rejected = service(Imports).rows(import_id, statuses=(CardStatus.REJECTED,), limit=_SHOWN)
    noticed = _noticed(import_id) if completed else ImportRowPage(items=(), next_after=None)
    values: dict[str, Any] = {
        "found": found,
        "running": not completed and running,
        "stopped": not completed and not running,
        "columns_named": _COLUMNS_NAMED,
        "rejected": rejected.items,
        "more": rejected.next_after is not None,
        "noticed": noticed.items,
        "more_noticed": noticed.next_after is not None,
        **undo_values(import_id),
        **photo_values(import_id),
    }
    at_work = values["running"] or values["undoing"] or values["photographing"]
    values["at_work"] = at_work
    values["stopping"] = at_work and is_stopping(import_id)
    template = "crm_contacts/import_state.html" if is_fragment() else "crm_contacts/import.html"
    return render(template, title=found.name or _("Import"), **values)


def _noticed(import_id: UUID) -> ImportRowPage:
    """Return the first rows that came in without all that they say."""
    statuses = (CardStatus.CREATED, CardStatus.UPDATED, CardStatus.UNCHANGED)
    return service(Imports).rows(import_id, statuses=statuses, with_reason=True, limit=_SHOWN)


def _wizard(found: ContactImport) -> Response:
    if request.headers.get("HX-Target") == "import-state":
        # The run that was followed there has ended before it began.
        return redirect(f"/contacts/import/{found.id}")
    if is_fragment():
        values = dry_run_values(found.id)
        return render("crm_contacts/import_dry_run.html", found=found, **values)
    title = found.name or _("Import")
    values = wizard_values(found)
    return render("crm_contacts/import_wizard.html", title=title, found=found, **values)


def _imports(fault: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK
    page = service(Imports).list(limit=_SHOWN)
    return render("crm_contacts/imports.html", status=status, imports=page.items, fault=fault)
