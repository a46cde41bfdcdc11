from __future__ import annotations

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from meishi.outgoing.circuits import FAILURES, PAUSE_SECONDS, Circuits
from meishi.outgoing.errors import AddressRefused, AnswerRefused, EndpointUnavailable
from meishi.outgoing.message import OutgoingRequest
from meishi.outgoing.sender import LONGEST_PAUSE, Sender
from meishi.testing.servers import (
    answering,
    hanging,
    scripted_server,
    sending,
    trickling,
)

pytestmark = pytest.mark.no_calls

MINUTE = 60.0


class Clock:
    """A clock that goes on when somebody pauses."""

    def __init__(self) -> None:
        self.now = 0.0
        self.pauses: list[float] = []

    def pause(self, seconds: float) -> None:
        """Go on."""
        self.now += seconds
        self.pauses.append(seconds)


def sender_of(
    clock: Clock | None = None, resolve: Callable[[str, int], list[str]] | None = None
) -> Sender:
    """Return a sender that may call servers of the tests."""
    clock = clock or Clock()
    here = resolve or (lambda host, port: ["127.0.0.1"])
    hosts = ["127.0.0.1", "models.example", "localhost"]
    return Sender(hosts, resolve=here, now=lambda: clock.now, pause=clock.pause)


def test_answer_comes_back_as_it_is() -> None:
    """Method, headers and body arrive as they were given, and status, headers and body return."""
    with scripted_server(answering("404 Not Found", b"nothing", "X-Kind: test")) as server:
        request = OutgoingRequest(
            url=f"{server.url}/v1/chat?x=1",
            method="POST",
            headers={"Authorization": "Bearer key", "host": "elsewhere"},
            body=b"hello",
        )
        answer = sender_of().send("notes", request)
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (404, b"nothing", "test")
    head, _, body = server.asked[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat?x=1 HTTP/1.1\r\n")
    assert b"authorization: bearer key" in head.lower()
    assert f"host: 127.0.0.1:{server.port}".encode() in head.lower()
    assert b"elsewhere" not in head
    assert body == b"hello"


def test_request_goes_to_the_address_that_was_checked() -> None:
    """A name is looked up once: what it leads to later, even for another attempt, is not called."""
    answers = iter([["127.0.0.1"], ["10.0.0.7"]])
    with scripted_server(answering("503 Busy"), answering(body=b"here")) as server:
        request = OutgoingRequest(url=f"http://models.example:{server.port}/", attempts=2)
        answer = sender_of(resolve=lambda host, port: next(answers)).send("notes", request)
    assert answer.body == b"here"
    assert f"models.example:{server.port}".encode() in server.asked[1]
    assert next(answers) == ["10.0.0.7"]


def test_stranger_that_leads_here_is_not_called() -> None:
    """Nothing is sent where the address is not listed and not public."""
    with scripted_server(answering()) as server:
        request = OutgoingRequest(url=f"http://127.0.0.1:{server.port}/")
        with pytest.raises(AddressRefused):
            Sender(()).send("notes", request)
        with pytest.raises(AddressRefused):
            Sender((), resolve=lambda host, port: ["127.0.0.1"]).send(
                "notes", OutgoingRequest(url="http://models.example/")
            )
    assert server.asked == []


def test_what_the_operator_wrote_may_be_called_and_nothing_beside_it() -> None:
    """An address in a setting is trusted with its scheme, host and port, and those alone."""
    with scripted_server(answering()) as server, scripted_server(answering()) as other:
        for url, fits in ((server.url, True), (other.url, False)):
            request = OutgoingRequest(url=f"{url}/v1/models")
            if fits:
                Sender(()).send("notes", request, written_by_operator=f"{server.url}/v1")
            else:
                with pytest.raises(AddressRefused):
                    Sender(()).send("notes", request, written_by_operator=f"{server.url}/v1")
    assert (len(server.asked), len(other.asked)) == (1, 0)


def test_redirect_is_not_followed() -> None:
    """A server cannot send us elsewhere."""
    with scripted_server(answering()) as inside:
        reply = answering("302 Found", b"", f"Location: {inside.url}/secret")
        with scripted_server(reply) as server, pytest.raises(AnswerRefused, match="redirect"):
            sender_of().send("notes", OutgoingRequest(url=server.url, attempts=3))
        assert inside.asked == []
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "reply",
    [
        answering(body=b"", length=10**9),
        answering(body=b"x" * 2000),
        sending(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10_000_000),
    ],
    ids=["announced", "exact", "without a length"],
)
def test_answer_that_is_too_large_is_refused(reply: Callable[..., None]) -> None:
    """No more is taken than was asked for, whatever is announced."""
    with scripted_server(reply) as server, pytest.raises(AnswerRefused, match="larger than 1999"):
        sender_of().send("notes", OutgoingRequest(url=server.url, max_bytes=1999))


def test_compressed_answer_is_refused() -> None:
    """Nothing is unpacked: a small answer cannot become a large one."""
    reply = answering("200 OK", b"\x1f\x8b", "Content-Encoding: gzip")
    with scripted_server(reply) as server, pytest.raises(AnswerRefused, match="compressed"):
        sender_of().send("notes", OutgoingRequest(url=server.url))
    assert b"accept-encoding: identity" in server.asked[0].lower()


