"""Pages of a plugin that runs elsewhere: made there, in the shell that is here."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from meishi.context import current_scope
from meishi.http.forgery import FIELD
from meishi.remote.wire import ACTING, acting_in
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import TOKEN, Split

PAGE = "/bakery/shelves"


def test_a_page_stands_in_the_shell_of_the_deployment(split: Split, owner: Browser) -> None:
    """With its heading, where one can go, who one is, and the panels of others."""
    page = owner.get(f"{PAGE}?q=%3Cb%3E", headers={"Accept-Language": "de"})
    assert page.status_code == 200
    assert page.text.count("<html") == 1
    assert "<title>Regale · Meishi</title>" in page.text
    assert "<h1>Regale</h1>" in page.text
    assert '<p id="asked">&lt;b&gt;</p>' in page.text
    assert f'href="{PAGE}" aria-current="page"' in page.text
    assert 'action="/sign-out"' in page.text
    assert page.text.count(f'hx-get="{PAGE}?_panel=cashdesk.rung"') == 1
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert owner.get(f"{PAGE}?_panel=cashdesk.rung").text == "<p>It rang.</p>"


def test_a_form_is_taken_by_the_service(
    split: Split, owner: Browser, shared: WorkspaceUnderTest
) -> None:
    """And what it says is said here, once."""
    sent = owner.send(PAGE, {"item": "a vase & more"})
    assert (sent.status_code, sent.location) == (303, PAGE)
    with split.service_host.scope(workspace=shared.id, plugin="bakery") as there:
        assert there.work.execute("SELECT item FROM bakery.sale") == [("a vase & more",)]
    assert "Sold &lt;a vase &amp; more&gt;" in owner.get(PAGE).text
    assert "a vase" not in owner.get(PAGE).text


def test_a_form_that_nobody_was_shown_is_refused_here(split: Split, owner: Browser) -> None:
    """The service trusts us with that."""
    owner.get(PAGE)
    answer = owner.client.post(PAGE, data={FIELD: "forged", "item": "vase"})
    assert answer.status_code == 403
    stranger = split.main.test_client()
    assert "/sign-in" in (stranger.get(PAGE).location or "")


def test_a_piece_of_a_page_comes_as_it_is(split: Split, owner: Browser) -> None:
    """There is a shell around it already."""
    assert owner.get(PAGE, headers={"HX-Request": "true"}).text == "<p>a piece</p>"


def test_a_problem_is_a_page_of_the_console(split: Split, owner: Browser) -> None:
    """What the service refuses, and that it does not answer."""
    token = token_on(owner.get(PAGE))
    refused = owner.client.post(PAGE, data={FIELD: token, "item": "gold"})
    assert (refused.status_code, refused.mimetype) == (422, "text/html")
    assert "There is no gold." in refused.text
    with split.gates.closed():
        away = owner.get(PAGE)
    assert (away.status_code, away.mimetype) == (503, "text/html")


@pytest.mark.parametrize("token", [None, "another-token-that-is-long-enough-for-one"])
def test_a_service_makes_pages_for_the_deployment_alone(
    split: Split, acting: object, token: str | None
) -> None:
    """Whoever says that somebody else acts has to have the token."""
    headers = {ACTING: acting_in(current_scope())}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    answer = split.service.test_client().get(PAGE, headers=headers)
    assert answer.status_code == 401


def test_a_page_is_made_for_a_reader(split: Split, acting: object) -> None:
    """Who does not say for whom, or hands on somebody without the right, gets none."""
    headers = {ACTING: acting_in(current_scope()), "Authorization": f"Bearer {TOKEN}"}
    answer = split.service.test_client().get(PAGE, headers=headers)
    assert (answer.status_code, answer.mimetype) == (403, "application/problem+json")


@pytest.mark.parametrize("path", [PAGE, "/cashdesk/7?_panel=bakery.sold"])
def test_nobody_holds_a_connection_while_a_service_is_waited_for(
    split: Split, owner: Browser, path: str
) -> None:
    """A slow service would take those of everybody else."""
    watching: list[Any] = import_module("bakery.hooks").WATCHING
    held: list[int] = []
    pool: Any = split.host.engine.pool
    watching.append(lambda: held.append(pool.checkedout()))
    try:
        assert owner.get(path).status_code == 200
    finally:
        watching.clear()
    assert held == [0]
