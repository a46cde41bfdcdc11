"""The search over HTTP."""

from __future__ import annotations

from typing import Any

from flask.views import MethodView

from meishi.sdk.http import Blueprint
from meishi.search.finding import BlankSearch, Findings, find
from meishi.search.schemas import SearchQuerySchema, SearchResultSchema

blueprint = Blueprint("search", description="Finding what is in the workspace")


@blueprint.route("")
class Search(MethodView):
    """Everything that can be found."""

    @blueprint.requires("use")
    @blueprint.arguments(SearchQuerySchema, location="query")
    @blueprint.response(200, SearchResultSchema)
    @blueprint.problem(BlankSearch)
    def get(self, wanted: dict[str, Any]) -> Findings:
        """Search in all modules at once, of what you may see."""
        return find(wanted["q"], wanted["limit"])
