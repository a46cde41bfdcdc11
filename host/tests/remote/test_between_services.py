"""Services that use each other: the main deployment passes their calls on."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from meishi.context import Actor, current_scope
from meishi.doctor.services import service_findings
from meishi.events.across.following import Follower, followed
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.placement import Placement
from meishi.remote.errors import RemoteCallError
from meishi.remote.wire import ACTING, NOTHING_HAPPENED, SECONDS, acting_in
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

from .conftest import Gates, Split, reserved_port, serve, url_of

DESK, OVEN = (f"{name}-token-of-services-nobody-guesses" for name in ("desk", "oven"))


@dataclass(frozen=True)
class Three:
    """The main deployment, and two services: the cashdesk uses the bakery."""

    main: Host
    desk: Host
    oven: Host
    main_url: str
    databases: tuple[TestDatabases, ...]
    all_gates: tuple[Gates, ...]
    gates: Gates

    @contextmanager
    def lent(self) -> Iterator[Three]:
        """Put all on databases of their own until the block ends."""
        with ExitStack() as stack:
            hosts = (self.main, self.desk, self.oven)
            for host, databases in zip(hosts, self.databases, strict=True):
                location = stack.enter_context(databases.clone())
                host.use_database(location.runtime_url)
                stack.callback(host.close)
            for gates in self.all_gates:
                stack.callback(gates.rest)
            for host in hosts[1:]:
                host.read_switches()
            yield self


@pytest.fixture(scope="module")
def all_three(two: Split, meishi_server: Any, meishi_settings: Settings) -> Iterator[Three]:
    """Three applications with the packages of the two, on no database yet."""
    with ExitStack() as stack:
        places = [stack.enter_context(reserved_port()) for _ in range(3)]
        urls = [url_of(at) for at in places]
        main = replace(
            meishi_settings,
            deployment="middle",
            plugins=("bakery", "cashdesk"),
            plugins_listed=True,
            placements={
                "cashdesk": Placement(url=urls[1], token=DESK, seconds=20),
                "bakery": Placement(url=urls[2], token=OVEN, seconds=20),
            },
        )
        services = [
            replace(
                meishi_settings,
                deployment=name,
                only=(plugin,),
                main_url=urls[0],
                service_tokens=(token,),
            )
            for name, plugin, token in (("desk", "cashdesk", DESK), ("oven", "bakery", OVEN))
        ]
        made = [
            serve(stack, meishi_server, settings, at)
            for settings, at in zip((main, *services), places, strict=True)
        ]
        middle, desk, oven = (app.extensions["meishi"] for app, _, _ in made)
        yield Three(
            main=middle,
            desk=desk,
            oven=oven,
            main_url=urls[0],
            databases=tuple(item[1] for item in made),
            all_gates=tuple(item[2] for item in made),
            gates=made[2][2],
        )


@pytest.fixture
def three(all_three: Three) -> Iterator[Three]:
    """The three, each on a fresh database."""
    with all_three.lent():
        yield all_three


@pytest.fixture
def place(three: Three) -> WorkspaceUnderTest:
    """A workspace of the main deployment."""
    return found_workspace(three.main, "one")


@pytest.fixture
def desk(three: Three, place: WorkspaceUnderTest) -> Iterator[Any]:
    """What stands for the cashdesk in the main deployment, for the workspace's owner."""
    from cashdesk.contract import Cashdesk  # type: ignore[import-not-found]

    actor = Actor(user_id=place.owner_id, permissions=frozenset({"cashdesk.read"}))
    with three.main.scope(workspace=place.id, actor=actor):
        yield three.main.service(Cashdesk)


def test_a_call_reaches_the_other_service_for_the_same_person(
    three: Three, desk: Any, place: WorkspaceUnderTest
) -> None:
    """What it did stands there, in the same workspace."""
    assert desk.take("vase") == 1
    assert desk.sold() == 1
    assert desk.customer() == place.owner_id
    with three.oven.scope(workspace=place.id, plugin="bakery") as there:
        assert there.work.execute("SELECT item FROM bakery.sale") == [("vase",)]


