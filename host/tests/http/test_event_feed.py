"""The feed over HTTP: whose events, in what form, with which cursor, and how long it waits."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Pool

from meishi.database.location import Location
from meishi.events.feed.feed import EventFeed
from meishi.events.feed.waiting import LOOK, News, WaitingRoom
from meishi.events.ticks import Ticker
from meishi.host import Host
from meishi.sdk.contract import Event
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import IssueToken

EVENTS, CONTACTS = "/api/v1/events", "/api/v1/contacts"

Answer = dict[str, Any]


@dataclass(frozen=True)
class Feed:
    """The feed as a client of one workspace reads it."""

    client: FlaskClient
    workspace: WorkspaceUnderTest

    def get(self, *, status: int = 200, **query: object) -> Answer:
        """Return the answer to a request; `filter_type` and `from_` stand for what is no name."""
        names = {"filter_type": "filter[type]", "from_": "from"}
        found = self.client.get(
            EVENTS,
            query_string={names.get(name, name): value for name, value in query.items()},
            headers=self.workspace.headers,
        )
        assert found.status_code == status, found.text
        assert isinstance(found.json, dict)
        return found.json

    def create(self, name: str = "Ada") -> str:
        """Create a contact, and return its id."""
        found = self.client.post(
            CONTACTS, json={"name": {"full": name}}, headers=self.workspace.headers
        )
        assert found.json is not None
        Ticker(self.workspace.host.within).tick()
        return str(found.json["id"])


@pytest.fixture
def feed(app: Flask, workspace: WorkspaceUnderTest) -> Feed:
    """The feed of the first workspace."""
    return Feed(app.test_client(), workspace)


@pytest.fixture
def other_feed(app: Flask, other_workspace: WorkspaceUnderTest) -> Feed:
    """The feed of the second workspace."""
    return Feed(app.test_client(), other_workspace)


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Threads for requests that wait."""
    with ThreadPoolExecutor(8) as pool:
        yield pool


def subjects(answer: Answer) -> list[str]:
    """Return what the events of an answer are about."""
    return [item["subject"] for item in answer["items"]]


def test_events_are_pulled_page_by_page_with_a_cursor_at_every_end(feed: Feed) -> None:
    """From the oldest on, each once; an empty answer has a cursor, too, and `Link` leads on."""
    made = [feed.create(name) for name in ("Ada", "Bob", "Eve")]
    first = feed.get(limit=2)
    rest = feed.get(limit=2, after=first["next_after"])
    end = feed.get(after=rest["next_after"])
    assert subjects(first) + subjects(rest) == made
    assert (first["more"], end["items"], end["more"]) == (True, [], False)
    made.append(feed.create())
    assert subjects(feed.get(after=end["next_after"])) == made[3:]
    answer = feed.client.get(f"{EVENTS}?limit=1&from=oldest", headers=feed.workspace.headers)
    address = answer.headers["Link"].removeprefix("<").removesuffix('>; rel="next"')
    assert urlsplit(address).path == EVENTS
    followed = feed.client.get(address, headers=feed.workspace.headers)
    assert followed.json is not None
    assert subjects(followed.json) == made[1:2]


def test_an_event_is_a_cloud_event(feed: Feed) -> None:
    """It has the attributes that the catalogue promises, and no others."""
    contact = feed.create()
    (event,) = feed.get()["items"]
    catalogue = feed.client.get(f"{EVENTS}/catalogue", headers=feed.workspace.headers).json
    assert catalogue is not None
    headers = catalogue["components"]["messages"]["contact.created.v1"]["headers"]
    assert set(headers["required"]) <= set(event)
    assert set(event) - {"data"} <= set(headers["properties"])
    for name, promised in headers["properties"].items():
        assert name not in event or event[name] == promised.get("const", event[name])
    assert event["time"].endswith("Z")
    assert event["actor"] == str(feed.workspace.owner_id)
    assert event["workspace"] == str(feed.workspace.id)
    assert event["data"]["contact_id"] == contact


def test_a_workspace_sees_its_own_events_alone(feed: Feed, other_feed: Feed) -> None:
    """Neither those of others nor facts of the deployment; a foreign cursor is a forged one."""
    mine, others = feed.create(), other_feed.create()
    assert subjects(feed.get()) == [mine]
    assert subjects(other_feed.get()) == [others]
    foreign = other_feed.get(from_="now")["next_after"]
    problem = feed.get(after=foreign, status=400)
    assert problem["type"] == "urn:meishi:problem:invalid-cursor"


