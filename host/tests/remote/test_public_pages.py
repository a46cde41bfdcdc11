"""Pages that anybody may open, of a plugin that runs elsewhere: visitors notice nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.context import Actor, Scope, enter_scope
from meishi.http.cookies import REFERRAL_COOKIE, SESSION_COOKIE
from meishi.http.limits.rates import RATE_LIMITS, RateLimits
from meishi.http.public_forms import MAX_FORM_BYTES
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.line import Line
from meishi.remote.wire import ACTING, VISITOR, acting_in, visitor_header
from meishi.switches.interface import PluginSwitches
from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.servers import (
    Reply,
    ScriptedServer,
    answering,
    hanging,
    scripted_server,
    sending,
    trickling,
)
from meishi.visitor import Visitor

from .conftest import TOKEN, Split

DOOR = "/bakery-door"
NOWHERE = f"/w/{UUID(int=404)}"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def client(split: Split) -> FlaskClient:
    """A visitor of the main deployment."""
    return split.main.test_client()


@pytest.fixture
def window(shared: WorkspaceUnderTest) -> str:
    """The window of a workspace."""
    return f"/w/{shared.id}"


@pytest.fixture
def known(split: Split) -> dict[str, str]:
    """What the main deployment sends along with a visit."""
    scope = Scope(
        host=split.host,
        work=split.host.unit_of_work(),
        actor=Actor(visitor=True),
        workspace_id=None,
        correlation=split.host.new_id(),
    )
    visitor = visitor_header(Visitor(address="203.0.113.7"))
    with enter_scope(scope):
        told = acting_in(scope)
    return {"Authorization": f"Bearer {TOKEN}", ACTING: told, VISITOR: visitor}


def sold(split: Split, shared: WorkspaceUnderTest) -> int:
    """Return how much was sold, as the service's database has it."""
    with split.service_host.scope(workspace=shared.id, plugin="bakery") as scope:
        ((count,),) = scope.work.execute("SELECT coalesce(sum(number), 0) FROM bakery.sale")
        return int(count)


def test_a_page_is_shown_as_the_service_makes_it(client: FlaskClient, window: str) -> None:
    """Whole, with the headers that it has, and with those that all of ours have."""
    page = client.get(f"{window}?from=tram")
    assert (page.status_code, page.content_type) == (200, "text/plain; charset=utf-8")
    assert {name: page.headers[name] for name in ("Cache-Control", "ETag", "Vary")} == {
        "Cache-Control": "public, max-age=60",
        "ETag": '"window-1"',
        "Vary": "Accept-Language",
    }
    assert page.headers["Content-Disposition"] == "inline; filename=window.txt"
    assert page.headers["Content-Security-Policy"] == "default-src 'none'; img-src 'self'"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers.getlist("Permissions-Policy")[1:] == []
    assert not [name for name, _ in page.headers if name.lower().startswith("meishi-")]


def test_the_service_is_told_what_a_page_may_be_made_for(
    split: Split, client: FlaskClient, window: str, shared: WorkspaceUnderTest
) -> None:
    """What a visitor wants to see and who they are, and nothing that is between them and us."""
    client.set_cookie(SESSION_COOKIE, "secret-of-a-session")
    client.set_cookie("their_own", "1")
    sent = {
        "Accept": "text/html",
        "Accept-Language": "sv",
        "Authorization": "Bearer msh_of-somebody",
        "Origin": "https://shop.example",
        "Referer": "https://shop.example/street",
        "User-Agent": "Telephone 1",
        "X-Forwarded-For": "203.0.113.66",
        "X-Other": "1",
    }
    found = client.get(f"{window}/seen?a=%20b&c=%2F", headers=sent).json
    assert found is not None
    headers = found.pop("headers")
    assert {name: headers.get(name) for name in ("accept", "accept-language", "referer")} == {
        "accept": "text/html", "accept-language": "sv", "referer": "https://shop.example/street",
    }  # fmt: skip
    assert not {"cookie", "origin", "x-forwarded-for", "x-other"} & headers.keys()
    assert "msh_of-somebody" not in str(headers)
    assert found.pop("visitor")
    assert found == {
        "method": "GET",
        "address": "127.0.0.1",
        "agent": "Telephone 1",
        "referral": None,
        "cookies": [],
        "query": "a=%20b&c=%2F",
        "workspace": str(shared.id),
        "user": "None",
        "visiting": True,
    }


