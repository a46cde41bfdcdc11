"""Tags over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import InvalidTag, Tag, TagNameTaken, TagNotFound, TagPage, Tags
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.tags import (
    TagDraftSchema,
    TagMergeSchema,
    TagPageSchema,
    TagPatchSchema,
    TagQuerySchema,
    TagSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import MERGE_PATCH, document_of, document_response, wanted_versions


@blueprint.route("/tags")
class TagList(MethodView):
    """All tags of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(TagQuerySchema, location="query")
    @blueprint.page(TagPageSchema)
    def get(self, wanted: ListQuery) -> TagPage:
        """List tags in order of creation."""
        return service(Tags).list(
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("write")
    @blueprint.arguments(TagDraftSchema)
    @blueprint.document(TagSchema, status=201)
    @blueprint.problems(InvalidTag, TagNameTaken)
    def post(self, document: dict[str, Any]) -> Response:
        """Make a tag."""
        found = service(Tags).create(document["name"], colour=document["colour"])
        return document_response(
            document_of(found, TagSchema()),
            status=201,
            location=f"{request.path}/{found.id}",
            resource=TagSchema,
        )


@blueprint.route("/tags/<uuid:tag_id>")
class TagItem(MethodView):
    """One tag."""

    @blueprint.requires("read")
    @blueprint.document(TagSchema)
    @blueprint.problem(TagNotFound)
    def get(self, tag_id: UUID) -> Tag:
        """Return a tag."""
        return service(Tags).get(tag_id)

    @blueprint.requires("organise")
    @blueprint.arguments(TagPatchSchema, content_type=MERGE_PATCH, example={"name": "Client"})
    @blueprint.document(TagSchema)
    @blueprint.preconditions()
    @blueprint.problems(InvalidTag, TagNameTaken, TagNotFound)
    def patch(self, document: dict[str, Any], tag_id: UUID) -> Tag:
        """Rename a tag, or give it another colour; its contacts change with its name."""
        return service(Tags).update(tag_id, **document, versions=wanted_versions())

    @blueprint.requires("organise")
    @blueprint.response(204)
    @blueprint.preconditions()
    @blueprint.problem(TagNotFound)
    def delete(self, tag_id: UUID) -> None:
        """Delete a tag, and take it off all contacts."""
        service(Tags).delete(tag_id, versions=wanted_versions())


@blueprint.route("/tags/<uuid:tag_id>/merge")
class TagMerging(MethodView):
    """Tags that turn out to be one."""

    @blueprint.requires("organise")
    @blueprint.arguments(TagMergeSchema)
    @blueprint.document(TagSchema)
    @blueprint.problems(InvalidTag, TagNotFound)
    def post(self, document: dict[str, Any], tag_id: UUID) -> Tag:
        """Put a tag on all contacts that have one of some others, and delete these."""
        return service(Tags).merge(tag_id, tuple(document["merged_ids"]))
