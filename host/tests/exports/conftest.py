"""A bookcase, and a binder who writes its books into files: in one piece with it, or a service."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from meishi.core.identity.contract import Tokens
from meishi.database.embedded import EmbeddedPostgres
from meishi.sdk.context import service
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages
from meishi.testing.split import Split, Splits

Get = Callable[..., TestResponse]

LIBRARY = """
from flask.views import MethodView
from marshmallow import fields
from meishi.sdk.contract import DocumentPage
from meishi.sdk.http import (
    Blueprint, CursorTextField, Filter, ResourceSchema, list_query_schema,
)
from meishi.sdk.plugin import Permission, Role, hookimpl

class BookSchema(ResourceSchema):
    id = fields.UUID(required=True)

class BookPageSchema(ResourceSchema):
    items = fields.List(fields.Nested(BookSchema), required=True)
    next_after = CursorTextField(required=True, allow_none=True)

BookQuerySchema = list_query_schema(
    "BookQuerySchema", filters={"year": Filter(fields.Integer)}, sorts=("year",)
)
blueprint = Blueprint("bookcase", description="Books")

@blueprint.route("/books")
class Books(MethodView):
    @blueprint.requires("read")
    @blueprint.arguments(BookQuerySchema, location="query")
    @blueprint.page(BookPageSchema)
    def get(self, wanted):
        \"\"\"List books.\"\"\"
        return DocumentPage(items=(), position=None)

@hookimpl
def routes():
    return [blueprint]

@hookimpl
def permissions():
    return [Permission(name="read", title="Read", roles=tuple(Role))]
"""

BINDER = """
from meishi.context import current_scope
from meishi.sdk.contract import DomainError
from meishi.sdk.plugin import Exporter, Permission, Role, hookimpl

class Torn(DomainError):
    code, title, status = "torn", "Torn", 409

def bound(wanted):
    yield current_scope().work.plugin.encode()
    for item in wanted.conditions:
        yield f" {item.field} {item.operator.value} {item.value}".encode()
    for key in wanted.sort:
        yield f" by {key.field}".encode()

def piled(wanted):
    for number in range(3000):
        yield (b"%07d " % number) * 128

def broken(wanted):
    yield b"the beginning"
    raise RuntimeError("the middle")

def torn(wanted):
    yield b"the beginning"
    raise Torn("the middle")

def exporter(name, write, resource="bookcase.Book", permission="bind"):
    return Exporter(
        name=name, title=name.title(), resource=resource, media_type="text/plain", suffix=".txt",
        write=write, permission=permission,
    )

@hookimpl
def exporters():
    return [
        exporter("bound", bound),
        exporter("piled", piled),
        exporter("broken", broken),
        exporter("torn", torn),
        exporter("texts", lambda wanted: ["no octets"]),
        exporter("leaves", bound, "binder.Leaf"),
        exporter("nobodys", bound, "gallery.Picture"),
        exporter("kept", bound, permission="keep"),
    ]

@hookimpl
def permissions():
    return [
        Permission(name="bind", title="Bind", roles=tuple(Role)),
        Permission(name="keep", title="Keep", roles=()),
    ]
"""


def _write(packages: PluginPackages) -> None:
    packages.add("bookcase", plugin=LIBRARY, api_prefix="bookcase")
    packages.add("binder", plugin=BINDER, api_prefix="binder")


@pytest.fixture(scope="package")
def bindery(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, booted once."""
    settings = replace(meishi_settings, deployment="bindery", plugins=("binder", "bookcase"))
    folder = tmp_path_factory.mktemp("bindery")
    with application_of_packages(meishi_server, settings, folder, _write) as application:
        yield application


@pytest.fixture(scope="package")
def bindery_split(
    bindery: TestApplication, meishi_splits: Splits, meishi_settings: Settings
) -> Split:
    """The same with the binder as a service."""
    settings = replace(meishi_settings, plugins=("binder", "bookcase"), plugins_listed=True)
    return meishi_splits.of(settings, "binder")


@pytest.fixture(params=["one piece", "service"])
def app(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on a database of this test's own, or both of them on theirs."""
    if request.param == "one piece":
        bindery: TestApplication = request.getfixturevalue("bindery")
        with bindery.lent():
            yield bindery.app
        return
    split: Split = request.getfixturevalue("bindery_split")
    with (
        split.main.databases.clone() as main,
        split.service.databases.clone() as service_location,
        split.lent(main, service_location),
    ):
        yield split.main.app


#: For tests of what stands between the two.
as_service = pytest.mark.parametrize("app", ["service"], indirect=True)


@pytest.fixture
def workspace(app: Flask) -> WorkspaceUnderTest:
    """A workspace with its owner."""
    return found_workspace(app.extensions["meishi"], "one")


@pytest.fixture
def signed_in(app: Flask, workspace: WorkspaceUnderTest) -> Browser:
    """A browser in which the owner is signed in."""
    browser = Browser(app.test_client())
    browser.sign_in(workspace.host, workspace.owner_id)
    return browser


@pytest.fixture
def get(app: Flask, workspace: WorkspaceUnderTest) -> Get:
    """Ask for exports over HTTP, by a token with some scopes or all."""

    def send(place: str = "", *, scopes: tuple[str, ...] | None = None, **query: Any) -> Any:
        headers = workspace.headers
        if scopes is not None:
            with workspace.acting_as("identity"):
                token = service(Tokens).issue(
                    user_id=workspace.owner_id, name="few", scopes=frozenset(scopes)
                )
            headers = {"Authorization": f"Bearer {token.secret}"}
        return app.test_client().get(
            f"/api/v1/exports{place}", query_string=query, headers=headers, buffered=True
        )

    return send
