"""Whatever is wrong with the other side, a caller gets one error that says what may be true."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any, Protocol
from uuid import UUID, uuid4

import httpx
import pytest

from meishi.calls.registry import CallRegistry
from meishi.clock import utc_now
from meishi.context import current_scope, enter_scope
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.errors import RemoteCallError
from meishi.remote.line import Line
from meishi.remote.way import Way
from meishi.remote.wire import ACTING, CALL_KEY, NOTHING_HAPPENED, acting_in
from meishi.settings import CallMode
from meishi.testing.servers import (
    Reply,
    ScriptedServer,
    answering,
    hanging,
    scripted_server,
    sending,
    trickling,
)

from .conftest import TOKEN, Split, reserved_port, url_of

CLOCK = DeploymentClock(utc_now, follows=False)
JSON = "Content-Type: application/json"


class ShelfAt(Protocol):
    """Makes what stands for a bakery at an address."""

    def __call__(self, url: str, *, token: str = TOKEN, seconds: int = 20, **seams: Any) -> Any:
        """Return it."""
        ...


@pytest.fixture
def shelf_at() -> Iterator[ShelfAt]:
    """What stands for bakeries at any address, until the test ends."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    lines: list[Line] = []

    def made(url: str, *, token: str = TOKEN, seconds: int = 20, **seams: Any) -> Any:
        calls = CallRegistry(CallMode.LOCAL)
        lines.append(Line(Placement(url=url, token=token, seconds=seconds), clock=CLOCK, **seams))
        calls.place(Shelf, "bakery", Way(lines[-1]))
        return calls.get(Shelf)

    yield made
    for line in lines:
        line.close()


WRONG: dict[str, tuple[Reply, bool]] = {
    "it closes at once": (sending(b""), True),
    "it says something else": (sending(b"SSH-2.0-OpenSSH_9.2\r\n"), True),
    "half an answer": (answering("200 OK", b'{"item": "va', JSON, length=400), True),
    "no JSON": (answering("200 OK", b"hello", JSON), True),
    "another shape": (answering("200 OK", b'{"thing": 1}', JSON), True),
    "a page": (answering("200 OK", b"<p>Welcome", "Content-Type: text/html"), True),
    "a redirect": (answering("302 Found", b"", "Location: http://127.0.0.1:1/"), True),
    "an error of something before it": (answering("502 Bad Gateway", b""), True),
    "an undeclared error": (
        answering("422 X", b'{"code": "x"}', "Content-Type: application/vnd.meishi.error+json"),
        True,
    ),
    "it hangs": (hanging, True),
    "it trickles": (trickling(f"HTTP/1.1 200 OK\r\n{JSON}\r\n\r\n".encode()), True),
    "it is too busy, and says so": (
        answering("503 Busy", b"", f"{NOTHING_HAPPENED}: 1"),
        False,
    ),
}


@pytest.mark.parametrize(("reply", "may_have_happened"), WRONG.values(), ids=list(WRONG))
def test_what_no_service_should_answer(
    two: Split, acting: Any, shelf_at: ShelfAt, reply: Reply, may_have_happened: bool
) -> None:
    """In time, as one error; what only reads has never happened."""
    begun = time.monotonic()
    with scripted_server(reply) as server:
        with pytest.raises(RemoteCallError) as raised:
            shelf_at(server.url, seconds=2).sell("vase")
        with pytest.raises(RemoteCallError) as read:
            shelf_at(server.url, seconds=2).count()
    assert raised.value.may_have_happened is may_have_happened
    assert not read.value.may_have_happened
    assert TOKEN not in str(raised.value)
    assert time.monotonic() - begun < 30  # two calls of two seconds, and no end of it otherwise


