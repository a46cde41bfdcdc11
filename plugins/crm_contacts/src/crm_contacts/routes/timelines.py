"""Timelines of contacts over HTTP."""

from __future__ import annotations

from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import ContactNotFound, TimelinePage, Timelines
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.routes.merges import LEADS_ELSEWHERE, elsewhere
from crm_contacts.schemas.timeline import TimelinePageSchema, TimelineQuerySchema
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery


@blueprint.route("/<uuid:subject_id>/timeline")
class ContactTimeline(MethodView):
    """What happened with a contact."""

    @blueprint.requires("read")
    @blueprint.arguments(TimelineQuerySchema, location="query")
    @blueprint.page(TimelinePageSchema)
    @blueprint.doc(responses=LEADS_ELSEWHERE)
    @blueprint.problem(ContactNotFound)
    def get(self, wanted: ListQuery, subject_id: UUID) -> TimelinePage | Response:
        """List what happened with a contact, newest first: changes, notes, and others' events.

        Of other modules' events, those are shown that the caller may see.
        """
        try:
            return service(Timelines).list(
                subject_id,
                after=None if wanted.after is None else UUID(wanted.after[0]),
                limit=wanted.limit,
            )
        except ContactNotFound:
            return elsewhere(subject_id)
