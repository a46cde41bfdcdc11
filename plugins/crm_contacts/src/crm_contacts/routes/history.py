"""Histories of contacts over HTTP, and putting fields back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import (
    ChangedSince,
    ChangeNotFound,
    ContactDocuments,
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    History,
    HistoryPage,
    InvalidContact,
    InvalidRevert,
    Merges,
    PersonSuppressed,
    SharingRefused,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.routes.merges import LEADS_ELSEWHERE, elsewhere
from crm_contacts.schemas.contacts import ContactSchema
from crm_contacts.schemas.history import (
    ChangeRecordPageSchema,
    HistoryQuerySchema,
    RevertSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import Document, ListQuery
from meishi.sdk.http import wanted_versions


@blueprint.route("/<uuid:subject_id>/history")
class ContactHistory(MethodView):
    """What became of a contact."""

    @blueprint.requires("read")
    @blueprint.arguments(HistoryQuerySchema, location="query")
    @blueprint.page(ChangeRecordPageSchema)
    @blueprint.doc(responses=LEADS_ELSEWHERE)
    @blueprint.problem(ContactNotFound)
    def get(self, wanted: ListQuery, subject_id: UUID) -> HistoryPage | Response:
        """List the changes of a contact, newest first: of which fields, where from, and by whom.

        One that was merged leads to the contact that took it, unless `filter[merged][eq]` asks
        there for what became of it before.
        """
        asked = {item.field: item.value for item in wanted.conditions}
        contact_id = subject_id
        if "merged" in asked:
            contact_id = UUID(asked["merged"])
            if service(Merges).merged_into(contact_id) != subject_id:
                return HistoryPage(items=(), next_after=None, total=0)
        elif service(Merges).merged_into(subject_id) is not None:
            return elsewhere(subject_id)
        return service(History).list(
            contact_id,
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            field=asked.get("field"),
            with_total=wanted.with_total,
        )


@blueprint.route("/<uuid:contact_id>/history/<uuid:change_id>:revert")
class ContactRevert(MethodView):
    """A change that turns out to be none for the better."""

    @blueprint.requires("write")
    @blueprint.arguments(RevertSchema)
    @blueprint.document(ContactSchema)
    @blueprint.preconditions()
    @blueprint.problems(
        ChangedSince,
        ChangeNotFound,
        ContactNotFound,
        ContactUidTaken,
        InvalidContact,
        InvalidRevert,
        PersonSuppressed,
    )
    @blueprint.problems(ContactReadOnly, SharingRefused)
    def post(self, document: dict[str, Any], contact_id: UUID, change_id: UUID) -> Document:
        """Put the fields of a change back to what they were before it, as a change of its own.

        What was changed again since is refused, unless `fields` names it.
        """
        service(History).revert(
            contact_id,
            change_id,
            fields=tuple(document["fields_"]),
            versions=wanted_versions(),
        )
        return service(ContactDocuments).get(contact_id)
