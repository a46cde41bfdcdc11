"""Events across: each is in the log of the other side once, in order, whoever follows."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread
from typing import Any

import httpx
import pytest

from meishi.events.across.following import OF_OPERATIONS, CursorGone, Follower, followed
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.ticks import Ticker
from meishi.remote.line import NoAnswer
from meishi.remote.models import DB_SCHEMA
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import TOKEN, Split

SOLD = "bakery.sold.v1"
LOGGED = """
    SELECT id::text, source, subject, key, workspace_id::text, data->>'number', trace->>'actor'
    FROM meishi_events.event WHERE type = 'bakery.sold.v1' ORDER BY pos
"""


@pytest.fixture
def follower(split: Split) -> Follower:
    """What follows the bakery in the main deployment."""
    (whom,) = followed(split.host)
    assert (whom.place, set(whom.types)) == ("bakery", {SOLD, *OF_OPERATIONS})
    return Follower(split.host, whom)


def sell(split: Split, shared: WorkspaceUnderTest, *items: str) -> None:
    """Sell something in the service, each in a transaction of its own; then a tick shows it."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    for number, item in enumerate(items):
        with split.service_host.scope(workspace=shared.id):
            split.service_host.calls.get(Shelf).sell(item, number=number + 1)
    Ticker(split.service_host.within).tick()


def logged(host: Any) -> list[Any]:
    """Return what the log of a side holds of the bakery."""
    with host.within(EVENTS) as scope:
        return list(scope.work.execute(LOGGED))


def follow_to_the_end(follower: Follower) -> None:
    """Take pages until there is nothing more."""
    while follower.step():
        continue


def test_events_stand_there_as_they_stood_here(
    split: Split, shared: WorkspaceUnderTest, follower: Follower
) -> None:
    """With their ids, in their order, and as the service's."""
    assert not follower.has_begun()
    sell(split, shared, "bread", "roll", "bread")
    follow_to_the_end(follower)
    assert follower.has_begun()
    assert logged(split.host) == logged(split.service_host)
    assert [row[2] for row in logged(split.host)] == ["bread", "roll", "bread"]
    assert {row[1] for row in logged(split.host)} == {"bakery"}
    sell(split, shared, "cake")
    follow_to_the_end(follower)
    assert logged(split.host) == logged(split.service_host)


def test_several_followers_take_each_event_once(
    split: Split, shared: WorkspaceUnderTest, follower: Follower
) -> None:
    """Who comes second with a page takes nothing of it."""
    sell(split, shared, *(f"bread {number}" for number in range(40)))
    threads = [Thread(target=follow_to_the_end, args=(follower,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert logged(split.host) == logged(split.service_host)


def test_who_begins_again_takes_only_what_is_new(
    split: Split, shared: WorkspaceUnderTest, follower: Follower
) -> None:
    """A cursor that got lost costs nothing: what was taken is known."""
    sell(split, shared, "bread")
    follow_to_the_end(follower)
    with split.host.within(DB_SCHEMA) as scope:
        scope.work.execute("DELETE FROM meishi_remote.followed RETURNING 1")
    sell(split, shared, "roll")
    follow_to_the_end(follower)
    assert logged(split.host) == logged(split.service_host)


def test_a_cursor_of_another_log_is_told_and_nothing_is_taken(
    split: Split, shared: WorkspaceUnderTest, follower: Follower
) -> None:
    """An operator has to say how to go on."""
    sell(split, shared, "bread")
    follow_to_the_end(follower)
    with split.host.within(DB_SCHEMA) as scope:
        scope.work.execute("UPDATE meishi_remote.followed SET cursor = 'AAAA' RETURNING 1")
    sell(split, shared, "roll")
    with pytest.raises(CursorGone, match="does not know our cursor"):
        follower.step()
    assert len(logged(split.host)) == 1
    assert follower.note_fault("gone")
    assert not follower.note_fault("gone")


def test_a_neighbour_gets_what_is_meant_for_it_alone(split: Split, follower: Follower) -> None:
    """A type of somebody else is refused, whatever else is asked for."""
    greedy = replace(follower.whom, types=(SOLD, "workspace.founded.v1"))
    with pytest.raises(NoAnswer, match="answered 403"):
        Follower(split.host, greedy).step()
    client = split.service.test_client()
    assert client.get(f"/internal/v1/events?types={SOLD}").status_code == 401
    known = {"Authorization": f"Bearer {TOKEN}"}
    for wrong in ("from=yesterday", "limit=501", "wait=26", "limit=x", "after=AAAA"):
        answer = client.get(f"/internal/v1/events?types={SOLD}&{wrong}", headers=known)
        assert answer.status_code == 400, wrong


def test_a_service_follows_what_its_plugins_listen_to(split: Split) -> None:
    """The bakery listens to nobody, so it asks for nothing."""
    assert followed(split.service_host) == []
    answer = httpx.get(
        f"{split.main_url}/internal/v1/events?types=workspace.founded.v1",
        headers={"Authorization": f"Bearer {TOKEN}"},
        timeout=20,
    )
    assert answer.status_code == 403