@pytest.mark.parametrize("cursor", ["x", "AAAA", "a" * 400, "ÿ", "..", "%00"])
def test_a_forged_cursor_is_refused(feed: Feed, cursor: str) -> None:
    """Whatever it is, it is 400 and says what to send."""
    problem = feed.get(after=cursor, status=400)
    assert problem["type"] == "urn:meishi:problem:invalid-cursor"
    assert "next_after" in problem["detail"]


def test_a_changed_cursor_is_refused(feed: Feed) -> None:
    """No sign of it can be exchanged, nor one be left out or added."""
    cursor = feed.get()["next_after"]
    for place in (0, len(cursor) // 2, -1):
        changed = list(cursor)
        changed[place] = "A" if changed[place] != "A" else "B"
        assert feed.get(after="".join(changed), status=400)["status"] == 400
    for wrong in (cursor[:-1], cursor + "A", cursor + "=", f" {cursor}"):
        assert feed.get(after=wrong, status=400)["status"] == 400


def test_only_types_of_readable_resources_are_seen(feed: Feed, issue_token: IssueToken) -> None:
    """A token without `contacts.read` sees no event of contacts, and is told so if it asks."""
    feed.create()
    headers = issue_token(frozenset({"events.read", "qr.read"}))
    blind = Feed(feed.client, replace(feed.workspace, token=headers["Authorization"][7:]))
    assert blind.get()["items"] == []
    assert blind.get(filter_type="card.viewed.v1")["items"] == []
    problem = blind.get(filter_type="contact.created.v1", status=403)
    assert "contacts.read" in problem["detail"]
    nothing = issue_token(frozenset({"contacts.read"}))
    refused = Feed(feed.client, replace(feed.workspace, token=nothing["Authorization"][7:]))
    assert "events.read" in refused.get(status=403)["detail"]


def test_some_types_can_be_asked_for(feed: Feed) -> None:
    """Several, separated by commas; the cursor passes over all others."""
    contact = feed.create()
    for request in ({"method": "DELETE"}, {"method": "POST", "path": f"{contact}/restore"}):
        path = f"{CONTACTS}/{request.get('path', contact)}"
        headers = feed.workspace.headers | {"If-Match": "*"}
        assert feed.client.open(path, method=request["method"], headers=headers).status_code < 300
    Ticker(feed.workspace.host.within).tick()
    types = [item["type"] for item in feed.get()["items"]]
    assert len(types) == 3
    asked = feed.get(filter_type=f"{types[0]}, {types[1]}")
    assert [item["type"] for item in asked["items"]] == types[:2]
    assert feed.get(after=asked["next_after"])["items"] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"filter[type]": "contact.create.v1"}, "Did you mean `contact.created.v1`?"),
        ({"filter[type]": "contact.created.v1,"}, "Unknown event type."),
        ({"filter[typ]": "contact.created.v1"}, "Did you mean `filter[type]`?"),
        ({"from": "yesterday"}, "Must be one of: oldest, now."),
        ({"from": "now", "after": "x"}, "`after` says already"),
        ({"limit": "201"}, "200"),
        ({"wait": "31"}, "30"),
        ({"wait": "-1"}, "0"),
    ],
)
def test_a_wrong_query_is_refused_with_a_suggestion(
    feed: Feed, query: dict[str, str], said: str
) -> None:
    """What is unknown or out of range is 400, at its parameter."""
    problem = feed.get(status=400, **query)
    assert any(said in item["message"] for item in problem["errors"]), problem


def test_who_begins_now_sees_nothing_of_before(feed: Feed) -> None:
    """`from=now` is the way for those who have read the resources themselves."""
    feed.create()
    answer = feed.get(from_="now")
    assert answer["items"] == []
    later = feed.create()
    assert subjects(feed.get(after=answer["next_after"])) == [later]


def test_without_a_worker_the_feed_ticks_by_itself(feed: Feed, database: Location) -> None:
    """Where the newest tick is old, a reader stores one; else nobody would ever see the event."""
    host = feed.workspace.host
    with host.scope(workspace=feed.workspace.id, plugin="crm_contacts"):
        host.publish([_created(host)])
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute("UPDATE meishi_events.tick SET at = at - interval '1 hour'")
    assert len(feed.get()["items"]) == 1