def test_what_is_written_strangely_is_told_as_it_is(client: FlaskClient, window: str) -> None:
    """Headers are octets, and what a stranger writes in them is no fault of ours."""
    answer = client.get(f"{window}/seen", headers={"User-Agent": "Telef\xf6n \xff"})
    assert answer.json is not None
    assert answer.json["agent"] == "Telef\xf6n \xff"


def test_nobody_fills_up_what_is_sent_to_the_service(
    split: Split, client: FlaskClient, window: str
) -> None:
    """What is too long for a server would count as its failure, and be missed by all others."""
    client.set_cookie(REFERRAL_COOKIE, "r" * 3000)
    for length, told in ((2048, True), (2049, False)):
        headers = {"User-Agent": "u" * length, "Referer": "https://x.example"}
        found = client.get(f"{window}/seen", headers=headers).json
        assert found is not None
        assert (found["agent"] == headers["User-Agent"], found["referral"]) == (told, None)
        assert found["headers"]["referer"] == "https://x.example"


@pytest.mark.parametrize(("proxies", "address"), [(0, "198.51.100.4"), (1, "203.0.113.5")])
def test_visitors_are_told_apart_by_their_own_address(
    split: Split,
    client: FlaskClient,
    window: str,
    monkeypatch: pytest.MonkeyPatch,
    proxies: int,
    address: str,
) -> None:
    """The main deployment knows whose it is; a header of a stranger's counts for nothing."""
    monkeypatch.setattr(
        split.host, "settings", replace(split.host.settings, trusted_proxies=proxies)
    )

    def visit(remote: str, forwarded: str) -> Any:
        return client.get(
            f"{window}/seen",
            headers={"X-Forwarded-For": forwarded, VISITOR: visitor_header(Visitor(address="1"))},
            environ_overrides={"REMOTE_ADDR": remote},
        ).json

    found = visit("198.51.100.4", "203.0.113.9, 203.0.113.5")
    assert found["address"] == address
    assert visit("198.51.100.4", "203.0.113.8, 203.0.113.5")["visitor"] == found["visitor"]
    other = visit("198.51.100.77", "203.0.113.9, 203.0.113.44")
    assert other["visitor"] != found["visitor"]


