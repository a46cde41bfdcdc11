"""Resources as the web API lists them: an export takes the filters of the list, and its rights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from marshmallow import Schema

from meishi.http.blueprint import query_schema
from meishi.http.descriptions import PERMISSION_ATTRIBUTE
from meishi.http.lists import ListQuerySchema
from meishi.http.selectables import selectable_of
from meishi.lifecycle.contribution import Contribution


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceList:
    """The list of a resource: the permission that it needs, and what its query may say."""

    permission: str
    schema: Schema | None


def owner_of(plugins: Iterable[Contribution], resource: str) -> Contribution | None:
    """Return the plugin among these whose resource it is (`crm_contacts.Contact`)."""
    plugin = resource.partition(".")[0]
    return next((item for item in plugins if item.plugin == plugin), None)


def list_of(owner: Contribution, resource: str) -> ResourceList | None:
    """Return the list in which the web API shows a resource; None if there is none."""
    return next(_lists(owner, f"{resource.partition('.')[2]}Schema"), None)


def _lists(owner: Contribution, schema: str) -> Iterator[ResourceList]:
    for blueprint in sorted(owner.routes, key=lambda item: item.version):
        for _, _, view in blueprint.views():
            operation = getattr(view, "get", None)
            if operation is not None and _is_list(operation, schema):
                query = query_schema(operation)
                permission = getattr(operation, PERMISSION_ATTRIBUTE)
                yield ResourceList(
                    permission=f"{owner.manifest.prefix}.{permission}",
                    schema=query if isinstance(query, ListQuerySchema) else None,
                )


def _is_list(operation: Callable[..., Any], schema: str) -> bool:
    """Whether an operation answers with pages of what a schema describes."""
    shown = selectable_of(operation)
    if shown is None or shown.schema is shown.resource:
        return False
    return shown.resource.__name__ == schema
