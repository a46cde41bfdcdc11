from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from meishi.settings import RateLimitStore
from meishi.testing.fixtures import WorkspaceUnderTest

from ..conftest import IssueToken
from .conftest import Clock, Limited

pytestmark = pytest.mark.once

CONTACTS = "/api/v1/contacts"
RATE = re.compile(r'"(\w+)";r=(\d+);t=(\d+)')


def rates(answer: TestResponse) -> dict[str, tuple[int, int]]:
    """Return remaining requests and seconds of each limit that an answer tells."""
    return {
        name: (int(remaining), int(seconds))
        for name, remaining, seconds in RATE.findall(answer.headers["RateLimit"])
    }


def test_every_authenticated_answer_tells_the_limits(
    limited: Limited, workspace: WorkspaceUnderTest
) -> None:
    """Policy and what is left stand in successes and in problems, not in what strangers get."""
    client = limited(rate_limit_per_minute=600, rate_limit_workspace_per_minute=3000)
    first = client.get(CONTACTS, headers=workspace.headers)
    assert first.headers["RateLimit-Policy"] == '"token";q=600;w=60, "workspace";q=3000;w=60'
    assert first.headers["RateLimit"] == '"token";r=599;t=1, "workspace";r=2999;t=1'
    for status, request in (
        (400, client.get(f"{CONTACTS}?x=1", headers=workspace.headers)),
        (422, client.post(CONTACTS, json={}, headers=workspace.headers)),
    ):
        assert request.status_code == status
        assert set(rates(request)) == {"token", "workspace"}
    for stranger in (client.get(CONTACTS), client.get("/api/openapi.json"), client.get("/health")):
        assert "RateLimit" not in stranger.headers


@pytest.mark.parametrize("store", RateLimitStore)
def test_who_asks_too_often_is_told_when_to_come_back(
    limited: Limited, workspace: WorkspaceUnderTest, clock: Clock, store: RateLimitStore
) -> None:
    """The answer is a problem with `Retry-After`, and after that time the next is served."""
    client = limited(rate_limit_per_minute=30, rate_limit_burst=3, rate_limit_store=store)
    statuses = [client.get(CONTACTS, headers=workspace.headers).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.get(CONTACTS, headers=workspace.headers)
    assert refused.json is not None
    assert refused.json["type"] == "urn:meishi:problem:rate-limited"
    assert refused.headers["Retry-After"] == "2"
    assert rates(refused) == {"token": (0, 2)}
    clock.advance(2)
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 429


@pytest.mark.parametrize("store", RateLimitStore)
def test_a_request_that_fails_is_counted(
    limited: Limited, workspace: WorkspaceUnderTest, store: RateLimitStore
) -> None:
    """What a request took stays taken when its own work is undone."""
    client = limited(rate_limit_per_minute=30, rate_limit_burst=3, rate_limit_store=store)
    statuses = [
        client.post(CONTACTS, json={}, headers=workspace.headers).status_code for _ in range(4)
    ]
    assert statuses == [422, 422, 422, 429]


def test_one_token_cannot_use_up_what_the_others_have(
    limited: Limited, workspace: WorkspaceUnderTest, issue_token: IssueToken
) -> None:
    """Requests that the token's own limit refuses cost the workspace nothing."""
    client = limited(
        rate_limit_per_minute=60, rate_limit_burst=3, rate_limit_workspace_per_minute=6
    )
    greedy = [client.get(CONTACTS, headers=workspace.headers).status_code for _ in range(20)]
    assert greedy.count(200) == 3
    another = [client.get(CONTACTS, headers=issue_token()) for _ in range(4)]
    assert [answer.status_code for answer in another] == [200, 200, 200, 429]
    assert "workspace" in str(another[-1].json)


def test_workspaces_have_limits_of_their_own(
    limited: Limited, workspace: WorkspaceUnderTest, other_workspace: WorkspaceUnderTest
) -> None:
    """Nobody waits for what another workspace does."""
    client = limited(rate_limit_workspace_per_minute=1)
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 429
    assert client.get(CONTACTS, headers=other_workspace.headers).status_code == 200


def test_strangers_are_counted_by_their_address(
    limited: Limited, workspace: WorkspaceUnderTest, clock: Clock
) -> None:
    """Who guesses tokens is refused after a while; a valid token is served from there all the same.

    A header that the client sends does not make it another address.
    """
    client = limited(rate_limit_address_per_minute=4)
    guess = {"Authorization": "Bearer msh_guess"}
    answers = [
        client.get(CONTACTS, headers=guess | {"X-Forwarded-For": f"203.0.113.{number}"})
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401, 429, 429]
    assert answers[-1].headers["Retry-After"] == "15"
    assert client.get(CONTACTS, headers=workspace.headers).status_code == 200
    elsewhere = client.get(CONTACTS, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert elsewhere.status_code == 401
    clock.advance(15)
    assert client.get(CONTACTS, headers=guess).status_code == 401


def test_public_pages_are_counted_by_address(limited: Limited) -> None:
    """A page that is asked for too often answers as people read it, before it looks anything up."""
    client = limited(rate_limit_address_per_minute=2)
    answers = [client.get("/c/NOSUCHCODE") for _ in range(3)]
    assert answers[-1].status_code == 429
    assert answers[-1].mimetype == "text/html"
    assert answers[-1].headers["Retry-After"] == "30"
    assert "Too many requests" in answers[-1].text


def test_forms_of_strangers_are_counted_by_address(limited: Limited, clock: Clock) -> None:
    """Whatever the form says, and wherever it goes; who looks at the page is not concerned."""
    client = limited(rate_limit_forms_per_minute=2)
    forms = [client.post(f"/p/{name}", data={"name": name}) for name in ("a", "b", "c")]
    assert [answer.status_code for answer in forms] == [404, 404, 429]
    assert (forms[-1].mimetype, forms[-1].headers["Retry-After"]) == ("text/html", "30")
    assert client.get("/p/c").status_code == 404
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.post("/p/c", data={"name": "c"}, environ_overrides=elsewhere).status_code == 404
    clock.advance(30)
    assert client.post("/p/c", data={"name": "c"}).status_code == 404


def test_without_limits_nothing_is_counted(limited: Limited, workspace: WorkspaceUnderTest) -> None:
    """Zero turns a limit off, and its headers with it."""
    client = limited()
    answers = [client.get(CONTACTS, headers=workspace.headers) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Policy" not in answers[0].headers
