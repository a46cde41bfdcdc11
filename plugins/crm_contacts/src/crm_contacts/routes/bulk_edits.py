"""Edits of many contacts over HTTP."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask.views import MethodView

from crm_contacts.contract import BulkEdits, Edits, FieldEdits, InvalidBulkEdit
from crm_contacts.routes.blueprint import blueprint
from crm_contacts.schemas.bulk_edits import BulkEditSchema
from crm_contacts.schemas.filters import WrongFilters, conditions_of
from meishi.core.operations.contract import OperationNotFound, Operations
from meishi.sdk.context import service
from meishi.sdk.http import accepted

_MEMBERSHIPS = ("add_tags", "remove_tags", "add_to_lists", "remove_from_lists")
_DECISIONS = ("owner_id", "visibility", "deleted")
_EXAMPLE = {
    "filter": {"organisation": {"prefix": "lind"}},
    "add_tags": ["01939d2c-5f6e-7a1b-8c3d-4e5f60718293"],
}


@blueprint.route("/bulk-edits")
class BulkEditList(MethodView):
    """Edits of many contacts."""

    @blueprint.requires("write")
    @blueprint.arguments(BulkEditSchema, example=_EXAMPLE)
    @blueprint.accepted()
    @blueprint.problems(InvalidBulkEdit, OperationNotFound)
    def post(self, document: dict[str, Any]) -> Response:
        """Edit, delete or restore many contacts; the operation shows how far it is.

        It can be cancelled: what is done by then stays.
        """
        named = document.get("contact_ids")
        operation_id = service(BulkEdits).start(
            _edits(document),
            contact_ids=None if named is None else tuple(named),
            conditions=_conditions(document),
            text=document.get("q"),
        )
        return accepted(service(Operations).get(operation_id))


def _edits(document: dict[str, Any]) -> Edits:
    memberships = {name: tuple(document[name]) for name in _MEMBERSHIPS}
    decisions = {name: document[name] for name in _DECISIONS}
    changes = document.get("changes")
    if changes is not None and "custom" in changes:
        changes = changes | {"custom": tuple(changes["custom"].items())}
    found: dict[str, Any] = memberships | decisions
    return Edits(**found, changes=None if changes is None else FieldEdits(**changes))


def _conditions(document: dict[str, Any]) -> Any:
    if "filter" not in document:
        return None
    try:
        return conditions_of(document["filter"])
    except WrongFilters as error:
        raise InvalidBulkEdit("The filter cannot be used.", errors=error.errors) from error
