"""What forms of pages leave in the audit, as requests of the web API do."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, request

from meishi.audit.entry import Outcome, Resource
from meishi.context import Scope, enter_scope
from meishi.http.auditing import CHANGING, denies, record


class PageTrail:
    """Writes the entries of one page, by its full name (`crm_contacts.edit`)."""

    def __init__(self, plugin: str, name: str, permission: str | None) -> None:
        self._plugin = plugin
        self._name = f"{plugin}.{name}"
        self._permission = permission

    def note(self, scope: Scope, values: Mapping[str, Any], answer: Response) -> None:
        """Write that a form was taken, or came back with a refusal, in its own transaction."""
        if scope.workspace_id is None or request.method not in CHANGING:
            return
        if answer.status_code < HTTPStatus.BAD_REQUEST:
            self._record(scope, values, answer.status_code, Outcome.DONE)
        elif answer.status_code == HTTPStatus.FORBIDDEN:
            self._record(scope, values, answer.status_code, Outcome.DENIED)

    def note_denied(self, scope: Scope, values: Mapping[str, Any], error: Exception) -> None:
        """Write that somebody was refused, if that is what an error says."""
        if scope.workspace_id is not None and denies(error):
            with enter_scope(scope.aside()) as apart:
                self._record(apart, values, HTTPStatus.FORBIDDEN.value, Outcome.DENIED)

    def _record(
        self, scope: Scope, values: Mapping[str, Any], status: int, outcome: Outcome
    ) -> None:
        ids = [str(value) for value in values.values() if isinstance(value, UUID)]
        record(
            scope,
            action=f"{request.method} {self._name}",
            plugin=self._plugin,
            permission=self._permission,
            status=status,
            outcome=outcome,
            resource=Resource(type=self._name, id=ids[-1] if ids else None),
        )
