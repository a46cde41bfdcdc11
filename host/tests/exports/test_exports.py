"""Exports: which formats there are for whom, and that a file is whole or none."""

from __future__ import annotations

import pytest

from meishi.sdk.context import service
from meishi.switches.interface import PluginSwitches
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Get

ALL = {"bound", "piled", "broken", "torn", "texts", "leaves"}


def names(get: Get, scopes: tuple[str, ...] | None = None) -> set[str]:
    """Return the names of the formats that are listed."""
    answer = get(scopes=scopes)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return {item["name"] for item in answer.json["items"]}


def test_a_file_is_made_by_its_plugin_of_what_the_query_means(get: Get) -> None:
    """A format for another plugin's resource takes the filters of that one's list."""
    answer = get("/bound", **{"filter[year][eq]": "1984", "sort": "year"})
    assert (answer.status_code, answer.data) == (200, b"binder year eq 1984 by year")
    assert answer.headers["Content-Type"] == "text/plain"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="bound-20')
    assert answer.headers["Content-Disposition"].endswith('.txt"')


@pytest.mark.parametrize(
    ("format_name", "query"),
    [
        ("bound", {"filter[town][eq]": "x"}),
        ("bound", {"filter[year][eq]": "soon"}),
        ("bound", {"limit": "5"}),
        ("bound", {"after": "x"}),
        ("leaves", {"sort": "year"}),
    ],
)
def test_what_the_list_would_refuse_is_refused(
    get: Get, format_name: str, query: dict[str, str]
) -> None:
    """Nothing is left out in silence, and a resource without a list takes no query."""
    assert get(f"/{format_name}", **query).status_code == 400


@pytest.mark.parametrize(("name", "status"), [("broken", 500), ("torn", 409), ("texts", 500)])
def test_what_fails_on_the_way_is_no_file(get: Get, name: str, status: int) -> None:
    """Nobody takes the beginning of a file for all of it."""
    answer = get(f"/{name}")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert "Content-Disposition" not in answer.headers
    assert b"the beginning" not in answer.data


def test_a_format_needs_its_permission_and_that_of_the_list(get: Get) -> None:
    """A format of another plugin opens nothing to who may not list the resource."""
    assert names(get) == ALL
    assert names(get, ("exports.use", "binder.bind", "bookcase.read")) == ALL
    assert names(get, ("exports.use", "binder.bind")) == {"leaves"}
    assert names(get, ("exports.use", "bookcase.read")) == set()
    refused = get("/bound", scopes=("exports.use", "binder.bind"))
    assert refused.status_code == 403
    assert "bookcase.read" in refused.text
    assert get("/bound", scopes=("exports.use", "bookcase.read")).status_code == 403
    assert get("/kept").status_code == 403


@pytest.mark.parametrize("name", ["unknown", "nobodys"])
def test_a_format_of_nothing_is_not_there(get: Get, name: str) -> None:
    """Neither one that nobody declares, nor one of a resource that nobody serves."""
    answer = get(f"/{name}")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:exporter-not-found"


def test_the_page_leads_to_the_files(signed_in: Browser) -> None:
    """It keeps what was searched, and nothing of pages; without a resource it shows all."""
    page = signed_in.get(
        "/exports?resource=bookcase.Book&filter[year][eq]=1984&after=x&q=%22%3E"
    ).text
    assert 'href="/api/v1/exports/bound?filter%5Byear%5D%5Beq%5D=1984&amp;q=%22%3E"' in page
    assert "/api/v1/exports/leaves" not in page
    assert 'href="/api/v1/exports/leaves"' in signed_in.get("/exports?q=x").text
    assert "Nothing to export" in signed_in.get("/exports?resource=gallery.Picture").text


def test_formats_of_what_is_switched_off_are_not_there(
    get: Get, workspace: WorkspaceUnderTest
) -> None:
    """Neither those of a module that is off, nor those for a resource of one."""
    with workspace.acting_as("meishi_exports"):
        service(PluginSwitches).switch_here("bookcase", on=False)
    workspace.host.switches.refresh()
    assert names(get) == {"leaves"}
    assert get("/bound").status_code == 404
