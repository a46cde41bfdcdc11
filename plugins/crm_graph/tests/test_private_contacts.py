"""Private contacts in the graph: a dot and its ties, without a name and without an organisation."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask

from crm_graph.contract import Drawings
from meishi.sdk.context import service
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.members import join
from meishi.testing.types import Location

from .conftest import GraphClient

PAGES = ("/graph", "/graph?table=ties", "/graph?sort=name", "/graph/layout.json")
ANSWERS = ("nodes", "ties", "layout", "communities")


@pytest.fixture
def member(workspace: WorkspaceUnderTest, database: Location) -> WorkspaceUnderTest:
    """The workspace as another member has it."""
    return join(workspace, database, "Bob")


def share(graph: GraphClient, workspace: WorkspaceUnderTest, contact: str, visibility: str) -> None:
    """Let the owner of the workspace decide who sees a contact; the graph is drawn after that."""
    document = {"owner_id": str(workspace.owner_id), "visibility": visibility}
    headers = {"If-Match": "*"}
    graph.send("PUT", f"contacts/{contact}/sharing", 200, json=document, headers=headers)
    graph.deliver()
    with workspace.acting_as("crm_graph"):
        service(Drawings).draw()


def shown(who: GraphClient, browser: Browser, others: list[str]) -> Iterator[tuple[str, str]]:
    """Yield all that the graph shows somebody, and where."""
    for path in PAGES:
        yield path, browser.get(path).text
    for contact in others:
        path = f"/contacts/{contact}?_panel=crm_graph.connections"
        yield path, browser.get(path).text
        for below in (f"ego/{contact}", f"recommendations/{contact}"):
            yield below, json.dumps(who.get(below))
    for path in ANSWERS:
        yield path, json.dumps(who.get(path))


def test_the_graph_tells_neither_name_nor_organisation_of_private_contacts(
    graph: GraphClient,
    member: WorkspaceUnderTest,
    workspace: WorkspaceUnderTest,
    app: Flask,
    plugin_database: Location,
) -> None:
    """Once its handler has run nothing of them is stored or shown; shared again, all is back."""
    browser = Browser(app.test_client())
    browser.sign_in(workspace.host, member.owner_id)
    bob = GraphClient(graph.client, member, graph.deliver)
    secret = graph.person("Annabel", organisation="Quux AB")
    friend = graph.person("Cleo")
    colleague, third = graph.people("Dora", "Emil", organisation="Quux AB")
    graph.relate(secret, friend, "spouse")
    share(graph, workspace, secret, "workspace")
    others = [friend, colleague, third]
    assert "Annabel" in browser.get("/graph").text
    assert len(bob.ties()) == 4

    share(graph, workspace, secret, "private")
    for place, text in shown(bob, browser, others):
        assert "Annabel" not in text, place
    link = f'href="/contacts/{secret}">Private contact</a>'
    panel = browser.get(f"/contacts/{friend}?_panel=crm_graph.connections").text
    for page in (browser.get("/graph").text, browser.get("/graph?table=ties").text, panel):
        assert link in page
    nodes = bob.get("nodes")
    mine = nodes["ids"].index(secret)
    assert (nodes["names"][mine], nodes["organisations"][mine]) == ("", None)
    # They are nobody's colleague any more: that is what the organisation told.
    assert set(bob.ties()) == {
        (min(pair), max(pair)) for pair in ((secret, friend), (colleague, third))
    }
    with psycopg.connect(plugin_database.administrator_url()) as server:
        stored = server.execute("SELECT row_to_json(n)::text FROM crm_graph.node n").fetchall()
    assert len(stored) == 4
    assert "Annabel" not in str(stored)
    assert str(stored).count("Quux") == 2

    share(graph, workspace, secret, "workspace")
    assert "Annabel" in browser.get("/graph").text
    nodes = bob.get("nodes")
    mine = nodes["ids"].index(secret)
    assert (nodes["names"][mine], nodes["organisations"][mine]) == ("Annabel", "Quux AB")
    assert len(bob.ties()) == 4
