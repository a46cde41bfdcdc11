"""The peer of the benchmark of boundaries: the same application with its walls taken down.

One login owns every table and has the rights of all. There is no row security: the statement that
reads a contact names the workspace itself, as a house writes it that keeps tenants apart by hand.
The host sends no role and no workspace, hands out implementations where others get proxies,
leaves pooled connections as they are, and asks for no permission. Everything else is the
application's own code: routing, finding out who calls, the unit of work, services, statements,
answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any, TypeVar
from unittest.mock import patch
from uuid import UUID

import psycopg
from flask import Flask, abort, request
from psycopg import sql
from psycopg.sql import Literal

from meishi.app import create_app
from meishi.context import Actor, Scope, current_scope, enter_scope, substitute_scope
from meishi.core.identity.contract import Tokens
from meishi.database.identity import TransactionIdentity
from meishi.database.location import Location, locate
from meishi.database.resolution import Resolved
from meishi.database.statements import Rows
from meishi.database.transaction import OpenTransaction
from meishi.database.unit_of_work import UnitOfWork
from meishi.database.wire import send
from meishi.host import Host
from meishi.settings import load_settings

P = TypeVar("P")

LOGIN = "bench_without_walls"

_OWNED = """
    SELECT format('ALTER TABLE %%1$s DISABLE ROW LEVEL SECURITY; ALTER TABLE %%1$s OWNER TO %%2$I',
                  oid::regclass, %(login)s::text)
    FROM pg_class
    WHERE relnamespace = ANY (%(schemas)s::regnamespace[]) AND relkind IN ('r', 'p')
    UNION ALL
    SELECT format('ALTER ROUTINE %%s OWNER TO %%I', oid::regprocedure, %(login)s::text)
    FROM pg_proc WHERE pronamespace = ANY (%(schemas)s::regnamespace[]) AND prosecdef
"""
_BY_ID = "WHERE c.id = %(id)s"
_BY_WORKSPACE_AND_ID = "WHERE c.workspace_id = %(workspace)s AND c.id = %(id)s"


def take_walls_down(administrator_url: str, password: str) -> None:
    """Give one new login everything, and switch row security off."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        found = connection.execute(
            "SELECT array_agg(nspname::text) FROM pg_namespace WHERE nspowner <> 10"
        ).fetchone()
        schemas: list[str] = found[0] if found else []
        login = sql.Identifier(LOGIN)
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(login, sql.Literal(password))
        )
        connection.execute(
            sql.SQL("GRANT ALL ON SCHEMA {} TO {}").format(
                sql.SQL(", ").join(map(sql.Identifier, schemas)), login
            )
        )
        owned = connection.execute(_OWNED, {"login": LOGIN, "schemas": schemas})
        for (statement,) in owned.fetchall():
            connection.execute(statement)


class _NoIdentity(TransactionIdentity):
    """A transaction that acts for nobody in particular."""

    __slots__ = ()

    def in_step(self) -> bool:
        return True

    def statements(self) -> str:
        return ""

    def first_statements(self) -> str:
        return ""


class _Transaction(OpenTransaction):
    """A transaction that leaves its connection as it is."""

    def commit(self, last: str = "") -> None:
        self._identity.ending = True
        send(self.driver, f"{last}COMMIT")
        self._pooled.info.clear()
        if self._connection is not None:
            self._connection.commit()


class OpenWork(UnitOfWork):
    """A unit of work in which every plugin's code has the rights of all."""

    def __init__(
        self,
        *args: Any,
        wake: Callable[[], None],
        entering: Callable[[str], None],
        overseers: Mapping[str, str],
    ) -> None:
        super().__init__(*args, wake=wake, entering=entering, overseers=overseers)
        self.identity = _NoIdentity()

    def sibling(self) -> OpenWork:
        return OpenWork(
            self._engine,
            self.roles,
            self._new_services,
            wake=self._wake,
            entering=self._entering,
            overseers=self.readers.overseers,
        )

    def execute(self, statement: str, parameters: Mapping[str, Any] | None = None) -> Rows:
        values = {**(parameters or {}), "workspace": self.identity.workspace}
        return super().execute(statement.replace(_BY_ID, _BY_WORKSPACE_AND_ID), values)

    def resolve(self, function: str, key: Sequence[object]) -> Resolved | None:
        values = ", ".join(Literal(value).as_string() for value in key)
        found = self._opened(f"SELECT to_json(found) FROM {function}({values}) AS found").answer
        row = found.get_value(0, 0) if found.ntuples else None
        return None if row is None else Resolved(None, row)

    def entered(self, plugin: str) -> AbstractContextManager[None]:
        return nullcontext()

    def _opened(self, first: str = "") -> OpenTransaction:
        if self._transaction is None:
            self._transaction = _Transaction(self._engine, self.identity, first)
        return self._transaction


class OpenHost(Host):
    """A host whose services are the implementations themselves."""

    def unit_of_work(self, workspace: UUID | None = None) -> UnitOfWork:
        return OpenWork(
            self._engine,
            self.roles,
            self.calls.container,
            wake=self._waker.wake,
            overseers=self.grants.overseers,
            entering=self.refuse_held,
        )

    def service(self, protocol: type[P]) -> P:
        return current_scope().work.services.get(protocol)

    def check_migrations(self) -> None:
        """Leave the database as it is: its login may do anything."""


def application() -> Flask:
    """Return the application without walls, on the database of the settings."""
    settings = load_settings()
    url = locate(settings).runtime_url
    with patch("meishi.app.Host", OpenHost):
        app = create_app(settings, location=Location(url, None))
    host: OpenHost = app.extensions["meishi"]
    for endpoint, view in app.view_functions.items():
        if "." in endpoint:
            app.view_functions[endpoint] = unguarded(host, vars(view)["__wrapped__"])
    return app


def unguarded(host: OpenHost, view: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a view like the edge does, without asking for a permission."""

    def handle(*args: Any, **kwargs: Any) -> Any:
        scope = Scope(
            host=host,
            work=host.unit_of_work(),
            actor=Actor(),
            workspace_id=None,
            correlation=host.new_id(),
        )
        with enter_scope(scope):
            _, _, secret = request.headers.get("Authorization", "").partition(" ")
            principal = host.service(Tokens).resolve(secret.strip())
            if principal is None:
                abort(401)
            scope.work.bind_workspace(principal.workspace_id)
            actor = Actor(user_id=principal.user_id, token_id=principal.token_id)
            with substitute_scope(replace(scope, actor=actor, workspace_id=principal.workspace_id)):
                return view(*args, **kwargs)

    return handle