def test_nobody_is_there(two: Split, acting: Any, shelf_at: ShelfAt) -> None:
    """Nothing has happened; after some failures nobody is asked for a moment."""
    with reserved_port() as closed:
        # While no time passes, that moment is not over.
        shelf = shelf_at(url_of(closed), elapsed=lambda: 0.0)
        with pytest.raises(RemoteCallError, match="cannot be reached") as raised:
            shelf.sell("vase")
        assert not raised.value.may_have_happened
        resting = "failed 5 times in a row and is not asked now"
        for _ in range(2):
            with pytest.raises(RemoteCallError, match=resting):
                shelf.sell("vase")


def test_a_certificate_of_somebody_else(
    two: Split, acting: Any, shelf_at: ShelfAt, tmp_path: Path
) -> None:
    """Nothing is sent, the token least of all."""
    file = tmp_path / "certificate.pem"
    subprocess.run(
        f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {file} -out {tmp_path}/public.pem"
        " -subj /CN=localhost -days 1".split(),
        check=True,
        capture_output=True,
    )
    with file.open("ab") as both:
        both.write((tmp_path / "public.pem").read_bytes())
    with scripted_server(answering(), certificate=file) as server:
        with pytest.raises(RemoteCallError, match=r"cannot be reached.*certificate") as raised:
            shelf_at(server.url.replace("http://", "https://")).sell("vase")
        assert not server.asked
    assert not raised.value.may_have_happened


@pytest.mark.parametrize("token", ["another-token-that-is-long-enough-for-one", "short"])
def test_a_token_that_is_not_the_services(
    split: Split, acting: Any, shelf_at: ShelfAt, token: str
) -> None:
    """It is refused before anything is read."""
    with pytest.raises(RemoteCallError, match="does not accept our token") as raised:
        shelf_at(split.service_url, token=token).sell("vase")
    assert not raised.value.may_have_happened


@contextmanager
def losing_answers(split: Split, lost: int) -> Iterator[ScriptedServer]:
    """Run what hands requests on to the service, and loses its first answers."""
    taken = 0

    def hand_on(connection: socket.socket, _: Event) -> None:
        nonlocal taken
        taken += 1
        answer = _exchanged(split.service_url, server.asked[-1])
        if taken > lost:
            connection.sendall(answer)

    with scripted_server(hand_on) as server:
        yield server


def _exchanged(url: str, request: bytes) -> bytes:
    """Send a request octet for octet, and return the whole answer."""
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port or 80)) as sending_to:
        sending_to.sendall(request.replace(b"Connection: keep-alive", b"Connection: close"))
        return b"".join(iter(lambda: sending_to.recv(65536), b""))


@pytest.mark.parametrize("lost", [1, 2])
def test_a_command_whose_answer_is_lost_is_done_once(
    split: Split, acting: Any, shelf_at: ShelfAt, lost: int
) -> None:
    """It is sent again under its key, and has the answer of the first time."""
    from bakery.contract import Sale

    with losing_answers(split, lost) as server:
        assert shelf_at(server.url).sell("vase") == Sale("vase", 1)
        assert len(server.asked) == lost + 1
        assert shelf_at(server.url).sell("vase") == Sale("vase", 1)
        assert shelf_at(server.url).count() == 2


def test_a_command_whose_answers_are_all_lost_may_have_happened(
    split: Split, acting: Any, shelf_at: ShelfAt
) -> None:
    """Once, however often it was sent."""
    with losing_answers(split, 3) as server, pytest.raises(RemoteCallError) as raised:
        shelf_at(server.url).sell("vase")
    assert raised.value.may_have_happened
    assert shelf_at(split.service_url).count() == 1


def test_an_event_that_is_delivered_again_commands_once(
    split: Split, acting: Any, shelf_at: ShelfAt
) -> None:
    """Its handler gives the same commands in the same order, and each has its first answer."""
    event = uuid4()
    for _ in range(2):  # as if the delivery had been undone after it called
        delivery = replace(acting, work=acting.work.sibling(), causation=event)
        with enter_scope(delivery), delivery.work.entered("cashdesk"):
            shelf_at(split.service_url).sell("vase")
            shelf_at(split.service_url).sell("vase")
    assert shelf_at(split.service_url).count() == 2


