"""Runs over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from crm_enrichment.contract import Enrichment, EnrichmentOff, Run, RunNotFound
from crm_enrichment.routes.blueprint import blueprint
from crm_enrichment.schemas import RunDraftSchema, RunSchema
from meishi.sdk.context import service
from meishi.sdk.contract import Document


@blueprint.route("/runs")
class RunList(MethodView):
    """Searches that somebody asks for."""

    @blueprint.requires("write")
    @blueprint.arguments(RunDraftSchema)
    @blueprint.document(RunSchema, status=201)
    @blueprint.problem(EnrichmentOff)
    def post(self, document: dict[str, Any]) -> Document:
        """Ask all providers about contacts; the answer is the report."""
        return _document(service(Enrichment).run(tuple(document["contact_ids"])))


@blueprint.route("/runs/<uuid:run_id>")
class RunItem(MethodView):
    """One run."""

    @blueprint.requires("read")
    @blueprint.document(RunSchema)
    @blueprint.problem(RunNotFound)
    def get(self, run_id: UUID) -> Document:
        """Return the report of a run."""
        return _document(service(Enrichment).get_run(run_id))


def _document(run: Run) -> Document:
    """Return a report as it is sent: it has one version, as nothing of it changes any more."""
    return Document(version=1, body=RunSchema().dumps(run).encode())
