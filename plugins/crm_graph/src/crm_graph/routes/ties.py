"""One tie, and what it is made of."""

from __future__ import annotations

from uuid import UUID

from flask.views import MethodView

from crm_graph.contract import Graph, GraphTooLarge, NodeNotFound, Tie, TieNotFound
from crm_graph.routes.blueprint import blueprint
from crm_graph.schemas import TieSchema
from meishi.sdk.context import service


@blueprint.route("/ties/<uuid:source_id>/<uuid:target_id>")
class TieItem(MethodView):
    """The tie of two contacts."""

    @blueprint.requires("read")
    @blueprint.response(200, TieSchema)
    @blueprint.problems(GraphTooLarge, NodeNotFound, TieNotFound)
    def get(self, source_id: UUID, target_id: UUID) -> Tie:
        """Return how strong a tie is, what contributed how much, and who says so."""
        return service(Graph).tie(source_id, target_id)
