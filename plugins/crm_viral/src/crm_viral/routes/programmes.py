"""Programmes over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from crm_viral.contract import (
    Cohort,
    CohortInvalid,
    Growth,
    Programme,
    ProgrammeChanges,
    ProgrammeInvalid,
    ProgrammeNotFound,
    ProgrammePage,
    ProgrammeRules,
    Programmes,
)
from crm_viral.routes.blueprint import after_of, blueprint
from crm_viral.schemas import (
    GrowthQuerySchema,
    GrowthSchema,
    ProgrammeDraftSchema,
    ProgrammePageSchema,
    ProgrammePatchSchema,
    ProgrammeQuerySchema,
    ProgrammeSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import MERGE_PATCH, wanted_versions


@blueprint.route("/programmes")
class ProgrammeList(MethodView):
    """All programmes of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(ProgrammeQuerySchema, location="query")
    @blueprint.page(ProgrammePageSchema)
    def get(self, wanted: ListQuery) -> ProgrammePage:
        """List programmes in order of creation."""
        return service(Programmes).list(
            after=after_of(wanted), limit=wanted.limit, with_total=wanted.with_total
        )

    @blueprint.requires("write")
    @blueprint.arguments(ProgrammeDraftSchema)
    @blueprint.document(ProgrammeSchema, status=201)
    @blueprint.problem(ProgrammeInvalid)
    def post(self, document: dict[str, Any]) -> Programme:
        """Begin a programme."""
        return service(Programmes).create(ProgrammeRules(**document))


@blueprint.route("/programmes/<uuid:programme_id>")
class ProgrammeItem(MethodView):
    """One programme."""

    @blueprint.requires("read")
    @blueprint.document(ProgrammeSchema)
    @blueprint.problem(ProgrammeNotFound)
    def get(self, programme_id: UUID) -> Programme:
        """Return a programme."""
        return service(Programmes).get(programme_id)

    @blueprint.requires("write")
    @blueprint.arguments(ProgrammePatchSchema, content_type=MERGE_PATCH)
    @blueprint.document(ProgrammeSchema)
    @blueprint.preconditions()
    @blueprint.problems(ProgrammeInvalid, ProgrammeNotFound)
    def patch(self, document: dict[str, Any], programme_id: UUID) -> Programme:
        """Change what a programme promises from now on, or pause it."""
        changes = ProgrammeChanges(**document)
        return service(Programmes).change(programme_id, changes, versions=wanted_versions())


@blueprint.route("/metrics")
class Metrics(MethodView):
    """How programmes grow."""

    @blueprint.requires("read")
    @blueprint.arguments(GrowthQuerySchema, location="query")
    @blueprint.response(200, GrowthSchema)
    @blueprint.problems(CohortInvalid, ProgrammeNotFound)
    def get(self, query: dict[str, Any]) -> Growth:
        """Tell how many new people each member of a cohort brings, and how sure that is."""
        return service(Programmes).growth(Cohort(**query))
