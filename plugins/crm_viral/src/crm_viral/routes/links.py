"""Participants, their links, and who followed them, over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_viral.contract import (
    ImageUnavailable,
    Link,
    LinkNotFound,
    LinkPage,
    NobodyActs,
    ParticipantPage,
    Participation,
    ProgrammeNotFound,
    ProgrammeNotLive,
    TooManyLinks,
    Touches,
    TouchPage,
)
from crm_viral.routes.blueprint import blueprint, wanted_of
from crm_viral.schemas import (
    LinkDraftSchema,
    LinkPageSchema,
    LinkSchema,
    OfProgrammeQuerySchema,
    ParticipantPageSchema,
    TouchPageSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import cached_response

#: How many seconds a browser may show a drawn link without asking again: one day.
_MAX_AGE = 86_400


@blueprint.route("/participants")
class ParticipantList(MethodView):
    """Who takes part."""

    @blueprint.requires("read")
    @blueprint.arguments(OfProgrammeQuerySchema, location="query")
    @blueprint.page(ParticipantPageSchema)
    def get(self, wanted: ListQuery) -> ParticipantPage:
        """List participants in the order in which they came."""
        return service(Participation).participants(**wanted_of(wanted))


@blueprint.route("/links")
class LinkList(MethodView):
    """Links that people share."""

    @blueprint.requires("read")
    @blueprint.arguments(OfProgrammeQuerySchema, location="query")
    @blueprint.page(LinkPageSchema)
    def get(self, wanted: ListQuery) -> LinkPage:
        """List links in order of creation."""
        return service(Participation).links(**wanted_of(wanted))

    @blueprint.requires("take_part")
    @blueprint.arguments(LinkDraftSchema)
    @blueprint.document(LinkSchema, status=201)
    @blueprint.problems(NobodyActs, ProgrammeNotFound, ProgrammeNotLive, TooManyLinks)
    def post(self, document: dict[str, Any]) -> Link:
        """Take part in a programme with a new link of one's own."""
        return service(Participation).make_link(document["programme_id"], label=document["label"])


@blueprint.route("/links/<uuid:link_id>")
class LinkItem(MethodView):
    """One link."""

    @blueprint.requires("read")
    @blueprint.document(LinkSchema)
    @blueprint.problem(LinkNotFound)
    def get(self, link_id: UUID) -> Link:
        """Return a link."""
        return service(Participation).link(link_id)


@blueprint.route("/links/<uuid:link_id>/code.svg")
class LinkCode(MethodView):
    """A link as a code to scan."""

    @blueprint.requires("read")
    @blueprint.file("image/svg+xml", cached=True)
    @blueprint.problems(ImageUnavailable, LinkNotFound)
    def get(self, link_id: UUID) -> Response:
        """Draw a link as a QR code; it was read back before it is sent."""
        participation = service(Participation)
        code = participation.link(link_id).code
        return cached_response(code, lambda: participation.link_image(link_id), seconds=_MAX_AGE)


@blueprint.route("/touches")
class TouchList(MethodView):
    """Who followed links."""

    @blueprint.requires("read")
    @blueprint.arguments(OfProgrammeQuerySchema, location="query")
    @blueprint.page(TouchPageSchema)
    def get(self, wanted: ListQuery) -> TouchPage:
        """List touches in order of time."""
        return service(Touches).list(**wanted_of(wanted))