def test_the_same_command_at_the_same_time_is_done_once(
    split: Split, acting: Any, shelf_at: ShelfAt
) -> None:
    """Who comes second waits for the first."""
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        ACTING: acting_in(current_scope()),
        CALL_KEY: str(uuid4()),
    }
    answers: list[httpx.Response] = []

    def send() -> None:
        url = f"{split.service_url}/internal/v1/calls/bakery/Shelf/sell"
        answers.append(httpx.post(url, content=b'{"item": "vase"}', headers=headers, timeout=20))

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(answer.status_code, answer.content) for answer in answers} == {
        (200, b'{"item":"vase","number":1}')
    }
    assert shelf_at(split.service_url).count() == 1


CALLS: dict[str, tuple[str, bytes, dict[str, str | None], int]] = {
    "another contract's method": ("bakery/Shelf/steal", b"{}", {}, 404),
    "another contract": ("bakery/Door/open", b"{}", {}, 404),
    "another plugin": ("qr/Cards/list", b"{}", {}, 404),
    "an argument of a newer contract": (
        "bakery/Shelf/sell", b'{"item": "a", "colour": "b"}', {}, 400,
    ),
    "an argument that an older one had not": ("bakery/Shelf/sell", b"{}", {}, 400),
    "a value of another type": ("bakery/Shelf/sell", b'{"item": 3}', {}, 400),
    "no JSON": ("bakery/Shelf/sell", b"\xff", {}, 400),
    "no key for a command": ("bakery/Shelf/sell", b'{"item": "a"}', {CALL_KEY: None}, 400),
    "nobody acts": ("bakery/Shelf/count", b"{}", {ACTING: None}, 400),
    "rubbish acts": ("bakery/Shelf/count", b"{}", {ACTING: "AAAA"}, 400),
    "not even base64": ("bakery/Shelf/count", b"{}", {ACTING: "\x7f"}, 400),
    "no token": ("bakery/Shelf/count", b"{}", {"Authorization": None}, 401),
    "a token of people": ("bakery/Shelf/count", b"{}", {"Authorization": "Bearer msh_1"}, 401),
}  # fmt: skip


@pytest.mark.parametrize(("path", "body", "changed", "status"), CALLS.values(), ids=list(CALLS))
def test_what_no_caller_should_send(
    split: Split,
    acting: Any,
    path: str,
    body: bytes,
    changed: dict[str, str | None],
    status: int,
) -> None:
    """Refused with a problem, which says that nothing has happened."""
    headers: dict[str, str | None] = {
        "Authorization": f"Bearer {TOKEN}",
        "Content-Type": "application/json",
        ACTING: acting_in(current_scope()),
        CALL_KEY: str(uuid4()),
    }
    sent = {name: value for name, value in (headers | changed).items() if value is not None}
    answer = split.service.test_client().post(f"/internal/v1/calls/{path}", data=body, headers=sent)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert NOTHING_HAPPENED in answer.headers


def test_a_key_belongs_to_one_command(split: Split, acting: Any) -> None:
    """Under another's key nothing is done."""
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        ACTING: acting_in(current_scope()),
        CALL_KEY: str(UUID(int=7)),
    }
    client = split.service.test_client()
    sell = client.post(
        "/internal/v1/calls/bakery/Shelf/sell", data=b'{"item": "vase"}', headers=headers
    )
    broken = client.post("/internal/v1/calls/bakery/Shelf/break_down", data=b"{}", headers=headers)
    assert (sell.status_code, broken.status_code) == (200, 400)


def test_where_nobody_may_call_there_is_nothing(client: Any) -> None:
    """A deployment in one piece has none of these addresses."""
    answer = client.post("/internal/v1/calls/qr/Cards/list", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 404
