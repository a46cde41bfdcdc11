"""An application with two plugins that find things, each in its own way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from meishi.core.identity.contract import Tokens
from meishi.database.embedded import EmbeddedPostgres
from meishi.sdk.context import service
from meishi.settings import Settings
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages

_PREAMBLE = """
import uuid
from meishi.sdk.contract import DomainError
from meishi.sdk.database import execute
from meishi.sdk.plugin import (
    Migrations, Permission, Role, SearchHit, SearchProvider, hookimpl,
)

def hit(title, path="/nest", **more):
    return SearchHit(id=uuid.UUID(int=7), title=title, subtitle="<b>", path=path, score=1.0)

@hookimpl
def migrations():
    return Migrations(f"{__package__}.migrations.versions")

@hookimpl
def permissions():
    return [
        Permission(name="read", title="Look", roles=tuple(Role)),
        Permission(name="keep", title="Keep", roles=(Role.OWNER,)),
    ]
"""

AVIARY = f"""{_PREAMBLE}
class Escaped(DomainError):
    code, title, status = "escaped", "Escaped", 409

def birds(wanted):
    return [hit(f"{{wanted.text}} {{number}}") for number in range(9)]

def asleep(wanted):
    execute("SELECT pg_sleep(30)")

def escaped(wanted):
    raise Escaped("hunter2")

def spoilt(wanted):
    try:
        execute("SELECT 1 / 0")
    except Exception:
        return [hit("spoilt")]

@hookimpl
def search_providers():
    provider = lambda name, search, **more: SearchProvider(
        **{{"name": name, "title": name.title(), "search": search, "permission": "read"}} | more)
    return [
        provider("birds", birds),
        provider("asleep", asleep, limit_seconds=0.05),
        provider("escaped", escaped),
        provider("spoilt", spoilt),
        provider("nothing", lambda wanted: None),
        provider("strangers", lambda wanted: ["a bird"]),
        provider("outside", lambda wanted: [hit("x", path="//elsewhere.example")]),
        provider("tabbed", lambda wanted: [hit("x", path="/\t/elsewhere.example")]),
        provider("scripts", lambda wanted: [hit("x", path="javascript:alert(1)")]),
    ]
"""

ZOO = f"""{_PREAMBLE}
def limits(wanted):
    ((found,),) = execute("SHOW statement_timeout")
    ((role,),) = execute("SELECT current_user::text")
    return [hit(f"{{found}} {{role}}"), hit("second")]

@hookimpl
def search_providers():
    return [
        SearchProvider(name="limits", title="Limits", search=limits, permission="read"),
        SearchProvider(
            name="keys", title="Keys", search=lambda wanted: [hit("key")], permission="keep"
        ),
    ]
"""


#: A plugin without revisions has no role, and so no statement of its own.
_REVISION = """
revision = "{name}_0001"
down_revision = None

def upgrade():
    pass

def downgrade():
    pass
"""

#: One that only passes on what others know.
ECHO = """
from meishi.sdk.plugin import Permission, Role, SearchProvider, hookimpl

@hookimpl
def permissions():
    return [Permission(name="read", title="Look", roles=tuple(Role))]

@hookimpl
def search_providers():
    return [
        SearchProvider(name="echo", title="Echo", search=lambda wanted: [], permission="read")
    ]
"""


def _write(packages: PluginPackages) -> None:
    for name, code in (("aviary", AVIARY), ("zoo", ZOO)):
        files = {
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001.py": _REVISION.format(name=name),
        }
        packages.add(name, plugin=code, files=files, api_prefix=name)
    packages.add("echo", plugin=ECHO, api_prefix="echo")


@pytest.fixture(scope="package")
def finders(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """The application, booted once."""
    settings = replace(meishi_settings, deployment="finders", plugins=("aviary", "echo", "zoo"))
    folder = tmp_path_factory.mktemp("finders")
    with application_of_packages(meishi_server, settings, folder, _write) as application:
        yield application


@pytest.fixture
def app(finders: TestApplication) -> Iterator[Flask]:
    """The application on a database of this test's own."""
    with finders.lent():
        yield finders.app


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
def found(app: Flask, workspace: WorkspaceUnderTest) -> Callable[..., Any]:
    """Search over HTTP; return the answer's document."""

    def search(text: str, *, scopes: tuple[str, ...] | None = None, **more: Any) -> Any:
        headers = workspace.headers
        if scopes is not None:
            with workspace.acting_as("identity"):
                token = service(Tokens).issue(
                    user_id=workspace.owner_id, name="few", scopes=frozenset(scopes)
                )
            headers = {"Authorization": f"Bearer {token.secret}"}
        answer = app.test_client().get(
            "/api/v1/search", query_string={"q": text, **more}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        return answer.json

    return search