def test_what_is_dropped_expires_a_cursor(feed: Feed, database: Location) -> None:
    """410 says that something may be missing, and how to begin again."""
    cursor = feed.get()["next_after"]
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute("SELECT meishi_events.add_partition(10001, 20001)")
        admin.execute("SELECT setval('meishi_events.event_pos_seq', 10000)")
    late = feed.create()
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute("SELECT meishi_events.drop_partition('event_1', 10001)")
    problem = feed.get(after=cursor, status=410)
    assert problem["type"] == "urn:meishi:problem:cursor-expired"
    assert "from=oldest" in problem["detail"]
    assert subjects(feed.get(from_="oldest")) == [late]


def _created(host: Host) -> Event:
    """Return an event that a contact was created."""
    declared = host.catalogue.find("contact.created.v1")
    assert declared is not None
    event: Any = declared.event
    return event(contact_id=host.new_id())  # type: ignore[no-any-return]


def eventually(holds: Callable[[], bool]) -> None:
    """Return when something holds; fail if it never does."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came to be"
        time.sleep(0.01)


def test_a_request_waits_for_the_next_event(feed: Feed, beside: ThreadPoolExecutor) -> None:
    """It is answered with the event when that is ticked, long before its time is over."""
    cursor = feed.get(from_="now")["next_after"]
    waiting = beside.submit(feed.get, after=cursor, wait=30)
    eventually(lambda: seats_taken(feed.workspace.host.feed) == 1)
    assert not waiting.done()
    made = feed.create()
    answer = waiting.result()
    assert subjects(answer) == [made]


def test_who_waits_in_vain_gets_a_cursor(feed: Feed, other_feed: Feed) -> None:
    """When the time is over the answer is empty, and has passed what others did."""
    cursor = feed.get(from_="now")["next_after"]
    other_feed.create()
    answer = feed.get(after=cursor, wait=1)
    assert (answer["items"], answer["more"]) == ([], False)
    assert answer["next_after"] != cursor


def seats_taken(feed: EventFeed) -> int:
    """Return how many requests wait."""
    free: int = feed.room._seats._value
    return feed._host.settings.threads // 2 - free


def test_half_of_the_threads_wait_and_hold_no_connection(
    feed: Feed, beside: ThreadPoolExecutor
) -> None:
    """Whoever comes when all seats are taken is answered at once; other requests go on."""
    host = feed.workspace.host
    pool: Pool = host.engine.pool
    cursor = feed.get(from_="now")["next_after"]
    waiting: list[Future[Answer]] = [
        beside.submit(feed.get, after=cursor, wait=30) for _ in range(host.settings.threads // 2)
    ]
    eventually(lambda: seats_taken(host.feed) == host.settings.threads // 2)
    turned_away = feed.client.get(
        EVENTS, query_string={"after": cursor, "wait": 30}, headers=feed.workspace.headers
    )
    assert turned_away.headers["Retry-After"] == "1"
    assert turned_away.json is not None
    assert turned_away.json["items"] == []
    assert not any(item.done() for item in waiting)
    # Looks at the newest tick take one for a moment; nobody has one all the time.
    eventually(lambda: pool.checkedout() == 0)  # type: ignore[attr-defined]
    made = feed.create()
    assert [subjects(item.result()) for item in waiting] == [[made]] * len(waiting)
    assert seats_taken(host.feed) == 0


def test_waiting_ends_when_the_process_is_to_end(feed: Feed, beside: ThreadPoolExecutor) -> None:
    """Its requests are answered with what there is, so that it can end in time."""
    heard, told = socket.socketpair()
    with heard, told:
        feed.workspace.host.feed.room.heed(heard)
        waiting = beside.submit(feed.get, from_="now", wait=30)
        eventually(lambda: seats_taken(feed.workspace.host.feed) == 1)
        told.send(b"\x0f")
        assert waiting.result()["items"] == []


def test_a_process_looks_once_in_a_while_however_many_ask(host: Host, database: Location) -> None:
    """The newest tick is what the last look saw; the next one is only due a little later."""
    now = [100.0]
    news = News(host, WaitingRoom(1), elapsed=lambda: now[0])
    first = news.look()
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute(
            "INSERT INTO meishi_events.tick (epoch, snap, before_pos, low_pos, last_pos)"
            " VALUES (1, pg_current_snapshot(), 0, 0, 0)"
        )
    assert news.look() == first
    now[0] += LOOK
    assert news.look() == first + 1


def test_a_process_with_one_thread_lets_nobody_wait() -> None:
    """Else a single reader of the feed would keep everybody from being served."""
    with WaitingRoom(1 // 2).seat() as seated:
        assert not seated
