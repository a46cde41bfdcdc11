"""The graph as a whole: people, ties, communities and the picture."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from crm_graph.contract import CommunityList, Drawings, Graph, GraphTooLarge, NodeNotFound
from crm_graph.routes.blueprint import blueprint
from crm_graph.schemas import (
    CommunityListSchema,
    LayoutSchema,
    NodesSchema,
    TiesQuerySchema,
    TiesSchema,
)
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.contract import Document
from meishi.sdk.http import accepted


@blueprint.route("/nodes")
class Nodes(MethodView):
    """All people of the graph."""

    @blueprint.requires("read")
    @blueprint.document(NodesSchema)
    @blueprint.problem(GraphTooLarge)
    def get(self) -> Document:
        """Return all people, with degree and community, as parallel arrays."""
        return service(Graph).nodes()


@blueprint.route("/ties")
class Ties(MethodView):
    """All ties of the graph, or those of somebody."""

    @blueprint.requires("read")
    @blueprint.arguments(TiesQuerySchema, location="query")
    @blueprint.document(TiesSchema)
    @blueprint.problems(GraphTooLarge, NodeNotFound)
    def get(self, query: dict[str, Any]) -> Document:
        """Return ties as pairs of places in `ids`, strongest first."""
        return service(Graph).ties(**query)


@blueprint.route("/communities")
class Communities(MethodView):
    """Communities, and their computation."""

    @blueprint.requires("read")
    @blueprint.response(200, CommunityListSchema)
    def get(self) -> CommunityList:
        """List the communities, largest first, as a worker found them last."""
        return service(Graph).communities()


@blueprint.route("/communities/run")
class CommunitiesRun(MethodView):
    """The computation of communities and layout."""

    @blueprint.requires("write")
    @blueprint.accepted()
    @blueprint.problem(OperationNotFound)
    def post(self) -> Response:
        """Have communities and layout computed now; that happens after changes by itself."""
        return accepted(service(Operations).get(service(Drawings).ask()))


@blueprint.route("/layout")
class Layout(MethodView):
    """The picture."""

    @blueprint.requires("read")
    @blueprint.document(LayoutSchema)
    @blueprint.problem(GraphTooLarge)
    def get(self) -> Document:
        """Return all that a picture needs: who stands where, in which community, tied to whom."""
        return service(Graph).layout()
