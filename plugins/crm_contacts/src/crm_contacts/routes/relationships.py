"""Relationships between contacts over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    ContactNotFound,
    ContactReadOnly,
    InvalidRelationship,
    Relationship,
    RelationshipExists,
    RelationshipNotFound,
    RelationshipPage,
    Relationships,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.relationships import (
    RelationshipDraftSchema,
    RelationshipPageSchema,
    RelationshipQuerySchema,
    RelationshipSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import document_of, document_response, wanted_versions


@blueprint.route("/<uuid:source_id>/relationships")
class RelationshipList(MethodView):
    """What a contact and others are to each other."""

    @blueprint.requires("read")
    @blueprint.arguments(RelationshipQuerySchema, location="query")
    @blueprint.page(RelationshipPageSchema)
    @blueprint.problem(ContactNotFound)
    def get(self, wanted: ListQuery, source_id: UUID) -> RelationshipPage:
        """List relationships in order of creation, with the contact at either end."""
        return service(Relationships).list(
            contact_id=source_id,
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(RelationshipDraftSchema)
    @blueprint.document(RelationshipSchema, status=201)
    @blueprint.problems(ContactNotFound, InvalidRelationship, RelationshipExists)
    @blueprint.problem(ContactReadOnly)
    def post(self, document: dict[str, Any], source_id: UUID) -> Response:
        """Say what another contact is to this one."""
        found = service(Relationships).create(
            source_id, document["target_id"], document["type"], note=document["note"]
        )
        collection = request.path.removesuffix(f"/{source_id}/relationships")
        return document_response(
            document_of(found, RelationshipSchema()),
            status=201,
            location=f"{collection}/relationships/{found.id}",
            resource=RelationshipSchema,
        )


@blueprint.route("/relationships/<uuid:relationship_id>")
class RelationshipItem(MethodView):
    """One relationship."""

    @blueprint.requires("read")
    @blueprint.document(RelationshipSchema)
    @blueprint.problem(RelationshipNotFound)
    def get(self, relationship_id: UUID) -> Relationship:
        """Return a relationship."""
        return service(Relationships).get(relationship_id)

    @blueprint.requires("write")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(RelationshipNotFound)
    @blueprint.problem(ContactReadOnly)
    def delete(self, relationship_id: UUID) -> None:
        """Take a relationship away."""
        service(Relationships).delete(relationship_id, versions=wanted_versions())
