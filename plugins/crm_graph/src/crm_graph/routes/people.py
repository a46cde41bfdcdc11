"""Questions about somebody: who is around, who can introduce, whom to know."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from crm_graph.contract import (
    Graph,
    GraphTooLarge,
    InvalidGraphQuery,
    NodeNotFound,
    OrganisationNotFound,
    OwnContactMissing,
    Path,
    Recommendation,
)
from crm_graph.routes.blueprint import blueprint
from crm_graph.schemas import (
    EgoQuerySchema,
    EgoSchema,
    PathListSchema,
    PathQuerySchema,
    RecommendationListSchema,
    RecommendationQuerySchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import Document


@blueprint.route("/ego/<uuid:contact_id>")
class Ego(MethodView):
    """Who is around a contact."""

    @blueprint.requires("read")
    @blueprint.arguments(EgoQuerySchema, location="query")
    @blueprint.document(EgoSchema)
    @blueprint.problems(GraphTooLarge, NodeNotFound)
    def get(self, query: dict[str, Any], contact_id: UUID) -> Document:
        """Return who is within so many ties of a contact, and the ties among them."""
        return service(Graph).ego(contact_id, **query)


@blueprint.route("/paths")
class Paths(MethodView):
    """Ways of introductions."""

    @blueprint.requires("read")
    @blueprint.arguments(PathQuerySchema, location="query")
    @blueprint.response(200, PathListSchema)
    @blueprint.problems(
        GraphTooLarge, InvalidGraphQuery, NodeNotFound, OrganisationNotFound, OwnContactMissing
    )
    def get(self, query: dict[str, Any]) -> dict[str, tuple[Path, ...]]:
        """List the best ways of introductions to a contact, or into an organisation."""
        return {"items": service(Graph).paths(**query)}


@blueprint.route("/recommendations/<uuid:contact_id>")
class Recommendations(MethodView):
    """Whom a contact should know."""

    @blueprint.requires("read")
    @blueprint.arguments(RecommendationQuerySchema, location="query")
    @blueprint.response(200, RecommendationListSchema)
    @blueprint.problems(GraphTooLarge, NodeNotFound)
    def get(self, query: dict[str, Any], contact_id: UUID) -> dict[str, tuple[Recommendation, ...]]:
        """List whom a contact should know by those that they know, best first."""
        return {"items": service(Graph).recommendations(contact_id, **query)}
