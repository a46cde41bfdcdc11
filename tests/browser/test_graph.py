"""The picture of the graph, in front of somebody with a mouse, a keyboard, or neither picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from tests.browser.people import PASSWORD, Console, Meet, Person
from tests.processes import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.once

_PLAIN = "() => { HTMLCanvasElement.prototype.getContext = () => null; }"


def test_the_graph_is_seen_and_gone_through(console: Console, person: Meet) -> None:
    """It is drawn, found in and gone through by keys; without WebGL the table says the same."""
    boss = person("Boss")
    boss.open(re.sub(r"^https?://[^/]+", "", console.run("init", "--link")))
    boss.fill(name="Boss", email=boss.email, password=PASSWORD, workspace="Acme", slug="acme")
    boss.press("Begin")
    for name in ("Anna Ek", "Bo Ek", "Cleo Ek"):
        _contact(boss, name)
    _wait_for_ties(boss)
    page = boss.page
    page.wait_for_selector('[data-graph-drawn="3"]')
    boss.look("graph")
    page.fill("[data-graph-search]", "cleo")
    assert page.inner_text("[data-graph-card-name]") == "Cleo Ek"
    _go_by_keys(page)
    page.add_init_script(f"({_PLAIN})()")
    boss.open("/graph")
    boss.see("as it has no WebGL")
    assert page.locator("#graph-table tbody tr").count() == 3


def _contact(boss: Person, name: str) -> None:
    boss.open("/contacts/new")
    boss.fill(full=name, organisation="Ek Arkitekter")
    boss.press("Save")


def _wait_for_ties(boss: Person) -> None:
    """Open the page until the worker has followed."""

    def tied() -> bool:
        boss.open("/graph")
        return bool(boss.page.locator("#graph-table tbody tr").count() == 3)

    wait_until(tied, "all three are tied", every=0.2)


def _go_by_keys(page: Page) -> None:
    """Escape chooses nobody, Home somebody; an arrow leads to a neighbour, Enter to the contact."""
    page.focus("[data-graph-canvas]")
    page.keyboard.press("Escape")
    assert page.inner_text("[data-graph-said]") == ""
    page.keyboard.press("Home")
    first = page.inner_text("[data-graph-said]")
    assert first.endswith("Ek Arkitekter, Ties: 2")
    for arrow in ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"):
        page.keyboard.press(arrow)
        if page.inner_text("[data-graph-said]") != first:
            break
    assert page.inner_text("[data-graph-said]") != first
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/contacts/" in page.url
