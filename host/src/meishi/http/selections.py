"""Selections: what a request chose to see of resources, by `fields=` and `include=`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import NoReturn, cast

import msgspec
from flask import g, request
from webargs.flaskparser import abort

from meishi.context import current_scope
from meishi.http.extensions import added_values
from meishi.http.includes import Include, included
from meishi.http.selectables import FIELDS, ID, INCLUDE, INCLUDED, Selectable
from meishi.http.suggestions import MAX_SUGGESTIONS, unknown_name
from meishi.lifecycle.extension_faults import EXTENSIONS
from meishi.refusals import Forbidden

_RESOURCE = msgspec.json.Decoder(dict[str, msgspec.Raw])

Resource = dict[str, msgspec.Raw]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Some fields or all (None), and what comes along; `parameters` are those that choose."""

    parameters: tuple[str, ...] = ()
    fields: frozenset[str] | None = None
    includes: tuple[Include, ...] = ()

    def shows(self, name: str) -> bool:
        """Whether a member of the resource was chosen."""
        return self.fields is None or name in self.fields

    def of_resource(self, body: bytes) -> bytes:
        """Return a resource's JSON as it was chosen, with what is included as its last member."""
        if self.fields is None and not self.includes:
            return body
        resource = _RESOURCE.decode(body)
        shown = self._narrowed(resource)
        if self.includes:
            shown[INCLUDED] = msgspec.Raw(included(self.includes, [resource]))
        return msgspec.json.encode(shown)

    def of_page(self, items: Sequence[bytes]) -> tuple[Sequence[bytes], bytes | None]:
        """Return the JSON of a page's items as they were chosen, and of what is included."""
        if self.fields is None and not self.includes:
            return items, None
        resources = [_RESOURCE.decode(item) for item in items]
        related = included(self.includes, resources) if self.includes else None
        if self.fields is not None:
            items = [msgspec.json.encode(self._narrowed(resource)) for resource in resources]
        return items, related

    def _narrowed(self, resource: Resource) -> Resource:
        if self.fields is None:
            return dict(resource)
        return {name: value for name, value in resource.items() if name in self.fields}


_EVERYTHING = Selection()


def current_selection() -> Selection:
    """Return what the request chose: everything, unless its query says otherwise."""
    return cast("Selection", g.get("selection", _EVERYTHING))


def read_selection(selectable: Selectable) -> None:
    """Read what the request chooses; answer with 400 or 403 to what it cannot have."""
    wrong: dict[str, list[str]] = {}
    names = _chosen(FIELDS, _names_of(selectable), wrong)
    relations = _chosen(INCLUDE, selectable.relations, wrong) if selectable.includes else None
    if wrong:
        _refuse(wrong)
    includes = tuple(item for item in selectable.includes if item.name in (relations or ()))
    for include in includes:
        if include.permission not in current_scope().actor.permissions:
            raise Forbidden(f"`include={include.name}` needs the permission {include.permission}.")
    g.selection = Selection(
        parameters=selectable.parameters,
        fields=None if names is None else names | {ID},
        includes=includes,
    )


def _names_of(selectable: Selectable) -> tuple[str, ...]:
    """Return the names of a resource's fields, and of what others add to it."""
    added = added_values(selectable.resource)
    return (*selectable.names, EXTENSIONS) if added else selectable.names


def _chosen(
    parameter: str, known: Sequence[str], wrong: dict[str, list[str]]
) -> frozenset[str] | None:
    """Return the names in a parameter, None without it; say in `wrong` which ones are unknown."""
    given = request.args.getlist(parameter)
    if not given:
        return None
    names = dict.fromkeys(name.strip() for name in ",".join(given).split(","))
    if len(given) > 1:
        wrong[parameter] = ["Given more than once."]
    elif unknown := [name for name in names if name not in known]:
        wrong[parameter] = [unknown_name(name, known) for name in unknown[:MAX_SUGGESTIONS]]
    return frozenset(names)


def _refuse(wrong: Mapping[str, list[str]]) -> NoReturn:
    abort(HTTPStatus.BAD_REQUEST.value, messages={"query": wrong})