def test_declared_errors_come_through_both(desk: Any) -> None:
    """As themselves."""
    from bakery.contract import SoldOut  # type: ignore[import-not-found]

    with pytest.raises(SoldOut, match="There is no gold"):
        desk.take("gold")


def test_a_command_is_done_once_under_its_key(
    three: Three, desk: Any, place: WorkspaceUnderTest
) -> None:
    """Whoever sends it again gets the answer of the first time, past the main deployment."""
    headers = {
        "Authorization": f"Bearer {DESK}",
        "Content-Type": "application/json",
        ACTING: acting_in(current_scope()),
        "Meishi-Call-Key": str(UUID(int=7)),
    }
    url = f"{three.main_url}/internal/v1/calls/bakery/Shelf/sell"
    sent = [
        httpx.post(url, content=b'{"item": "vase"}', headers=headers, timeout=20) for _ in range(2)
    ]
    assert [answer.content for answer in sent] == [b'{"item":"vase","number":1}'] * 2
    assert desk.sold() == 1
    del headers["Meishi-Call-Key"]
    assert httpx.post(url, content=b"{}", headers=headers, timeout=20).status_code == 400


@pytest.mark.parametrize(
    ("token", "path", "status"),
    [
        (OVEN, "cashdesk/Cashdesk/count", 403),
        (DESK, "bakery/Shelf/steal", 404),
        (DESK, "bakery/Door/count", 404),
        (DESK, "bakery/Shelf/count", 200),
        ("another-token-that-is-long-enough-for-one", "bakery/Shelf/count", 401),
    ],
)
def test_a_service_reaches_what_its_manifest_names(
    three: Three, desk: Any, token: str, path: str, status: int
) -> None:
    """The bakery does not name the cashdesk; nothing has happened where it is refused."""
    headers = {"Authorization": f"Bearer {token}", ACTING: acting_in(current_scope())}
    url = f"{three.main_url}/internal/v1/calls/{path}"
    answer = httpx.post(url, content=b"{}", headers=headers, timeout=20)
    assert answer.status_code == status
    assert (NOTHING_HAPPENED in answer.headers) is (status >= 400)


def test_the_other_service_may_be_away(three: Three, desk: Any) -> None:
    """One error says that nothing has happened, and it goes on when the other is back."""
    with three.gates.closed(), pytest.raises(RemoteCallError) as raised:
        desk.sold()
    assert not raised.value.may_have_happened
    assert DESK not in str(raised.value)
    deadline = time.monotonic() + 60
    while True:
        try:
            assert desk.sold() == 0
            break
        except RemoteCallError:
            assert time.monotonic() < deadline, "it does not come back"


def test_it_takes_no_longer_than_who_calls_waits(three: Three, desk: Any) -> None:
    """The main deployment gives up with whoever asked it."""
    headers = {
        "Authorization": f"Bearer {DESK}",
        ACTING: acting_in(current_scope()),
        SECONDS: "0.000001",
    }
    url = f"{three.main_url}/internal/v1/calls/bakery/Shelf/count"
    answer = httpx.post(url, content=b"{}", headers=headers, timeout=20)
    assert answer.status_code == 503
    assert answer.json()["type"].endswith("plugin-unavailable")


def test_a_service_hears_of_the_other_by_the_main_deployment(
    three: Three, desk: Any, place: WorkspaceUnderTest
) -> None:
    """Its events are followed twice, each once."""
    follower = next(
        Follower(three.desk, whom)
        for whom in followed(three.desk)
        if "bakery.sold.v1" in whom.types
    )
    follower.step()
    desk.take("vase")
    Ticker(three.oven.within).tick()
    for whom in followed(three.main):
        while Follower(three.main, whom).step():
            continue
    Ticker(three.main.within).tick()
    while follower.step():
        continue
    with three.desk.within(EVENTS) as scope:
        rows = scope.work.execute(
            "SELECT source, subject FROM meishi_events.event WHERE type = 'bakery.sold.v1'"
        )
    assert rows == [("bakery", "vase")]


def test_the_doctor_finds_nothing(three: Three) -> None:
    """On no side: each is told of what it uses."""
    for host in (three.main, three.desk, three.oven):
        assert list(service_findings(host)) == []
