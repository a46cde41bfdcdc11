"""Pages: who may open them, what stands around them, and which forms are taken."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import text

from meishi.http.cookies import SESSION_COOKIE
from meishi.http.public_forms import MAX_FORM_BYTES
from meishi.sdk.database import current_connection
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace


def as_role(workspace: WorkspaceUnderTest, role: str) -> None:
    """Make the owner something else."""
    with workspace.acting_as("identity"):
        statement = text("UPDATE identity.membership SET role = :role")
        assert current_connection().execute(statement, {"role": role}).rowcount == 1


def shown(body: str, identity: str) -> str:
    """Return the text of an element."""
    found = re.search(rf'id="{identity}">([^<]*)<', body)
    assert found
    return found[1]


def test_a_stranger_is_led_to_the_sign_in_and_back(stranger: Browser) -> None:
    """Who is not signed in sees nothing of a page, and comes back to it afterwards."""
    answer = stranger.get("/shelf?book=a%26b")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/shelf%3Fbook%3Da%2526b")
    sent = stranger.client.post("/shelf", data={"book": "x"})
    assert (sent.status_code, sent.location) == (303, "/sign-in")
    piece = stranger.get("/shelf", headers={"HX-Request": "true"})
    assert (piece.status_code, piece.headers["HX-Redirect"]) == (204, "/sign-in?next=/shelf")


def test_a_page_stands_in_the_shell(signed_in: Browser) -> None:
    """It has its title, its navigation in order, its user, and no script or style inside."""
    answer = signed_in.get("/shelf?book=<b>")
    assert answer.status_code == 200
    assert shown(answer.text, "book") == "&lt;b&gt;"
    assert answer.text.index(">Shelf<") < answer.text.index(">Safe<")
    assert "owner@one.example" in answer.text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon\w+=", answer.text)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_goes_back_sees_a_page_whole(signed_in: Browser) -> None:
    """Also where htmx asks for it, as it does for what it had put into the history."""
    asked = {"HX-Request": "true"}
    for headers, piece in (
        (asked, "True"),
        (asked | {"HX-History-Restore-Request": "true"}, "False"),
    ):
        assert shown(signed_in.get("/shelf", headers=headers).text, "piece") == piece


def test_a_page_asks_for_its_permission(signed_in: Browser, workspace: WorkspaceUnderTest) -> None:
    """Who may not open a page is refused, and is not led to it."""
    assert signed_in.get("/shelf/safe").status_code == 200
    as_role(workspace, "viewer")
    refused = signed_in.get("/shelf/safe")
    assert (refused.status_code, refused.mimetype) == (403, "text/html")
    assert "/shelf/safe" not in signed_in.get("/shelf").text


def test_without_a_workspace_only_personal_pages_open(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """Who has left the last workspace is led to where one is chosen."""
    with workspace.acting_as("identity"):
        current_connection().execute(text("DELETE FROM identity.membership"))
    led = signed_in.get("/shelf")
    assert (led.status_code, led.location) == (303, "/identity/workspaces")
    assert signed_in.get("/shelf/mine").status_code == 200


def test_a_form_of_the_page_is_taken_and_answered_by_the_next(signed_in: Browser) -> None:
    """What was done is said once, on the page that the form leads to."""
    answer = signed_in.send("/shelf", {"book": "<Dune>"})
    assert (answer.status_code, answer.location) == (303, "/shelf")
    assert "Kept &lt;Dune&gt;" in signed_in.get("/shelf").text
    assert "Dune" not in signed_in.get("/shelf").text


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_form_from_elsewhere_is_refused(signed_in: Browser, site: str) -> None:
    """Without the page's token, or sent by another site, nothing is taken."""
    token = token_on(signed_in.get("/shelf"))
    for data, headers in (
        ({}, {}),
        ({"csrf_token": token[::-1]}, {}),
        ({"csrf_token": token}, {"Sec-Fetch-Site": site}),
    ):
        answer = signed_in.client.post("/shelf", data={"book": "x", **data}, headers=headers)
        assert answer.status_code == 403
        assert "expired" in answer.text


