"""Searching everything: whom it asks, what it takes of them, and what one of them cannot spoil."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from meishi.sdk.context import service
from meishi.switches.interface import PluginSwitches
from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest

Found = Callable[..., Any]


def test_hits_of_all_plugins_take_turns(found: Found) -> None:
    """The best of each comes before the second of any, and who has more goes on alone."""
    items = found("kiwi", limit=6)["items"]
    assert [(item["plugin"], item["kind"]) for item in items] == [
        ("aviary", "birds"), ("zoo", "limits"), ("zoo", "keys"),
        ("aviary", "birds"), ("zoo", "limits"), ("aviary", "birds"),
    ]  # fmt: skip
    assert items[0] == {
        "plugin": "aviary",
        "kind": "birds",
        "id": "00000000-0000-0000-0000-000000000007",
        "title": "kiwi 0",
        "subtitle": "<b>",
        "path": "/nest",
    }


def test_one_that_fails_is_left_out_and_named(found: Found) -> None:
    """Neither an error nor nonsense of one provider hides what the others find."""
    answer = found("kiwi")
    assert {(item["kind"], item["reason"]) for item in answer["incomplete"]} == {
        ("asleep", "slow"),
        ("escaped", "failed"),
        ("spoilt", "failed"),
        ("nothing", "failed"),
        ("strangers", "failed"),
        ("outside", "failed"),
        ("tabbed", "failed"),
        ("scripts", "failed"),
    }
    assert {item["kind"] for item in answer["items"]} == {"birds", "limits", "keys"}


def test_each_is_asked_as_its_own_plugin_and_in_its_own_time(found: Found) -> None:
    """A provider has its plugin's role, and not the time that was left for the one before."""
    (title,) = {item["title"] for item in found("kiwi")["items"] if item["kind"] == "limits"} - {
        "second"
    }
    limit, role = title.split()
    assert role == "meishi_finders_zoo_run"
    # Of the second that it has, a part may have passed; the one before had 50 ms.
    assert limit == "1s" or 50 < int(limit.removesuffix("ms")) < 1000


def test_afterwards_statements_have_their_usual_time(workspace: WorkspaceUnderTest) -> None:
    """What else happens in the transaction is not broken off for the search's sake."""
    from meishi.context import Actor, current_scope
    from meishi.search.finding import find

    actor = Actor(permissions=frozenset({"aviary.read", "zoo.read"}))
    with workspace.host.scope(workspace=workspace.id, actor=actor, plugin="zoo") as scope:
        usual = scope.work.execute("SHOW statement_timeout")
        assert find("kiwi", 5).items
        assert current_scope().work.execute("SHOW statement_timeout") == usual


def test_nobody_is_asked_for_what_the_caller_may_not_see(found: Found) -> None:
    """A provider needs its own permission, besides the one to search; it is not even named."""
    answer = found("kiwi", scopes=("search.use", "zoo.read"))
    assert {item["kind"] for item in answer["items"]} == {"limits"}
    assert answer["incomplete"] == []


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("q=", 400),
        ("q=%20%09", 422),
        ("q=a&limit=0", 400),
        ("q=a&limit=51", 400),
        (f"q={'a' * 201}", 400),
        ("q=a&p=1", 400),
    ],
)
def test_what_is_no_search_is_refused(
    app: Flask, workspace: WorkspaceUnderTest, query: str, status: int
) -> None:
    """Nothing, too much, and what nobody knows: as everywhere, a malformed query is 400."""
    answer = app.test_client().get(f"/api/v1/search?{query}", headers=workspace.headers)
    assert answer.status_code == status


def test_the_page_shows_all_without_scripts(signed_in: Browser) -> None:
    """The box on every page leads to it; hits are links, escaped, under their headings."""
    page = signed_in.get("/search?q=<i>kiwi").text
    assert 'href="/nest"' in page
    assert "&lt;i&gt;kiwi 0" in page
    assert "<i>" not in page
    assert "Not searched this time: Asleep, Escaped" in page
    assert 'action="/search"' in signed_in.get("/identity/account").text


def test_the_box_is_given_a_piece(signed_in: Browser) -> None:
    """What htmx asks for is no whole page, and leads to all hits; nothing written is no search."""
    piece = signed_in.get("/search?q=kiwi", headers={"HX-Request": "true"}).text
    assert "<html" not in piece
    assert piece.count('href="/nest"') == 8
    assert 'href="/search?q=kiwi"' in piece
    assert signed_in.get("/search?q=+", headers={"HX-Request": "true"}).text.strip() == ""


def test_a_plugin_that_is_switched_off_is_not_asked(
    found: Found, workspace: WorkspaceUnderTest
) -> None:
    """Where a module is off, nothing of it is found, and nothing is missing."""
    with workspace.acting_as("meishi_search"):
        service(PluginSwitches).switch_here("aviary", on=False)
    workspace.host.switches.refresh()
    answer = found("kiwi")
    assert {item["plugin"] for item in answer["items"]} == {"zoo"}
    assert answer["incomplete"] == []
