"""Segments over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    InvalidSegment,
    Segment,
    SegmentNameTaken,
    SegmentNotFound,
    SegmentPage,
    Segments,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.filters import WrongFilters, conditions_of
from crm_contacts.schemas.lists import (
    SegmentDraftSchema,
    SegmentPageSchema,
    SegmentPatchSchema,
    SegmentQuerySchema,
    SegmentSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, ListQuery
from meishi.sdk.http import MERGE_PATCH, document_of, document_response, wanted_versions

_PATCH_EXAMPLE = {"filter": {"tag": {"in": "customer"}}}


@blueprint.route("/segments")
class SegmentList(MethodView):
    """All segments of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(SegmentQuerySchema, location="query")
    @blueprint.page(SegmentPageSchema)
    def get(self, wanted: ListQuery) -> SegmentPage:
        """List segments in order of creation."""
        return service(Segments).list(
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(SegmentDraftSchema)
    @blueprint.document(SegmentSchema, status=201)
    @blueprint.problems(InvalidSegment, SegmentNameTaken)
    def post(self, document: dict[str, Any]) -> Response:
        """Save a filter under a name."""
        conditions = _conditions(document["conditions"])
        found = service(Segments).create(document["name"], conditions)
        return document_response(
            document_of(found, SegmentSchema()),
            status=201,
            location=f"{request.path}/{found.id}",
            resource=SegmentSchema,
        )


@blueprint.route("/segments/<uuid:segment_id>")
class SegmentItem(MethodView):
    """One segment."""

    @blueprint.requires("read")
    @blueprint.document(SegmentSchema)
    @blueprint.problem(SegmentNotFound)
    def get(self, segment_id: UUID) -> Segment:
        """Return a segment; who is in it shows the list of contacts by the filter `segment`."""
        return service(Segments).get(segment_id)

    @blueprint.requires("write")
    @blueprint.arguments(SegmentPatchSchema, content_type=MERGE_PATCH, example=_PATCH_EXAMPLE)
    @blueprint.document(SegmentSchema)
    @blueprint.preconditions()
    @blueprint.problems(InvalidSegment, SegmentNameTaken, SegmentNotFound)
    def patch(self, document: dict[str, Any], segment_id: UUID) -> Segment:
        """Change the name or the filter of a segment."""
        filters = document.get("conditions")
        return service(Segments).update(
            segment_id,
            name=document.get("name"),
            conditions=None if filters is None else _conditions(filters),
            versions=wanted_versions(),
        )

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(SegmentNotFound)
    def delete(self, segment_id: UUID) -> None:
        """Delete a segment; its contacts stay."""
        service(Segments).delete(segment_id, versions=wanted_versions())


def _conditions(filters: dict[str, dict[str, str]]) -> tuple[Condition, ...]:
    try:
        return conditions_of(filters)
    except WrongFilters as error:
        raise InvalidSegment("The filter cannot be used.", errors=error.errors) from error
