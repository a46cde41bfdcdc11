"""Imports as people make them: a file in, a look into it, and what became of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import BinaryIO, cast
from uuid import UUID

from flask import Response, request

from meishi.context import current_scope
from meishi.core.operations.contract import Operation, OperationNotFound, Operations
from meishi.imports.importers import UNKNOWN_TYPE, offered_importers
from meishi.imports.records import FileImport
from meishi.imports.starting import (
    delete_import,
    get_import,
    list_imports,
    list_rejects,
    start_preview,
    start_run,
)
from meishi.imports.uploading import upload
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.database import savepoint
from meishi.sdk.pages import is_fragment, redirect, render, toast
from meishi.sdk.plugin import NavigationEntry, Page
from meishi.sdk.texts import gettext as _

_SHOWN = 50
_MAX_NAME = 200


def imports_page() -> Response:
    """Show what can be imported, and what was; take a file and have it looked into."""
    if request.method == "GET":
        return _imports()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _imports(_("Choose a file first."))
    try:
        with savepoint():
            import_id = upload(
                cast("BinaryIO", sent.stream),
                importer=request.form.get("importer") or None,
                name=_readable(sent.filename) or None,
                media_type=_readable(sent.mimetype) or UNKNOWN_TYPE,
            )
    except DomainError as error:
        return _imports(error.detail)
    start_preview(import_id)
    return redirect(f"/imports/{import_id}")


def import_page(file_import_id: UUID) -> Response:
    """Show what is in a file, and how far its import has come; take what was chosen."""
    if request.method == "POST":
        start_run(
            file_import_id,
            mapping=_chosen(get_import(file_import_id)),
            dry_run=request.form.get("dry_run") == "true",
        )
        return redirect(f"/imports/{file_import_id}")
    found = get_import(file_import_id)
    operation = _operation(found)
    rejects = list_rejects(file_import_id, after=None, limit=_SHOWN)
    template = "meishi_imports/state.html" if is_fragment() else "meishi_imports/import.html"
    return render(
        template,
        title=found.name or _("Import"),
        found=found,
        under_way=operation is not None and not operation.state.final,
        fault=_fault(operation),
        words=_words_of(found),
        chosen=found.mapping or (found.preview.mapping if found.preview else {}),
        rejected=rejects.items,
        more=rejects.next_after is not None,
    )


def delete_page(file_import_id: UUID) -> Response:
    """Forget an import with its file."""
    delete_import(file_import_id)
    toast(_("The import is forgotten. What came in stays."))
    return redirect("/imports")


PAGES = (
    Page(
        name="list", rule="", view=imports_page, title="Import", permission="use",
        methods=("GET", "POST"),
    ),
    Page(
        name="import", rule="/<uuid:file_import_id>", view=import_page, title="Import",
        permission="use", methods=("GET", "POST"),
    ),
    Page(
        name="delete", rule="/<uuid:file_import_id>/delete", view=delete_page, title="Import",
        permission="use", methods=("POST",),
    ),
)  # fmt: skip
NAVIGATION = (
    NavigationEntry(page="list", title="Import", icon="file-import", section="Workspace", order=25),
)


def _readable(text: str) -> str:
    """Return what a program said of its file, as far as it can be read, and not all of a book."""
    return "".join(letter for letter in text if letter.isprintable())[:_MAX_NAME]


def _imports(fault: str = "") -> Response:
    importers = [
        {
            "name": item.importer.name,
            "title": _said_by(item.plugin, item.importer.title),
            "suffixes": item.importer.suffixes,
            "accept": ",".join((*item.importer.suffixes, *item.importer.media_types)),
        }
        for item in offered_importers()
    ]
    return render(
        "meishi_imports/list.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        importers=importers,
        accept=",".join(str(item["accept"]) for item in importers),
        imports=list_imports(after=None, limit=_SHOWN).items,
        titles={item["name"]: item["title"] for item in importers},
        fault=fault,
    )


def _chosen(found: FileImport) -> dict[str, str] | None:
    """Return what a form says that the columns become; None where there is nothing to choose."""
    if found.preview is None or not found.preview.fields:
        return None
    known = {item.name for item in found.preview.fields}
    asked = {
        column: request.form.get(f"column-{number}", "")
        for number, column in enumerate(found.preview.columns)
    }
    return {column: field for column, field in asked.items() if field in known}


def _operation(found: FileImport) -> Operation | None:
    if found.operation_id is None:
        return None
    try:
        return service(Operations).get(found.operation_id)
    except OperationNotFound:
        return None


def _fault(operation: Operation | None) -> str:
    return operation.error.detail if operation is not None and operation.error is not None else ""


def _words_of(found: FileImport) -> dict[str, str]:
    """Return what people read of an importer, of its fields and columns, by their names."""
    if found.plugin is None or found.importer is None:
        return {}
    named: list[tuple[str, str]] = [
        (item.importer.name, item.importer.title)
        for item in offered_importers()
        if item.importer.name == found.importer
    ]
    if found.preview is not None:
        named += [(item.name, item.title) for item in found.preview.fields]
        if not found.preview.fields:
            named += [(column, column) for column in found.preview.columns]
    return {name: _said_by(found.plugin, title) for name, title in named}


def _said_by(plugin: str, text: str) -> str:
    """Return a text of a plugin in the reader's language."""
    with current_scope().work.entered(plugin):
        return _(text)
