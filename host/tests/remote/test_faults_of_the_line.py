"""Requests that are handed on, and the feed, whatever is wrong with the other side."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from meishi.clock import utc_now
from meishi.events.across.following import Follower, followed
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import Line, Message, NoAnswer
from meishi.remote.way import Way
from meishi.testing.servers import Reply, answering, hanging, scripted_server, sending, trickling

from .conftest import TOKEN, Split
from .test_following import logged

CLOCK = DeploymentClock(utc_now, follows=False)
JSON = "Content-Type: application/json"
#: What is no answer at all, to whatever was asked.
BROKEN: dict[str, Reply] = {
    "it closes at once": sending(b""),
    "it says something else": sending(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "half an answer": answering("200 OK", b'{"events": [', JSON, length=400),
    "it hangs": hanging,
    "it trickles": trickling(f"HTTP/1.1 200 OK\r\n{JSON}\r\n\r\n".encode()),
}
#: What is an answer, and no page of events.
STRANGE: dict[str, Reply] = {
    "rubbish": answering("200 OK", b"\xff\x00{", JSON),
    "another shape": answering("200 OK", b'{"thing": 1}', JSON),
    "half an event": answering(
        "200 OK", b'{"events": [{"id": 3}], "cursor": "c", "more": false}', JSON
    ),
    "a page for people": answering("200 OK", b"<p>Welcome", "Content-Type: text/html"),
    "something before it": answering("502 Bad Gateway", b""),
}


@pytest.fixture
def way_to() -> Iterator[Callable[[str], Way]]:
    """Ways to any address, until the test ends."""
    lines: list[Line] = []

    def made(url: str) -> Way:
        lines.append(Line(Placement(url=url, token=TOKEN, seconds=1), clock=CLOCK))
        return Way(lines[-1])

    yield made
    for line in lines:
        line.close()


@pytest.mark.parametrize("reply", BROKEN.values(), ids=list(BROKEN))
def test_a_request_that_is_handed_on_has_no_answer(
    two: Split, acting: Any, way_to: Callable[[str], Way], reply: Reply
) -> None:
    """In time, as one error that says what may be true; what is no repetition is sent once."""
    begun = time.monotonic()
    with scripted_server(reply) as server:
        for method, happened in (("POST", True), ("GET", False)):
            message = Message(method=method, path="/api/v1/bakery/sales", headers=())
            with pytest.raises(RemoteCallError) as raised:
                way_to(server.url).hand_on("bakery", message, repeatable=False)
            assert raised.value.may_have_happened is happened
            assert TOKEN not in str(raised.value)
        assert len(server.asked) == 2
    assert time.monotonic() - begun < 20  # two requests of a second, and no end of it otherwise


@pytest.mark.parametrize("reply", STRANGE.values(), ids=list(STRANGE))
def test_a_feed_that_cannot_be_read_gives_nothing(split: Split, reply: Reply) -> None:
    """Not even half of it: the cursor stays where it was, and goes on when the page is right."""
    (whom,) = followed(split.host)
    with scripted_server(reply) as server:
        placement = Placement(url=server.url, token=TOKEN, seconds=1)
        follower = Follower(split.host, replace(whom, placement=placement))
        with pytest.raises(NoAnswer) as raised:
            follower.step()
        assert TOKEN not in raised.value.reason
    assert not follower.has_begun()
    assert logged(split.host) == []
    right = Follower(split.host, whom)
    right.step()
    assert right.has_begun()
