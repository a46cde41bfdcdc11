"""Exports over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView
from marshmallow import Schema

from meishi.exports.elsewhere import file_from_elsewhere
from meishi.exports.formats import ExporterNotFound, format_called, offered_formats
from meishi.exports.schemas import ExportFormatListSchema
from meishi.http.parsing import read_query
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import Blueprint, file_response
from meishi.sdk.pages import now

blueprint = Blueprint("exports", description="Resources as files")

#: Octets have no type in JSON Schema, and a file of JSON has one that its format knows.
_FILE = {"description": "The octets of the file, or its JSON."}


@blueprint.route("")
class ExportFormats(MethodView):
    """The formats."""

    @blueprint.requires("use")
    @blueprint.response(200, ExportFormatListSchema)
    def get(self) -> dict[str, Any]:
        """List the formats that you may use."""
        return {"items": offered_formats()}


@blueprint.route("/<name>")
class Export(MethodView):
    """A file."""

    @blueprint.requires("use")
    @blueprint.waits()
    @blueprint.reads_query()
    @blueprint.response(
        200, _FILE, content_type="*/*", description="The file", example="BEGIN:VCARD…"
    )
    @blueprint.problem(ExporterNotFound)
    @blueprint.problem(400, "What the list of the resource would refuse, too")
    def get(self, name: str) -> Response:
        """Write all resources, or those that a filter or a search finds, into a file.

        It takes the filters, `q` and `sort` of the list of its resource, and is complete: where
        something fails on the way, a problem is answered and no file.
        """
        found = format_called(name)
        loaded = read_query(found.query or Schema())
        wanted = loaded if isinstance(loaded, ListQuery) else ListQuery()
        exporter = found.exporter
        file_name = f"{exporter.name}-{now():%Y-%m-%d}{exporter.suffix}"
        if found.placement is not None:
            return file_from_elsewhere(found, wanted, file_name)
        return file_response(found.write(wanted), exporter.media_type, file_name)
