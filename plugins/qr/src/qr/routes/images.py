"""Images of codes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from meishi.sdk.context import service
from meishi.sdk.http import cached_response
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


@blueprint.route("/codes/<uuid:code_id>/render.svg")
class CodeSvg(MethodView):
    """A code as SVG."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.file("image/svg+xml", cached=True)
    @blueprint.problems(CodeNotFound, LookRefused, CodeUnreadable)
    def get(self, query: dict[str, Any], code_id: UUID) -> Response:
        """Draw a code as SVG; it was read back before it is sent."""
        return _drawn(code_id, ImageFormat.SVG, Look(**query))


@blueprint.route("/codes/<uuid:code_id>/render.png")
class CodePng(MethodView):
    """A code as PNG."""

    @blueprint.requires("read")
    @blueprint.arguments(RenderQuerySchema, location="query")
    @blueprint.file("image/png", cached=True)
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
    codes = service(Codes)
    tag = codes.image_tag(code_id, image_format, look=look)
    return cached_response(
        tag, lambda: codes.render(code_id, image_format, look=look), seconds=_MAX_AGE
    )
