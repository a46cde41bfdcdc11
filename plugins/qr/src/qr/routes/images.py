"""Images of codes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from meishi.sdk.context import service
from qr.contract import (
    CodeNotFound,
    Codes,
    CodeUnreadable,
    ImageFormat,
    Look,
    LookRefused,
    ScanReport,
)
from qr.routes.blueprint import blueprint
from qr.schemas import RenderQuerySchema, ScanReportSchema

#: How many seconds a browser may show a drawn code without asking again: one day.
_MAX_AGE = 86_400
_NOT_MODIFIED = {304: {"description": "The caller has this drawing already (`If-None-Match`)"}}


@blueprint.route("/codes/<uuid:code_id>/render.svg")
class CodeSvg(MethodView):
    """A code as SVG."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.response(200, {"type": "string"}, content_type="image/svg+xml")
    @blueprint.doc(responses=_NOT_MODIFIED)
    @blueprint.problems(CodeNotFound, LookRefused, CodeUnreadable)
    def get(self, query: dict[str, Any], code_id: UUID) -> Response:
        """Draw a code as SVG; it was read back before it is sent."""
        return _drawn(code_id, ImageFormat.SVG, Look(**query))


@blueprint.route("/codes/<uuid:code_id>/render.png")
class CodePng(MethodView):
    """A code as PNG."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.response(200, {"type": "string", "format": "binary"}, content_type="image/png")
    @blueprint.doc(responses=_NOT_MODIFIED)
    @blueprint.problems(CodeNotFound, LookRefused, CodeUnreadable)
    def get(self, query: dict[str, Any], code_id: UUID) -> Response:
        """Draw a code as PNG; it was read back before it is sent."""
        return _drawn(code_id, ImageFormat.PNG, Look(**query))


@blueprint.route("/codes/<uuid:code_id>/verify")
class CodeReport(MethodView):
    """How well a code can be scanned."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.response(200, ScanReportSchema)
    @blueprint.problems(CodeNotFound, LookRefused, CodeUnreadable)
    def get(self, query: dict[str, Any], code_id: UUID) -> ScanReport:
        """Report how well a code can be scanned that looks like this, and what to change."""
        return service(Codes).verify(code_id, look=Look(**query))


def _drawn(code_id: UUID, image_format: ImageFormat, look: Look) -> Response:
    """Return a drawn code; for who has it already, nothing is drawn."""
    tag = service(Codes).image_tag(code_id, image_format, look=look)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        image = service(Codes).render(code_id, image_format, look=look)
        response = Response(image.body, content_type=image.media_type)
    response.cache_control.private = True
    response.cache_control.max_age = _MAX_AGE
    response.set_etag(tag)
    return response
