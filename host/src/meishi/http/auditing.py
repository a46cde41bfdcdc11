"""What requests leave in the audit: one entry for each that changed something, or was denied.

An entry is written in the transaction of the change. That of a request which was denied is
written in one of its own, as nothing else of it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from meishi.audit import writing
from meishi.audit.entry import Action, Outcome, Resource
from meishi.context import Scope, enter_scope
from meishi.http.batches import BATCH
from meishi.http.bodies import body_in_hand
from meishi.http.limits.addresses import client_area
from meishi.http.routes import Route
from meishi.sdk.contract import DomainError

#: Methods whose success is worth an entry.
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})

#: How many changed fields are named.
MAX_CHANGED = 50

_VARIABLE = re.compile(r"<(?:[^<>:]+:)?([^<>]+)>")
#: Ids and names of fields look like this; what people are called, or reached by, does not.
_NAME = re.compile(r"[A-Za-z0-9_.:~-]{1,200}")
#: Before them stand the root of the API and its version.
_FIRST_PART = 3

_BODY = msgspec.json.Decoder(dict[str, msgspec.Raw])


class AuditTrail:
    """Writes the entries of one route."""

    def __init__(self, route: Route) -> None:
        self.plugin = route.plugin
        self._permissions = route.permissions
        self._address = _VARIABLE.sub(r"{\1}", route.path)
        parts = route.path.split("/")[_FIRST_PART:]
        variables = [place for place, part in enumerate(parts) if _VARIABLE.fullmatch(part)]
        last = variables[-1] if variables else len(parts)
        self._collection = _fixed(parts)
        self._type = _fixed(parts[:last]) or self._collection
        self._key = _VARIABLE.sub(r"\1", parts[last]) if variables else None
        self._counts = not route.path.endswith(BATCH)

    def note(self, scope: Scope, values: Mapping[str, Any], answer: Response) -> None:
        """Write that a request was done; `values` are those in its address.

        A batch counts by its items.
        """
        if not self._counts or request.method not in CHANGING:
            return
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            self._record(
                scope,
                status=answer.status_code,
                resource=self._made(answer) or self._named(values),
                changed=changed_fields(),
            )

    def note_denied(
        self, scope: Scope, values: Mapping[str, Any], error: Exception, *, alone: bool
    ) -> None:
        """Write that a request was refused, if that is what an error says.

        `alone` writes it in a transaction of its own, otherwise it is kept with the current one.
        """
        if scope.workspace_id is None or not denies(error):
            return
        if alone:
            with enter_scope(scope.aside()) as apart:
                self.note_denied(apart, values, error, alone=False)
            return
        self._record(
            scope,
            status=HTTPStatus.FORBIDDEN.value,
            resource=self._named(values),
            outcome=Outcome.DENIED,
        )

    def _record(self, scope: Scope, **said: Any) -> None:
        record(
            scope,
            action=f"{request.method} {self._address}",
            plugin=self.plugin,
            permission=self._permissions[request.method],
            **said,
        )

    def _made(self, answer: Response) -> Resource | None:
        """Return what the request has created below its own address."""
        if answer.status_code != HTTPStatus.CREATED:
            return None
        made = answer.headers.get("Location", "").removeprefix(f"{request.path}/")
        return Resource(type=self._collection, id=made) if _NAME.fullmatch(made) else None

    def _named(self, values: Mapping[str, Any]) -> Resource:
        """Return what the address of the request names."""
        found = "" if self._key is None else str(values.get(self._key, ""))
        return Resource(type=self._type, id=found if _NAME.fullmatch(found) else None)


def record(
    scope: Scope,
    *,
    action: str,
    plugin: str,
    permission: str | None = None,
    status: int | None = None,
    outcome: Outcome = Outcome.DONE,
    resource: Resource | None = None,
    changed: Sequence[str] = (),
) -> None:
    """Write an entry about the current request, in the unit of work of a scope."""
    settings = current_app.extensions["meishi"].settings
    described = Action(
        name=action,
        plugin=plugin,
        permission=permission,
        status=status,
        outcome=outcome,
        resource=resource,
        changed=changed,
        address=client_area(request.environ, settings.trusted_proxies),
    )
    writing.record(scope, described)


def changed_fields() -> tuple[str, ...]:
    """Return the names of the fields in the request's JSON, if it is an object."""
    body = body_in_hand()
    if not body or "json" not in request.environ.get("CONTENT_TYPE", "").lower():
        return ()
    try:
        names = _BODY.decode(body)
    except msgspec.MsgspecError:
        return ()
    return tuple(name for name in names if _NAME.fullmatch(name))[:MAX_CHANGED]


def _fixed(parts: Sequence[str]) -> str:
    """Return what an address says of the kind of a resource, whichever one it is."""
    return "/".join(part for part in parts if not _VARIABLE.search(part))


def denies(error: Exception) -> bool:
    """Whether an error says that somebody may not do what they wanted."""
    if isinstance(error, DomainError):
        return error.status == HTTPStatus.FORBIDDEN
    return isinstance(error, HTTPException) and error.code == HTTPStatus.FORBIDDEN