def test_a_page_that_is_known_is_not_sent_again(client: FlaskClient, window: str) -> None:
    """Conditions and ranges are the service's to answer."""
    path = f"{window}/file"
    whole = client.get(path)
    assert (whole.status_code, whole.data) == (200, b"0123456789")
    again = client.get(path, headers={"If-None-Match": whole.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == whole.headers["ETag"]
    part = client.get(path, headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.data) == (206, b"234")
    assert part.headers["Content-Range"] == "bytes 2-4/10"


def test_head_is_get_without_a_body(client: FlaskClient, window: str) -> None:
    """The headers are the same, and the service knows that nobody looks."""
    got, asked = (client.open(f"{window}/file", method=method) for method in ("GET", "HEAD"))
    assert (asked.status_code, asked.data) == (200, b"")
    assert {**dict(asked.headers), "Date": ""} == {**dict(got.headers), "Date": ""}
    looking: list[Any] = import_module("bakery.window").LOOKING
    methods: list[str] = []
    from flask import request

    looking.append(lambda: methods.append(request.method))
    try:
        client.head(window)
    finally:
        looking.clear()
    assert methods == ["HEAD"]


def test_a_form_reaches_its_page(
    split: Split, client: FlaskClient, window: str, shared: WorkspaceUnderTest
) -> None:
    """With what the page itself has signed for this workspace, and no other."""
    token = client.get(window).text
    sent = client.post(window, data={"token": token, "number": "3"})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{window}/sold")
    assert sold(split, shared) == 3
    assert client.post(f"/w/{UUID(int=7)}", data={"token": token}).status_code == 422
    assert client.post(window, data={"token": f"{token}x"}).text == "forged"
    assert sold(split, shared) == 3


REFUSED: dict[str, tuple[dict[str, Any], int]] = {
    "another site's": ({"data": {"a": "b"}, "headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    "a large one": ({"data": {"a": "x" * MAX_FORM_BYTES}}, 413),
    "no form": ({"json": {"a": "b"}}, 415),
    "a compressed one": ({"data": {"a": "b"}, "headers": {"Content-Encoding": "gzip"}}, 415),
    "no text": ({"data": {"a": "a\0b"}}, 400),
}


@pytest.mark.parametrize(("sent", "status"), REFUSED.values(), ids=list(REFUSED))
def test_what_is_no_form_of_ours_is_refused_here(
    split: Split, client: FlaskClient, window: str, sent: dict[str, Any], status: int
) -> None:
    """As a page, and before the service is asked: it is not even there."""
    with split.gates.closed():
        answer = client.post(window, **sent)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")


def limit(app: Flask, monkeypatch: pytest.MonkeyPatch, **settings: int) -> None:
    """Have an application limit requests."""
    host = app.extensions["meishi"]
    with monkeypatch.context() as patched:
        patched.setattr(host, "settings", replace(host.settings, **settings))
        limits = RateLimits(host)
    monkeypatch.setitem(app.extensions, RATE_LIMITS, limits)


def test_visits_are_counted_here_by_address(
    split: Split, client: FlaskClient, window: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not over there, where all of them come from one."""
    monkeypatch.setattr(split.host, "clock", DeploymentClock(lambda: NOON, follows=False))
    limit(split.main, monkeypatch, rate_limit_address_per_minute=4, rate_limit_forms_per_minute=2)
    limit(split.service, monkeypatch, rate_limit_address_per_minute=1)
    for form in (True, True, False, False):
        answer = client.post(window, data={"token": ""}) if form else client.get(window)
        assert answer.status_code == (422 if form else 200)
    refused = client.get(window)
    assert (refused.status_code, refused.mimetype) == (429, "text/html")
    assert refused.headers["Retry-After"] == "15"
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    forms = [
        client.post(window, data={"token": ""}, environ_overrides=elsewhere).status_code
        for _ in range(3)
    ]
    assert forms == [422, 422, 429]


def test_what_led_a_browser_here_is_remembered(client: FlaskClient, window: str) -> None:
    """Of cookies, this alone passes, by what it means; the site's others are nobody else's."""
    answer = client.get(f"{window}/remembered")
    (kept,) = answer.headers.getlist("Set-Cookie")
    assert kept.startswith(f"{REFERRAL_COOKIE}=")
    assert {"HttpOnly", "Max-Age=600", "Path=/", "SameSite=Lax"} <= set(kept.split("; "))
    assert not {"Clear-Site-Data", "Alt-Svc", "Access-Control-Allow-Origin"} & {
        name for name, _ in answer.headers
    }
    found = client.get(f"{window}/seen").json
    assert found is not None
    assert (found["referral"], found["cookies"]) == ("anna & bo", [])
    client.get(f"{window}/remembered?forget")
    assert client.get_cookie(REFERRAL_COOKIE) is None


LED = {
    "!/w/next?a=b#c": "/w/next?a=b#c",
    "!//other.example/x": "/other.example/x",
    "!": "/",
    "/w/next": "/w/next",
    "https://other.example/x": "https://other.example/x",
}


@pytest.mark.parametrize(("to", "location"), LED.items(), ids=list(LED))
def test_nobody_is_led_to_the_service(
    split: Split, client: FlaskClient, window: str, to: str, location: str
) -> None:
    """What it takes for its own address is the deployment's."""
    answer = client.get(f"{window}/led", query_string={"to": to})
    assert (answer.status_code, answer.headers["Location"]) == (302, location)


def test_what_is_not_there_is_a_page(client: FlaskClient, window: str) -> None:
    """Whatever goes wrong over there reads as it does in one piece."""
    for path, status, heading in (
        (NOWHERE, 404, "<h1>Not Found</h1>"),
        (f"{window}/wrong?how=closed", 410, "<h1>Closed &lt;today&gt;</h1>"),
        (f"{window}/wrong?how=fault", 500, "<h1>Internal error</h1>"),
        (f"{window}/no/such/page", 404, "<h1>Not Found</h1>"),
        ("/w/%2e%2e", 404, "<h1>Not Found</h1>"),
    ):
        page = client.get(path)
        assert (page.status_code, page.mimetype, heading in page.text) == (
            status, "text/html", True,
        ), path  # fmt: skip
        assert "hunter2" not in page.text
        assert "<script" not in page.text
    refused = client.put(window)
    assert (refused.status_code, refused.allow) == (405, {"GET", "HEAD", "POST"})


@pytest.mark.parametrize("kind", ["application/json", "application/problem+json"])
def test_who_asks_for_json_reads_problems_as_that(
    split: Split, client: FlaskClient, window: str, kind: str
) -> None:
    """Those of the service, and that it is away."""
    answer = client.get(f"{window}/wrong?how=closed", headers={"Accept": kind})
    assert (answer.status_code, answer.content_type) == (410, "application/problem+json")
    assert answer.json is not None
    assert answer.json["instance"] == f"{window}/wrong"
    with split.gates.closed():
        away = client.get(window, headers={"Accept": kind})
    assert (away.status_code, away.content_type) == (503, "application/problem+json")
    assert away.json is not None
    assert away.json["type"].endswith("plugin-unavailable")
    assert away.headers["Retry-After"] == "2"


def is_unavailable(page: TestResponse) -> bool:
    """Whether a page says that it cannot be shown now, in the shell's look and without a name."""
    return (
        (page.status_code, page.mimetype) == (503, "text/html")
        and page.headers["Retry-After"] == "2"
        and "Page unavailable" in page.text
        and "try again in a moment" in page.text
        and 'rel="stylesheet"' in page.text
        and "bakery" not in page.text
        and TOKEN not in page.text
        and "Location" not in page.headers
    )


def test_a_service_that_is_away_is_a_page(split: Split, client: FlaskClient, window: str) -> None:
    """What came of a form is said as far as it is known; afterwards all is as before."""
    token = client.get(window).text
    with split.gates.closed():
        assert is_unavailable(client.get(window))
        sent = client.post(window, data={"token": token})
        assert is_unavailable(sent)
        assert "What you sent may have arrived." in sent.text
    assert client.get(window).status_code == 200


def line_to_bakery(split: Split) -> Line:
    """Return what the main deployment asks the service by."""
    placed = split.host.plugins.contributions["bakery"].placement
    assert placed is not None
    return split.host.ways.line(placed)


@contextmanager
def instead(split: Split, *replies: Reply, seconds: int = 20) -> Iterator[ScriptedServer]:
    """Have something else answer at the service's address until the block ends."""
    line = line_to_bakery(split)
    placed = line.placement
    with scripted_server(*replies) as server:
        line.close()
        line.placement = Placement(url=server.url, token=TOKEN, seconds=seconds)
        try:
            yield server
        finally:
            line.close()
            line.placement = placed


HTML = "Content-Type: text/html"
WRONG: dict[str, Reply] = {
    "it closes at once": sending(b""),
    "it says something else": sending(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "half an answer": answering("200 OK", b"<p>Wel", HTML, "Meishi-Shown: 1", length=400),
    "a page of somebody else": answering("200 OK", b"<p>Welcome", HTML),
    "somebody else's error": answering("404 Not Found", b"<p>nginx", HTML),
    "something before it": answering("502 Bad Gateway", b"<p>nginx", HTML),
    "it leads elsewhere": answering("301 X", b"", "Location: https://127.0.0.1/p"),
    "it does not know us": answering("401 X", b"", "Meishi-Shown: 1", "Meishi-Unknown-Token: 1"),
    "what is no address": answering(
        "302 X", b"", "Meishi-Shown: 1", "Location: http://[somewhere/p"
    ),
    "it hangs": hanging,
    "it trickles": trickling(f"HTTP/1.1 200 OK\r\n{HTML}\r\nMeishi-Shown: 1\r\n\r\n".encode()),
}


@pytest.mark.parametrize("reply", WRONG.values(), ids=list(WRONG))
def test_what_no_service_should_answer_is_no_page(
    split: Split, client: FlaskClient, window: str, reply: Reply
) -> None:
    """In time; nothing of it is shown, and nothing is asked for twice."""
    with instead(split, reply, seconds=1) as server:
        assert is_unavailable(client.get(window))
        assert len(server.asked) == 1


def test_a_visitor_who_says_nothing_is_told_of_by_nothing(
    split: Split, client: FlaskClient, window: str
) -> None:
    """What carries a visit over is no browser, and takes nothing compressed for one."""
    with instead(split, answering("200 OK", b"", "Meishi-Shown: 1")) as server:
        client.get(window, headers={"User-Agent": ""})
    (asked,) = server.asked
    sent = dict(
        line.lower().split(b":", 1) for line in asked.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    )
    assert not sent.get(b"user-agent", b"").strip()
    assert sent[b"accept-encoding"].strip() == b"identity"
    assert b"accept" not in sent


def test_a_service_that_fails_again_and_again_is_left_alone(
    split: Split, client: FlaskClient, window: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For a moment visitors are told at once."""
    # While no time passes, that moment is not over.
    monkeypatch.setattr(line_to_bakery(split), "_elapsed", lambda: 0.0)
    with instead(split, answering("200 OK", b"<p>Welcome", HTML)) as server:
        for _ in range(8):
            assert is_unavailable(client.get(window))
        assert len(server.asked) == 5


def leading_to(target: str) -> Reply:
    """Return an answer of a service that leads somewhere; the sign stands for its own address."""

    def reply(connection: socket.socket, _: Event) -> None:
        own = f"http://127.0.0.1:{connection.getsockname()[1]}"
        location = f"Location: {target.replace('!', own)}"
        answering("302 Found", b"", "Meishi-Shown: 1", location)(connection, _)

    return reply


def test_a_page_that_leads_back_to_itself_is_no_page(
    split: Split, client: FlaskClient, window: str
) -> None:
    """A browser would go round and round; from a form it may lead back, and other pages stand."""
    for target in (window, f"!{window}", ""):
        with instead(split, leading_to(target)):
            for _ in range(6):
                assert is_unavailable(client.get(window))
            back = client.post(window, data={"token": ""})
            assert (back.status_code, back.headers["Location"]) == (302, target.lstrip("!"))


@pytest.mark.parametrize(
    "changed",
    [
        {"Authorization": ""},
        {"Authorization": "Bearer another-token-that-is-long-enough-for-one"},
        {ACTING: ""},
    ],
)
@pytest.mark.parametrize("door", [True, False])
def test_a_service_shows_its_pages_to_the_deployment_alone(
    split: Split, window: str, known: dict[str, str], changed: dict[str, str], door: bool
) -> None:
    """Whoever says that somebody visits has to have the token."""
    client = split.service.test_client()
    path = DOOR if door else window
    told = {name: value for name, value in (known | changed).items() if value}
    assert client.get(path, headers=told).status_code == 401
    if not door:
        assert client.get(path, headers=known).status_code == 200


def test_a_visit_that_cannot_be_read_is_refused(
    split: Split, window: str, known: dict[str, str]
) -> None:
    """Nobody is taken for somebody else."""
    answer = split.service.test_client().get(window, headers=known | {VISITOR: "AAAA"})
    assert answer.status_code == 400


def test_a_plugin_that_is_off_in_the_deployment_has_no_pages(
    split: Split, client: FlaskClient, window: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody asks the service then."""
    monkeypatch.setattr(split.host, "is_on", lambda plugin, _=None: plugin != "bakery")
    with split.gates.closed():
        for path in (window, DOOR):
            page = client.get(path)
            assert (page.status_code, page.mimetype) == (404, "text/html"), path
            assert "switched off" in page.text


def test_a_plugin_that_is_off_in_a_workspace_has_no_pages_there(
    split: Split, client: FlaskClient, window: str, shared: WorkspaceUnderTest
) -> None:
    """The service knows whose page it is, and that."""
    with split.host.scope(workspace=shared.id):
        split.host.calls.get(PluginSwitches).switch_here("bakery", on=False, cascade=True)
    split.host.switches.refresh()
    assert split.service_host.switches.refresh()
    page = client.get(window)
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "switched off in this workspace" in page.text
    assert client.get(f"/w/{UUID(int=7)}").status_code == 200


def test_a_service_that_was_told_nothing_shows_nothing(
    split: Split, client: FlaskClient, window: str
) -> None:
    """Something may be switched off."""
    service = split.service_host
    service.use_database(str(service.engine.url.render_as_string(False)))
    page = client.get(window)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert service.switches.refresh()
    assert client.get(window).status_code == 200


def test_nobody_holds_a_connection_while_a_page_is_waited_for(
    split: Split, client: FlaskClient, window: str
) -> None:
    """A slow service would take those of everybody else."""
    looking: list[Callable[[], None]] = import_module("bakery.window").LOOKING
    pool: Any = split.host.engine.pool
    held: list[int] = []
    looking.append(lambda: held.append(pool.checkedout()))
    try:
        assert client.get(window).status_code == 200
    finally:
        looking.clear()
    assert held == [0]


def test_a_door_stands_in_the_shell_of_the_deployment(
    split: Split, client: FlaskClient, owner: Browser
) -> None:
    """A page of no workspace is made for whoever comes, and its form is guarded here."""
    for browser, who in ((Browser(client), "False"), (owner, "True")):
        page = browser.get(DOOR)
        assert (page.status_code, page.text.count("<html")) == (200, 1)
        assert f'<p id="known">{who} 127.0.0.1</p>' in page.text
        assert 'rel="stylesheet"' in page.text
        sent = browser.send(DOOR, {"times": "<3>"})
        assert (sent.status_code, sent.location) == (303, DOOR)
        assert browser.client.get_cookie(REFERRAL_COOKIE) is not None
        assert "Knocked &lt;3&gt;" in browser.get(DOOR).text
        assert browser.client.post(DOOR, data={"times": "1"}).status_code == 403
        assert browser.client.head(DOOR).data == b""
    token_on(client.get(DOOR))
    with split.gates.closed():
        away = client.get(DOOR)
    assert (away.status_code, away.mimetype) == (503, "text/html")
