from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.app import create_app
from meishi.database.location import Location
from meishi.errors import BootRefused
from meishi.lifecycle.loading import load_plugins
from meishi.settings import Settings, load_settings
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages

from .conftest import Degraded

SHOP = """
from dataclasses import dataclass
from uuid import UUID
from flask import Response, abort, request
from crm_contacts.contract import Contacts
from meishi.sdk.context import current_actor, current_workspace, publish, service
from meishi.sdk.contract import DomainError, Event
from meishi.sdk.plugin import PublicPage, hookimpl

@dataclass(frozen=True)
class Seen(Event):
    event_type = "note.seen.v1"
    subject = "note"
    note: str

class Sold(DomainError):
    code, title, status = "sold", "Sold <out>", 410

def resolve(workspace, note):
    names = [item.name.full for item in service(Contacts).list().items]
    assert names == [], "outside of any workspace nothing is seen"
    if note == "exit":
        raise SystemExit(3)
    return None if note == "unknown" else workspace

def view(workspace, note):
    publish(Seen(note))
    match note:
        case "sold":
            raise Sold("<script>alert(1)</script>")
        case "teapot":
            abort(418)
        case "fault":
            raise ValueError("password=hunter2")
    names = [item.name.full for item in service(Contacts).list().items]
    assert current_workspace() == workspace and current_actor().user_id is None
    return Response(f"{current_workspace()} {names}")

@hookimpl
def event_types():
    return [Seen]

@hookimpl
def public_pages():
    return [PublicPage(rule="/n/<uuid:workspace>/<note>", resolve=resolve, view=view)]
"""
MANIFEST: dict[str, Any] = {
    "requires": {"crm_contacts": "*"},
    "events": {"emits": ["note.seen.v1"]},
}


class Headings(HTMLParser):
    """Collects the elements of a page and the text of its only heading."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.heading = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append(tag)

    def handle_data(self, data: str) -> None:
        """Note the heading's text."""
        if self.elements and self.elements[-1] == "h1":
            self.heading += data.strip()


@pytest.fixture
def shop(packages: PluginPackages, degraded: Degraded) -> Iterator[Flask]:
    """An application with a plugin that has public pages."""
    packages.add("shop", plugin=SHOP, **MANIFEST)
    with degraded("shop") as app:
        assert app.extensions["meishi"].plugins.faults() == []
        yield app


def events(database: Location) -> list[str]:
    """Return the subjects in the log, in their order."""
    with psycopg.connect(database.administrator_url()) as admin:
        query = "SELECT subject FROM meishi_events.event WHERE type = 'note.seen.v1' ORDER BY pos"
        return [row[0] for row in admin.execute(query).fetchall()]


def with_contact(app: Flask, slug: str) -> WorkspaceUnderTest:
    """Found a workspace with one contact, named like it."""
    workspace = found_workspace(app.extensions["meishi"], slug)
    document = {"name": {"full": slug}}
    answer = app.test_client().post("/api/v1/contacts", json=document, headers=workspace.headers)
    assert answer.status_code == 201
    return workspace


def test_a_page_is_shown_in_the_workspace_that_was_resolved(
    shop: Flask, database: Location
) -> None:
    """Visitor after visitor, a page sees one workspace's rows, and before it is known none."""
    client = shop.test_client()
    one, two = with_contact(shop, "one"), with_contact(shop, "two")
    for workspace, name in [(one, "one"), (two, "two"), (one, "one")]:
        answer = client.get(f"/n/{workspace.id}/{name}")
        assert (answer.status_code, answer.text) == (200, f"{workspace.id} ['{name}']")
    assert events(database) == ["one", "two", "one"]


def test_a_token_neither_helps_nor_hinders(shop: Flask) -> None:
    """Who shows a token, even of another workspace or a wrong one, sees the page like anybody."""
    client = shop.test_client()
    one, two = with_contact(shop, "one"), with_contact(shop, "two")
    for headers in (two.headers, {"Authorization": "Bearer msh_wrong"}):
        assert client.get(f"/n/{one.id}/x", headers=headers).text == f"{one.id} ['one']"


@pytest.mark.parametrize(
    ("note", "status", "heading"),
    [
        ("unknown", 404, "Not Found"),
        ("sold", 410, "Sold <out>"),
        ("teapot", 418, "I'm a Teapot"),
        ("fault", 500, "Internal error"),
        ("exit", 500, "Internal error"),
    ],
)
def test_what_goes_wrong_is_a_page_and_leaves_nothing(
    shop: Flask, database: Location, note: str, status: int, heading: str
) -> None:
    """Whatever a page or its resolver raises, people read it, and its transaction is undone."""
    workspace = with_contact(shop, "one")
    answer = shop.test_client().get(f"/n/{workspace.id}/{note}")
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    page = Headings()
    page.feed(answer.text)
    assert page.heading == heading
    assert page.elements.count("h1") == 1
    assert not {"script", "out"} & set(page.elements)
    assert "hunter2" not in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert events(database) == []


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_only_get_and_head_are_served(shop: Flask, method: str) -> None:
    """Every other method is refused with a page that says which are there."""
    workspace = with_contact(shop, "one")
    answer = shop.test_client().open(f"/n/{workspace.id}/x", method=method)
    assert (answer.status_code, answer.mimetype) == (405, "text/html")
    assert answer.allow == {"GET", "HEAD"}


