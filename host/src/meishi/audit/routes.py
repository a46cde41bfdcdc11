"""Audit over HTTP: what was done in the workspace, and what was denied; to be read only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Response
from flask.views import MethodView

from meishi.audit.entry import Entry, EntryNotFound, Outcome
from meishi.audit.reading import (
    EntryFilter,
    Place,
    count_entries,
    every_entry,
    find_entry,
    list_entries,
)
from meishi.audit.schemas import (
    AuditEntryPageSchema,
    AuditEntrySchema,
    AuditExportQuerySchema,
    AuditQuerySchema,
)
from meishi.sdk.contract import Document, DocumentPage, ListQuery, Operator
from meishi.sdk.http import Blueprint, file_response

NDJSON = "application/x-ndjson"
_LINES = {"type": "string", "format": "binary"}
_EXAMPLE = '{"id":"01939d2c-5f6e-7a1b-8c3d-4e5f60718293","outcome":"done",…}\n'

blueprint = Blueprint("audit", description="Who did what in the workspace, and who was denied it")


@blueprint.route("/entries")
class AuditEntryList(MethodView):
    """The entries of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(AuditQuerySchema, location="query")
    @blueprint.page(AuditEntryPageSchema)
    def get(self, wanted: ListQuery) -> DocumentPage:
        """List entries, the newest first unless `sort=at` says otherwise."""
        chosen = _filter(wanted)
        page = list_entries(
            chosen,
            limit=wanted.limit,
            after=_place(wanted.after),
            oldest_first=bool(wanted.sort) and not wanted.sort[0].descending,
        )
        behind = page.next_after
        return DocumentPage(
            items=tuple(map(msgspec.json.encode, page.items)),
            position=None if behind is None else (behind[0].isoformat(), str(behind[1])),
            total=count_entries(chosen) if wanted.with_total else None,
        )


@blueprint.route("/entries/<uuid:entry_id>")
class AuditEntryItem(MethodView):
    """One entry."""

    @blueprint.requires("read")
    @blueprint.document(AuditEntrySchema)
    @blueprint.problem(EntryNotFound)
    def get(self, entry_id: UUID) -> Document:
        """Return an entry; it is as it was written."""
        return Document(version=1, body=msgspec.json.encode(find_entry(entry_id)))


@blueprint.route("/export")
class AuditExport(MethodView):
    """All entries."""

    @blueprint.requires("read")
    @blueprint.arguments(AuditExportQuerySchema, location="query")
    @blueprint.response(
        200, _LINES, content_type=NDJSON, description="An entry in each line", example=_EXAMPLE
    )
    def get(self, wanted: dict[str, Any]) -> Response:
        """Export entries, from the first on, a line for each."""
        lines = (_line(entry) for entry in every_entry(EntryFilter(**wanted)))
        return file_response(lines, NDJSON, "audit.ndjson")


def _line(entry: Entry) -> bytes:
    return msgspec.json.encode(entry) + b"\n"


def _filter(wanted: ListQuery) -> EntryFilter:
    asked = {(item.field, item.operator): item.value for item in wanted.conditions}
    user, outcome = asked.get(("user_id", Operator.EQ)), asked.get(("outcome", Operator.EQ))
    since, until = asked.get(("at", Operator.GTE)), asked.get(("at", Operator.LT))
    return EntryFilter(
        user_id=None if user is None else UUID(user),
        action=asked.get(("action", Operator.EQ)),
        plugin=asked.get(("plugin", Operator.EQ)),
        resource_type=asked.get(("resource_type", Operator.EQ)),
        resource_id=asked.get(("resource_id", Operator.EQ)),
        outcome=None if outcome is None else Outcome(outcome),
        since=None if since is None else datetime.fromisoformat(since),
        until=None if until is None else datetime.fromisoformat(until),
    )


def _place(after: tuple[str, ...] | None) -> Place | None:
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))
