"""The catalogue of event types, for everybody who may read events."""

from __future__ import annotations

from flask import Response
from flask.views import MethodView

from meishi.events.asyncapi import asyncapi_document
from meishi.events.event_map import declared_events, event_map
from meishi.events.routes.blueprint import answered, blueprint, deployment
from meishi.events.schemas.feed import EventCatalogueSchema


@blueprint.route("/catalogue")
class EventCatalogueItem(MethodView):
    """All event types."""

    @blueprint.requires("read")
    @blueprint.response(200, EventCatalogueSchema)
    def get(self) -> Response:
        """Return all event types, who publishes them and who listens: an AsyncAPI document."""
        plugins = deployment().plugins
        found = event_map(declared_events(plugins.active(), plugins.extensions))
        return answered(asyncapi_document(found))
