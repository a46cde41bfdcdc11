"""Custom fields over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from crm_contacts.contract import (
    CustomField,
    CustomFieldInUse,
    CustomFieldNotFound,
    CustomFieldPage,
    CustomFields,
    CustomFieldTaken,
    InvalidCustomField,
)
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.custom_fields import (
    CustomFieldDraftSchema,
    CustomFieldPageSchema,
    CustomFieldPatchSchema,
    CustomFieldQuerySchema,
    CustomFieldSchema,
    ValueCountSchema,
)
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
from meishi.sdk.http import MERGE_PATCH, document_of, document_response, wanted_versions


@blueprint.route("/custom-fields")
class CustomFieldList(MethodView):
    """All custom fields of the workspace."""

    @blueprint.requires("read")
    @blueprint.arguments(CustomFieldQuerySchema, location="query")
    @blueprint.page(CustomFieldPageSchema)
    def get(self, wanted: ListQuery) -> CustomFieldPage:
        """List custom fields in order of creation."""
        return service(CustomFields).list(
            after=None if wanted.after is None else UUID(wanted.after[0]),
            limit=wanted.limit,
            with_total=wanted.with_total,
        )

    @blueprint.requires("organise")
    @blueprint.arguments(CustomFieldDraftSchema)
    @blueprint.document(CustomFieldSchema, status=201)
    @blueprint.problems(CustomFieldTaken, InvalidCustomField)
    def post(self, document: dict[str, Any]) -> Response:
        """Make a custom field."""
        found = service(CustomFields).create(
            document["key"],
            title=document["title"],
            type=document["type"],
            choices=tuple(document["choices"]),
        )
        return document_response(
            document_of(found, CustomFieldSchema()),
            status=201,
            location=f"{request.path}/{found.id}",
            resource=CustomFieldSchema,
        )


@blueprint.route("/custom-fields/<uuid:field_id>")
class CustomFieldItem(MethodView):
    """One custom field."""

    @blueprint.requires("read")
    @blueprint.document(CustomFieldSchema)
    @blueprint.problem(CustomFieldNotFound)
    def get(self, field_id: UUID) -> CustomField:
        """Return a custom field."""
        return service(CustomFields).get(field_id)

    @blueprint.requires("organise")
    @blueprint.arguments(
        CustomFieldPatchSchema, content_type=MERGE_PATCH, example={"title": "Rating"}
    )
    @blueprint.document(CustomFieldSchema)
    @blueprint.preconditions()
    @blueprint.problems(CustomFieldInUse, CustomFieldNotFound, InvalidCustomField)
    def patch(self, document: dict[str, Any], field_id: UUID) -> CustomField:
        """Change a custom field; its type, if all values can be of the new one."""
        changes = document | (
            {"choices": tuple(document["choices"])} if "choices" in document else {}
        )
        return service(CustomFields).update(field_id, **changes, versions=wanted_versions())

    @blueprint.requires("organise")
    @blueprint.response(200, ValueCountSchema)
    @blueprint.preconditions()
    @blueprint.problems(CustomFieldInUse, CustomFieldNotFound)
    def delete(self, field_id: UUID) -> dict[str, int]:
        """Delete a custom field, and say how many values went with it."""
        return {"values": service(CustomFields).delete(field_id, versions=wanted_versions())}


@blueprint.route("/custom-fields/<uuid:field_id>/values")
class CustomFieldValues(MethodView):
    """The values of a custom field."""

    @blueprint.requires("read")
    @blueprint.response(200, ValueCountSchema)
    @blueprint.problem(CustomFieldNotFound)
    def get(self, field_id: UUID) -> dict[str, int]:
        """Count the contacts that have a value, and would lose it."""
        return {"values": service(CustomFields).count_values(field_id)}