def test_head_is_get_without_a_body(shop: Flask) -> None:
    """The headers are the same."""
    workspace = with_contact(shop, "one")
    got, asked = (
        shop.test_client().open(f"/n/{workspace.id}/x", method=method) for method in ("GET", "HEAD")
    )
    assert (asked.status_code, asked.data) == (200, b"")
    assert dict(asked.headers) == dict(got.headers)


@pytest.mark.parametrize("path", ["/n", "/n/", "/n/x", "/n/x/y/z"])
def test_an_address_beside_a_page_is_not_found_as_a_page(shop: Flask, path: str) -> None:
    """People who mistype an address read a page; elsewhere errors stay documents."""
    client = shop.test_client()
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert client.get(f"/x{path}").mimetype == "application/problem+json"
    assert client.get("/api/v1/contacts").mimetype == "application/problem+json"


def test_a_failing_commit_shows_no_page(shop: Flask, database: Location) -> None:
    """When the log cannot be written, the visitor reads that it failed, not what was shown."""
    workspace = with_contact(shop, "one")
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        admin.execute(
            "CREATE FUNCTION public.refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'refused'; END $$"
        )
        admin.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON meishi_events.event"
            " EXECUTE FUNCTION public.refuse()"
        )
    answer = shop.test_client().get(f"/n/{workspace.id}/x")
    assert (answer.status_code, answer.mimetype) == (500, "text/html")
    assert "['one']" not in answer.text
    assert events(database) == []


PAGES = """
from meishi.sdk.plugin import PublicPage, hookimpl
def found(**_): return None
@hookimpl
def public_pages():
    return [PublicPage(rule=rule, resolve=found, view=found) for rule in {rules!r}]
"""


def reasons(packages: PluginPackages, *rules: list[str]) -> list[str]:
    """Return why plugins with these rules are refused, in their order."""
    names = [f"shop_{place}" for place in range(len(rules))]
    for name, own in zip(names, rules, strict=True):
        packages.add(name, plugin=PAGES.format(rules=own))
    plugins = load_plugins(load_settings(environment={}, overrides={"plugins": tuple(names)}))
    return [plugins.statuses[name].reason for name in names]


def test_the_first_part_of_a_path_belongs_to_one_plugin(packages: PluginPackages) -> None:
    """The second plugin that wants it is refused by name; one may have several below it."""
    found = reasons(packages, ["/n/<a>", "/n/<a>/b"], ["/n/other"], ["/m/<a>", "/N/<a>"])
    assert found == ["", "path '/n' belongs to the plugin 'shop_0'", ""]


@pytest.mark.parametrize("root", ["api", "health", "static"])
def test_paths_of_the_host_are_refused(packages: PluginPackages, root: str) -> None:
    """A page never stands where the host has, or will have, something of its own."""
    (reason,) = reasons(packages, [f"/{root}/<a>"])
    assert reason == f"path '/{root}' belongs to the plugin 'meishi'"


@pytest.mark.parametrize("rule", ["", "/", "n/<a>", "/<a>", "/<a>/n", "//n", "/n/ä", "/n/", 5])
def test_a_rule_of_another_form_is_refused(packages: PluginPackages, rule: str) -> None:
    """A rule begins with a fixed part, so that nobody takes every address."""
    (reason,) = reasons(packages, [rule])
    assert reason.startswith("hook `public_pages`: PublicPage: `rule` must ")


def test_a_rule_that_cannot_be_served_breaks_its_plugin(
    packages: PluginPackages, database: Location, meishi_settings: Settings
) -> None:
    """What only the router understands is found at boot as well."""
    packages.add("shop", plugin=PAGES.format(rules=["/n/<colour:a>"]))
    settings = load_settings(
        environment={},
        overrides={
            "home": str(meishi_settings.home),
            "deployment": "test",
            "boot_policy": "strict",
            "plugins": "crm_contacts,qr,shop",
        },
    )
    with pytest.raises(BootRefused, match="shop"):
        create_app(settings, location=database)


def test_first_party_pages_answer_to_anybody(client: FlaskClient) -> None:
    """Without a workspace anywhere, the pages of all plugins say 404 to strangers."""
    for path in ("/p/nobody", "/p/nobody/card.vcf", "/C/NOBODY", "/c/nobody"):
        answer = client.get(path)
        assert (answer.status_code, answer.mimetype) == (404, "text/html")
