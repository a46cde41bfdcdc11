"""The step between a file and its import: how it is read, what its columns become, and a try."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response, request

from crm_contacts.contract import (
    CHARSETS,
    ColumnTarget,
    ContactImport,
    DateOrder,
    DryRunNotFound,
    DryRuns,
    ImportColumns,
    ImportMapping,
    ImportMappingNeeded,
    ImportMappings,
    Imports,
    ImportStarted,
    InvalidImportMapping,
    KeptMappingNotFound,
    KeptMappings,
)
from crm_contacts.pages.custom_fields import all_fields
from crm_contacts.pages.target_choices import AS_SHOWN, choices, shown_column, shown_target
from crm_contacts.target_words import UnknownTarget, read_target
from meishi.core.operations.contract import Operation, OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.contract import DomainError
from meishi.sdk.pages import ToastKind, redirect, toast
from meishi.sdk.texts import noted

_DELIMITERS = {
    ",": noted("Comma"),
    ";": noted("Semicolon"),
    "\t": noted("Tab"),
    "|": noted("Bar"),
}
#: Whether a row names the columns, as the form says it.
_HEADERS = {"yes": True, "no": False}
#: Columns that the form shows; what is behind them becomes what is proposed.
_MOST_COLUMNS = 300
#: Whose a table is.
_SHAPES = {
    "google": noted("Google Contacts, until 2024"),
    "google_new": noted("Google Contacts"),
    "outlook": noted("Outlook"),
    "linkedin": noted("LinkedIn"),
    "thunderbird": noted("Thunderbird"),
    "generic": noted("A table with telling headings"),
    "unknown": noted("A table whose headings nobody knows"),
}
_ORDERS = {
    DateOrder.DAY_FIRST: noted("Day first: 31/1/1980"),
    DateOrder.MONTH_FIRST: noted("Month first: 1/31/1980"),
}


def wizard_values(found: ContactImport) -> dict[str, Any]:
    """Return what the page of an import that waits shows."""
    columns = service(ImportMappings).columns(found.id)
    offered = choices(all_fields())
    shown = [] if columns is None else [
        shown_column(item, offered, mapped=columns.mapped)
        for item in columns.items[:_MOST_COLUMNS]
    ]  # fmt: skip
    ready = columns is None or columns.mapped or columns.shape != "unknown"
    return {
        "columns": columns,
        "date_order": _date_order(columns),
        "shown": shown,
        "more_columns": 0 if columns is None else len(columns.items) - len(shown),
        "choices": offered,
        "as_shown": AS_SHOWN,
        "charsets": CHARSETS,
        "delimiters": _DELIMITERS,
        "orders": _ORDERS,
        "shapes": _SHAPES,
        "preview": service(ImportMappings).preview(found.id) if ready else (),
        **dry_run_values(found.id),
    }


def _date_order(columns: ImportColumns | None) -> DateOrder | None:
    """Return the order of dates that the form shows: what was chosen, or else what is proposed."""
    if columns is None:
        return None
    return columns.date_order if columns.mapped else columns.proposed_date_order


def dry_run_values(import_id: UUID) -> dict[str, Any]:
    """Return what there is to say of the dry run of an import."""
    try:
        found = service(DryRuns).get(import_id)
    except DryRunNotFound:
        return {"dry_run": None, "trying": False, "trial_stopping": False}
    trial = under_way(found.operation_id) if found.completed_at is None else None
    stopping = trial is not None and trial.cancel_requested
    return {"dry_run": found, "trying": trial is not None, "trial_stopping": stopping}


def is_under_way(operation_id: UUID | None) -> bool:
    """Whether somebody is at an operation, or will be."""
    return under_way(operation_id) is not None


def under_way(operation_id: UUID | None) -> Operation | None:
    """Return an operation that somebody is at, or will be; None for any other."""
    if operation_id is None:
        return None
    try:
        found = service(Operations).get(operation_id)
    except OperationNotFound:
        return None
    return None if found.state.final else found


def map_import(import_id: UUID) -> Response:
    """Take what was chosen of the columns, then show, try or run the import."""
    wanted = request.form.get("then", "show")
    try:
        columns = service(ImportMappings).columns(import_id)
        if columns is not None and "target" in request.form:
            service(ImportMappings).set(import_id, _chosen(columns))
        if wanted == "try":
            service(DryRuns).start(import_id)
        elif wanted == "run":
            service(Imports).start(import_id)
    except (ImportMappingNeeded, ImportStarted, InvalidImportMapping, UnknownTarget) as error:
        toast(_said(error), ToastKind.DANGER)
    return redirect(f"/contacts/import/{import_id}")


def read_import(import_id: UUID) -> Response:
    """Read the table in the charset and with the delimiter that somebody says."""
    try:
        service(ImportMappings).read_as(
            import_id,
            charset=request.form.get("charset") or None,
            delimiter=request.form.get("delimiter") or None,
            has_header=_HEADERS.get(request.form.get("header", "")),
        )
    except DomainError as error:
        toast(_said(error), ToastKind.DANGER)
    return redirect(f"/contacts/import/{import_id}")


def forget_mapping(import_id: UUID) -> Response:
    """Forget the kept mapping that is proposed for an import."""
    columns = service(ImportMappings).columns(import_id)
    if columns is not None and columns.kept_mapping_id is not None:
        with suppress(KeptMappingNotFound):
            service(KeptMappings).forget(columns.kept_mapping_id)
    return redirect(f"/contacts/import/{import_id}")


def _chosen(columns: ImportColumns) -> ImportMapping:
    words, separators = request.form.getlist("target"), request.form.getlist("separator")
    found: list[ColumnTarget] = []
    for column, word, separator in zip(columns.items, words, separators, strict=False):
        if word == AS_SHOWN:
            target = shown_target(column, mapped=columns.mapped)
            found.append(replace(target, separator=separator or None))
        else:
            found.append(read_target(column.position, word, separator or None))
    rest = columns.items[_MOST_COLUMNS:]
    found += [shown_target(column, mapped=columns.mapped) for column in rest]
    orders = {order.value: order for order in DateOrder}
    order = orders.get(request.form.get("date_order", ""))
    return ImportMapping(columns=tuple(found), date_order=order)


def _said(error: Exception) -> str:
    if isinstance(error, DomainError) and error.errors:
        return " ".join(f"{item.pointer}: {item.message}" for item in error.errors)
    return error.detail if isinstance(error, DomainError) else str(error)