def test_a_token_of_another_session_is_no_good(signed_in: Browser, app: Flask) -> None:
    """What a form carries is bound to the browser that it was shown to."""
    other = found_workspace(app.extensions["meishi"], "two")
    theirs = Browser(app.test_client())
    theirs.sign_in(other.host, other.owner_id)
    token = token_on(theirs.get("/shelf"))
    refused = signed_in.client.post("/shelf", data={"csrf_token": token, "book": "x"})
    assert refused.status_code == 403


def test_an_entrance_takes_forms_of_strangers(stranger: Browser) -> None:
    """A form that a stranger was shown is taken from their browser alone."""
    assert shown(stranger.send("/shelf-door").text, "known") == "False POST"
    assert stranger.client.post("/shelf-door").status_code == 403


def test_an_entrance_takes_no_more_of_strangers_than_a_form(
    stranger: Browser, signed_in: Browser
) -> None:
    """Who is signed in may send as much as elsewhere."""
    large = {"word": "x" * MAX_FORM_BYTES}
    assert stranger.send("/shelf-door", large).status_code == 413
    assert signed_in.send("/shelf-door", large).status_code == 200


def test_an_entrance_knows_who_is_signed_in(signed_in: Browser) -> None:
    """It belongs to no workspace, and still to whoever opens it."""
    assert shown(signed_in.get("/shelf-door").text, "known") == "True GET"


def test_problems_are_pages(signed_in: Browser) -> None:
    """Errors are told to people, escaped, and without what they must not know."""
    fallen = signed_in.get("/shelf/13")
    assert (fallen.status_code, fallen.mimetype) == (409, "text/html")
    assert "Fallen &lt;over&gt;" in fallen.text
    assert "<script>alert" not in fallen.text
    fault = signed_in.get("/shelf/99")
    assert (fault.status_code, fault.mimetype) == (500, "text/html")
    assert "hunter2" not in fault.text
    missing = signed_in.get("/shelf/no/such")
    assert (missing.status_code, missing.mimetype) == (404, "text/html")


def test_panels_come_apart_from_their_page(
    signed_in: Browser, workspace: WorkspaceUnderTest
) -> None:
    """A page names its panels; each is fetched as its plugin's code, and one may fail alone."""
    page = signed_in.get("/shelf/5").text
    assert "/shelf/5?_panel=shelf.near" in page
    near = signed_in.get("/shelf/5?_panel=shelf.near")
    assert near.text == f"<p>near 5 in {workspace.id}</p>"
    failed = signed_in.get("/shelf/7?_panel=shelf.near")
    assert (failed.status_code, failed.text) == (200, "")
    assert signed_in.get("/shelf/5?_panel=shelf.none").status_code == 404
    as_role(workspace, "member")
    assert signed_in.get("/shelf/5?_panel=shelf.kept").status_code == 404
    assert "shelf.kept" not in signed_in.get("/shelf/5").text


def test_the_session_opens_the_api_to_our_own_scripts(signed_in: Browser) -> None:
    """With the cookie one reads; to change something takes the page's token besides."""
    assert signed_in.get("/api/v1/operations").status_code == 200
    refused = signed_in.client.post(f"/api/v1/operations/{'0' * 32}/cancel")
    assert refused.status_code in {403, 404}
    token = token_on(signed_in.get("/shelf"))
    path = "/api/v1/operations/00000000-0000-7000-8000-000000000000/cancel"
    assert signed_in.client.post(path).json["type"].endswith("forged-form")  # type: ignore[index]
    allowed = signed_in.client.post(path, headers={"X-CSRF-Token": token})
    assert allowed.status_code == 404


def test_one_begins_on_a_page_with_panels(signed_in: Browser) -> None:
    """It leads to what there is; and where no module measures anything, it says so."""
    assert signed_in.get("/").location == "/overview"
    page = signed_in.get("/overview").text
    assert 'href="/shelf"' in page.partition("<main")[2]
    assert "/overview?_panel=analytics.month" in page
    panel = signed_in.get("/overview?_panel=analytics.month")
    assert (panel.status_code, "measures anything" in panel.text) == (200, True)


def test_a_cookie_of_nobody_is_a_stranger(stranger: Browser) -> None:
    """A wrong, truncated or endless cookie opens nothing and breaks nothing."""
    for value in ("x", "", "a" * 4000, "%00", "ä"):
        stranger.client.set_cookie(SESSION_COOKIE, value)
        assert stranger.get("/shelf").status_code == 303
        assert stranger.get("/api/v1/operations").status_code == 401
