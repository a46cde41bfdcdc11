"""Databases for tests: one PostgreSQL per run, one clone of a migrated template per test."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from itertools import count

import psycopg
from psycopg import sql

from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.database.roles import RoleNames
from meishi.lifecycle.installation import upgrade_all
from meishi.lifecycle.loading import load_plugins
from meishi.settings import Settings


class TestDatabases:
    """Hands out databases in which all revisions of the settings' plugins are applied.

    Their names begin with the deployment's, which several on one server must not share at a time;
    of those that come one after the other, each makes its own template.
    """

    __test__ = False

    def __init__(self, server: EmbeddedPostgres, settings: Settings) -> None:
        self._server = server
        self._settings = settings
        self._password = secrets.token_urlsafe()
        self._numbers = count(1)

    @cached_property
    def _template(self) -> str:
        """The database of which clones are made."""
        name = f"{self._settings.deployment}_template"
        plugins = load_plugins(self._settings)
        plugins.enforce(self._settings.boot_policy)
        self._drop(name)
        self._create(name, None)
        upgrade_all(self._settings, self.location(name), plugins)
        return name

    def location(self, name: str) -> Location:
        """Return how to reach a database of this server."""
        login = RoleNames(self._settings.deployment).runtime
        admin = self._server.admin_url.replace("/postgres?", f"/{name}?")
        return Location(self._server.url(login, self._password, name), admin)

    @contextmanager
    def clone(self) -> Iterator[Location]:
        """Lend a clone of the template."""
        with self._lend(self._template) as location:
            yield location

    @contextmanager
    def empty(self) -> Iterator[Location]:
        """Lend a database in which nothing was ever migrated."""
        with self._lend(None) as location:
            yield location

    @contextmanager
    def _lend(self, template: str | None) -> Iterator[Location]:
        name = f"{self._settings.deployment}_{next(self._numbers)}"
        self._create(name, template)
        try:
            yield self.location(name)
        finally:
            self._drop(name)

    def _create(self, name: str, template: str | None) -> None:
        statement: sql.Composed = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
        if template is not None:
            statement += sql.SQL(" TEMPLATE {} STRATEGY FILE_COPY").format(sql.Identifier(template))
        self._execute(statement)

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._execute(statement.format(sql.Identifier(name)))

    def _execute(self, statement: sql.SQL | sql.Composed) -> None:
        with psycopg.connect(self._server.admin_url, autocommit=True) as connection:
            connection.execute(statement)
