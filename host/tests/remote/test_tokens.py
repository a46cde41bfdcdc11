"""Tokens are changed while both sides run: each accepts all of its own, and sends one of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from meishi.clock import utc_now
from meishi.core.identity.contract import Workspaces
from meishi.events.across.following import Follower, followed
from meishi.host import Host
from meishi.http.callers import NEIGHBOURS
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import Line
from meishi.remote.neighbours import Neighbours
from meishi.remote.tokens import Tokens
from meishi.remote.wire import UNKNOWN_TOKEN
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.servers import ScriptedServer, answering, scripted_server

from .conftest import Split

CLOCK = DeploymentClock(utc_now, follows=False)
OLD, NEW, OTHER = (f"{name}-token-of-services-nobody-guesses" for name in ("old", "new", "other"))
SALES = "/api/v1/bakery/sales"
REFUSED = answering("401 Unauthorized", b"{}", f"{UNKNOWN_TOKEN}: 1")


def line_of(host: Host) -> Line:
    """Return the line of a side to the other one."""
    placement = next(item.placement for item in host.placed_elsewhere())
    assert placement is not None
    return host.ways.line(placement)


@pytest.fixture
def known(split: Split, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have both sides know these tokens, as after a restart with other settings."""

    def settle(*, main: tuple[str, ...], service: tuple[str, ...]) -> None:
        placement = Placement(url=split.service_url, token=main[0], more_tokens=main[1:])
        for app, settings in (
            (split.main, replace(split.host.settings, placements={"bakery": placement})),
            (split.service, replace(split.service_host.settings, service_tokens=service)),
        ):
            neighbours = vars(app.extensions[NEIGHBOURS])
            for name, value in vars(Neighbours(settings)).items():
                monkeypatch.setitem(neighbours, name, value)
        for host, tokens in ((split.host, main), (split.service_host, service)):
            line = line_of(host)
            monkeypatch.setattr(line, "tokens", Tokens(line.placement.url, tokens, lambda: 0.0))

    return settle


STEPS = {
    "the service knows the new one, too": ((OLD,), (OLD, NEW)),
    "it sends the new one first": ((OLD,), (NEW, OLD)),
    "both know both": ((NEW, OLD), (OLD, NEW)),
    "the main deployment knows both alone": ((OLD, NEW), (NEW,)),
    "the main deployment has forgotten the old one": ((NEW,), (OLD, NEW)),
    "so has the service": ((NEW,), (NEW,)),
}


@pytest.mark.parametrize(("main", "service"), STEPS.values(), ids=list(STEPS))
def test_on_the_way_to_another_token_everything_goes_on(
    split: Split,
    known: Any,
    shared: WorkspaceUnderTest,
    main: tuple[str, ...],
    service: tuple[str, ...],
) -> None:
    """Calls and requests in both directions, and the feed, at every step and in any order."""
    known(main=main, service=service)
    client = split.main.test_client()
    assert client.get(SALES, headers=shared.headers).status_code == 200
    made = client.post(SALES, json={"item": "vase"}, headers=shared.headers)
    assert made.status_code == 201
    with split.service_host.scope(workspace=shared.id):
        assert len(split.service_host.service(Workspaces).all()) == 1
    (whom,) = followed(split.host)
    Follower(split.host, whom).step()


def test_another_token_is_tried_once_and_not_for_each_request(
    capfd: pytest.CaptureFixture[str], shared: WorkspaceUnderTest
) -> None:
    """The one that works is remembered; what is told of it is its number, and no token."""
    good = answering("200 OK", b"1", "Content-Type: application/json")
    with scripted_server(REFUSED, good) as server, shared.acting_as("cashdesk"):
        line = Line(Placement(url=server.url, token=OLD, more_tokens=(NEW,)), clock=CLOCK)
        for _ in range(3):
            assert sold_at(line) == 1
        line.close()
        assert [token in request for request in server.asked for token in _heads()] == [
            *(True, False),
            *(False, True),
            *(False, True),
            *(False, True),
        ]
    told = capfd.readouterr().err
    assert told.count('"token_refused"') == 1
    assert '"used": 2, "of": 2' in told
    assert OLD not in told
    assert NEW not in told


@pytest.fixture
def refusing() -> Iterator[ScriptedServer]:
    """A service that knows no token."""
    with scripted_server(REFUSED) as server:
        yield server


def test_who_knows_none_of_them_is_not_asked_with_all_of_them_each_time(
    refusing: ScriptedServer, shared: WorkspaceUnderTest
) -> None:
    """For a moment one is sent; then all are, for the other side may have changed."""
    now = [0.0]
    placement = Placement(url=refusing.url, token=OLD, more_tokens=(NEW, OTHER))
    line = Line(placement, clock=CLOCK, elapsed=lambda: now[0])
    with shared.acting_as("cashdesk"):
        for moment, asked in ((0.0, 3), (0.1, 4), (1.9, 5), (2.1, 8), (2.2, 9)):
            now[0] = moment
            with pytest.raises(RemoteCallError, match="does not accept our token") as raised:
                sold_at(line)
            assert len(refusing.asked) == asked
            assert not raised.value.may_have_happened
            assert not {OLD, NEW, OTHER} & set(str(raised.value).split())
    line.close()


def test_a_token_that_nobody_lists_is_refused_whatever_else_is_right(
    split: Split, known: Any, shared: WorkspaceUnderTest
) -> None:
    """An old one opens nothing any more, on either side, and the refusal says why."""
    known(main=(NEW,), service=(NEW,))
    for app in (split.main, split.service):
        client = app.test_client()
        for token, status in ((OLD, 401), (NEW, 200)):
            headers = {"Authorization": f"Bearer {token}"}
            answer = client.get("/internal/v1/plugins", headers=headers)
            assert (answer.status_code, UNKNOWN_TOKEN in answer.headers) == (status, status == 401)


def test_people_are_told_nothing_of_tokens_of_services(split: Split) -> None:
    """Their own are another matter."""
    answer = split.main.test_client().get(SALES, headers={"Authorization": "Bearer msh_1"})
    assert (answer.status_code, UNKNOWN_TOKEN in answer.headers) == (401, False)


def test_clocks_may_be_minutes_apart(
    split: Split, shared: WorkspaceUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that crosses is compared with a clock, and the service soon knows what time it is."""
    host = split.service_host
    for minutes in (-10, 10):
        clock = DeploymentClock(partial(_later, timedelta(minutes=minutes)), follows=True)
        monkeypatch.setattr(host, "clock", clock)
        client = split.main.test_client()
        made = client.post(
            SALES,
            json={"item": "vase"},
            headers=shared.headers | {"Idempotency-Key": str(minutes)},
        )
        assert made.status_code == 201
        batch = client.post("/api/v1/bakery/batches", headers=shared.headers)
        assert client.get(batch.headers["Location"], headers=shared.headers).status_code == 200
        assert abs(host.clock() - split.host.clock()) < timedelta(minutes=1)


def _later(difference: timedelta) -> datetime:
    return utc_now() + difference


def sold_at(line: Line) -> Any:
    """Ask a bakery at the end of a line how much it has sold."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    from meishi.calls.registry import placed_service
    from meishi.remote.way import Way

    return placed_service(Shelf, "bakery", Way(line)).count()


def _heads() -> tuple[bytes, bytes]:
    return f"Bearer {OLD}".encode(), f"Bearer {NEW}".encode()
