"""The peer of the benchmark of boundaries: the same application with its walls taken down.

Its host sends no role and no workspace, hands out implementations where others get proxies,
leaves pooled connections as they are, and asks for no permission. Its database has no row
security and, instead, indexes that do without the workspace, as a house with one tenant has
them. Everything else is the application's own code: routing, finding out who calls, the unit of
work, services, statements, answers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from meishi.database.engine import send
from meishi.database.identity import TransactionIdentity
from meishi.database.location import Location, locate
from meishi.database.resolution import Resolved
from meishi.database.transaction import OpenTransaction
from meishi.database.unit_of_work import UnitOfWork
from meishi.host import Host
from meishi.settings import load_settings

P = TypeVar("P")

_INDEXES = """
    SELECT format('CREATE INDEX ON %%s (%%s)', i.indrelid::regclass, rest.columns)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    CROSS JOIN LATERAL (
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY place) AS columns
        FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
        WHERE a.attname <> 'workspace_id'
    ) AS rest
    WHERE c.relnamespace = ANY (%s::regnamespace[]) AND i.indexprs IS NULL
        AND rest.columns IS NOT NULL AND c.relkind = 'r'
        AND (SELECT amname FROM pg_am JOIN pg_class x ON x.relam = pg_am.oid
             WHERE x.oid = i.indexrelid) = 'btree'
"""
_TABLES = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = ANY (%s::regnamespace[]) AND relrowsecurity
"""


def take_policies_down(administrator_url: str, plugins: list[str]) -> None:
    """Switch row security off, and make indexes that begin behind the workspace."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        for (statement,) in connection.execute(_INDEXES, [plugins]).fetchall():
            connection.execute(statement)
        for (table,) in connection.execute(_TABLES, [plugins]).fetchall():
            connection.execute(
                sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(sql.SQL(table))
            )


class _NoIdentity(TransactionIdentity):
    """A transaction that acts for nobody in particular."""

    __slots__ = ()

    def in_step(self) -> bool:
        return True

    def statements(self) -> str:
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

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._identity = _NoIdentity()

    def sibling(self) -> OpenWork:
        return OpenWork(self._engine, self._roles, self._new_services)

    def resolve(self, function: str, key: Sequence[object]) -> Resolved | None:
        values = ", ".join(Literal(value).as_string() for value in key)
        found = self._opened(f"SELECT to_json(found) FROM {function}({values}) AS found").answer
        row = found.get_value(0, 0) if found.ntuples else None
        return None if row is None else Resolved(None, row)

    def entered(self, plugin: str) -> AbstractContextManager[None]:
        return nullcontext()

    def _opened(self, first: str = "") -> OpenTransaction:
        if self._transaction is None:
            self._transaction = _Transaction(self._engine, self._identity, first)
        return self._transaction


class OpenHost(Host):
    """A host whose services are the implementations themselves."""

    def unit_of_work(self, workspace: UUID | None = None) -> UnitOfWork:
        return OpenWork(self._engine, self.roles, self.calls.container)

    def service(self, protocol: type[P]) -> P:
        return current_scope().work.services.get(protocol)

    def check_migrations(self) -> None:
        """The login is the administrator, who may do anything."""


def application() -> Flask:
    """Return the application without walls, on the administrator's database of the settings."""
    settings = load_settings()
    url = locate(settings).administrator_url()
    with patch("meishi.app.Host", OpenHost):
        app = create_app(settings, location=Location(url, url))
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
            actor = Actor(user_id=principal.user_id, token_id=principal.token_id)
            with substitute_scope(replace(scope, actor=actor, workspace_id=principal.workspace_id)):
                return view(*args, **kwargs)

    return handle