@pytest.mark.parametrize(
    "reply",
    [
        hanging,
        trickling(),
        trickling(b"HTTP/1.1 200 OK\r\nX-Slow: "),
        trickling(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"),
    ],
    ids=["nothing", "body", "headers", "announced body"],
)
def test_slow_server_is_left(reply: Callable[..., None]) -> None:
    """An attempt ends with its time, also where octet after octet keeps coming."""
    with (
        scripted_server(reply) as server,
        pytest.raises(EndpointUnavailable, match="did not answer"),
    ):
        sender_of().send("notes", OutgoingRequest(url=server.url, seconds=1, max_bytes=10**8))


@pytest.mark.parametrize(
    "content", [b"", b"rubbish", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"]
)
def test_half_an_answer_is_none(content: bytes) -> None:
    """What breaks off, and what is not HTTP, is no answer."""
    with scripted_server(sending(content)) as server, pytest.raises(EndpointUnavailable):
        sender_of().send("notes", OutgoingRequest(url=server.url))


def test_looking_for_a_server_has_its_time() -> None:
    """Nobody waits for a name server of a stranger that says nothing."""
    ended = threading.Event()

    def look_up(host: str, port: int) -> list[str]:
        ended.wait(MINUTE)
        return ["127.0.0.1"]

    request = OutgoingRequest(url="http://models.example/", seconds=0.1)
    try:
        with pytest.raises(EndpointUnavailable, match="not known"):
            sender_of(resolve=look_up).send("notes", request)
        assert not ended.is_set()
    finally:
        ended.set()


def test_server_that_cannot_now_is_asked_again() -> None:
    """Further attempts come after longer and longer pauses, and as late as the server wants."""
    clock = Clock()
    replies = [
        answering("500 Oops"),
        sending(b""),
        answering("429 Slow down", b"", "Retry-After: 7"),
        answering(body=b"well"),
    ]
    with scripted_server(*replies) as server:
        request = OutgoingRequest(url=server.url, attempts=4)
        assert sender_of(clock).send("notes", request).body == b"well"
    assert 0.25 <= clock.pauses[0] <= 0.5 <= clock.pauses[1] <= 1
    assert clock.pauses[2] == 7


@pytest.mark.parametrize("asked_for", ["3600", "Fri, 31 Dec 2100 23:59:59 GMT"])
def test_nobody_waits_for_long(asked_for: str) -> None:
    """Where the server wants more patience than an attempt has, whoever asked is told how much."""
    clock = Clock()
    reply = answering("429 Slow down", b"", f"Retry-After: {asked_for}")
    with scripted_server(reply) as server, pytest.raises(EndpointUnavailable) as found:
        sender_of(clock).send("notes", OutgoingRequest(url=server.url, attempts=4))
    assert found.value.retry_after is not None
    assert found.value.retry_after > LONGEST_PAUSE
    assert clock.pauses == []


@pytest.mark.parametrize(
    "asked_for",
    [
        "soon",
        "-1",
        f"Fri, 31 Dec {10**22} 23:59:59 GMT",
        f"Fri, 31 Dec 2100 23:59:59 +{10**22}",
    ],
)
def test_wait_that_means_nothing_is_not_heeded(asked_for: str) -> None:
    """A server may ask for patience in words that are no time at all."""
    clock = Clock()
    reply = answering("429 Slow down", b"", f"Retry-After: {asked_for}")
    with scripted_server(reply, answering(body=b"well")) as server:
        request = OutgoingRequest(url=server.url, attempts=2)
        assert sender_of(clock).send("notes", request).body == b"well"
    assert 0 < clock.pauses[0] <= LONGEST_PAUSE


def test_endpoint_that_fails_again_and_again_is_left_alone() -> None:
    """After so many failures nobody asks for a while; then one tries, and all may ask again."""
    clock = Clock()
    sender = sender_of(clock)
    with scripted_server(*[answering("500 Oops")] * FAILURES, answering()) as server:
        request = OutgoingRequest(url=server.url)
        for _ in range(FAILURES):
            with pytest.raises(EndpointUnavailable, match="answered 500"):
                sender.send("notes", request)
        with pytest.raises(EndpointUnavailable, match="not asked now"):
            sender.send("notes", request)
        assert len(server.asked) == FAILURES
        clock.now += PAUSE_SECONDS
        assert [sender.send("notes", request).status for _ in range(2)] == [200, 200]


def test_circuit_of_one_plugin_is_not_anothers() -> None:
    """What one plugin does to an endpoint keeps no other one from it."""
    circuits = Circuits(lambda: 0.0)
    for _ in range(FAILURES):
        circuits.failed("notes", "http://a.example")
    circuits.enter("other", "http://a.example")
    circuits.enter("notes", "http://b.example")
    with pytest.raises(EndpointUnavailable):
        circuits.enter("notes", "http://a.example")


def test_a_single_request_tries_an_open_circuit() -> None:
    """Of many threads that meet an endpoint after its pause, one asks it."""
    clock = Clock()
    circuits = Circuits(lambda: clock.now)
    for _ in range(FAILURES):
        circuits.failed("notes", "http://a.example")
    clock.now += PAUSE_SECONDS
    let_in: list[bool] = []
    start = threading.Barrier(8)

    def enter() -> None:
        start.wait()
        try:
            circuits.enter("notes", "http://a.example")
        except EndpointUnavailable:
            return
        let_in.append(True)

    threads = [threading.Thread(target=enter) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert let_in == [True]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a key and a certificate of `localhost` that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    key, own, both = (folder / name for name in ("key.pem", "cert.pem", "both.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", own],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes(key.read_bytes() + own.read_bytes())
    return both


def test_certificate_must_be_that_of_the_name(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though an address is called, the server has to prove that it is the host of the URL."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with scripted_server(answering(body=b"safe"), certificate=certificate) as server:
        found = sender_of().send("notes", OutgoingRequest(url=f"https://localhost:{server.port}/"))
        assert found.body == b"safe"
        with pytest.raises(EndpointUnavailable):
            sender_of().send("notes", OutgoingRequest(url=f"https://models.example:{server.port}/"))
    assert len(server.asked) == 1
