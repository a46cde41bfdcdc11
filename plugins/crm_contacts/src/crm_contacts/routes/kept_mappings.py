"""Kept mappings over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask.views import MethodView

from crm_contacts.contract import KeptMappingNotFound, KeptMappingPage, KeptMappings
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.kept_mappings import KeptMappingPageSchema
from meishi.sdk.context import service
from meishi.sdk.http import PageQuerySchema


@blueprint.route("/import-mappings")
class KeptMappingList(MethodView):
    """Mappings that are kept for the next file with the same columns."""

    @blueprint.requires("read")
    @blueprint.arguments(PageQuerySchema, location="query")
    @blueprint.response(200, KeptMappingPageSchema)
    def get(self, query: dict[str, Any]) -> KeptMappingPage:
        """List the mappings that are proposed for tables with the same headings."""
        return service(KeptMappings).list(after=query.get("after"), limit=query["limit"])


@blueprint.route("/import-mappings/<uuid:kept_mapping_id>")
class KeptMappingItem(MethodView):
    """A kept mapping."""

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.unconditional("What is forgotten is kept again by the next import with it.")
    @blueprint.problem(KeptMappingNotFound)
    def delete(self, kept_mapping_id: UUID) -> None:
        """Forget a mapping; imports that have it already go on with it."""
        service(KeptMappings).forget(kept_mapping_id)
