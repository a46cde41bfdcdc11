"""`meishi serve` as one process tree: it starts, survives losses, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from tests.processes import (
    PATIENCE,
    ended,
    free_port,
    is_healthy,
    named,
    postmaster_of,
    start,
    wait_until,
    wait_until_gone,
)

pytestmark = pytest.mark.once

_KEEPER = "meishi.database.embedded.keeper"
_TELEPHONE = "Mozilla/5.0 (Linux; Android 16; Mobile) Gecko/140.0 Firefox/140.0"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data folder after which nothing may run any more."""
    yield tmp_path / "home"
    wait_until_gone(tmp_path / "home")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_cleanly(home: Path, how: signal.Signals) -> None:
    """SIGTERM and SIGINT end the whole tree with exit code 0."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")
    server.send_signal(how)
    assert ended(server) == 0


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_server_loads_ends_it_cleanly(home: Path, how: signal.Signals) -> None:
    """However early it comes, the database is stopped in order before the command ends."""
    server = start("serve", "--port", str(free_port()), home=home)
    wait_until((home / "postgres").exists, "the database is being made", every=0.001)
    server.send_signal(how)
    _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 0
    assert "Traceback" not in errors
    wait_until_gone(home)


def test_a_killed_supervisor_leaves_nothing_behind(home: Path) -> None:
    """After SIGKILL of the supervisor, web server, workers and database end by themselves."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")
    server.kill()
    assert ended(server) == -signal.SIGKILL


def test_a_lost_database_comes_back(home: Path) -> None:
    """A killed postmaster, and a killed keeper with it, are replaced while the server runs."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")
    postmaster = postmaster_of(home)
    os.kill(postmaster, signal.SIGKILL)
    wait_until(
        lambda: not is_healthy(port) or postmaster_of(home) not in {0, postmaster}, "noticed"
    )
    wait_until(lambda: is_healthy(port), "healthy again")
    for keeper in named(home, _KEEPER):
        os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: bool(named(home, _KEEPER)), "a new keeper")
    wait_until(lambda: is_healthy(port), "healthy after the keeper's loss")
    server.terminate()
    assert ended(server) == 0


def test_a_taken_port_is_said_in_one_line(home: Path) -> None:
    """Where somebody listens already, the server refuses instead of sharing in silence."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        server = start("serve", "--port", str(port), home=home)
        _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 1
    assert errors.startswith(f"Error: Cannot listen on 127.0.0.1:{port}: ")
    assert "Traceback" not in errors


def test_a_database_that_is_down_is_said_in_one_line(home: Path) -> None:
    """A wrong database URL ends the start with its reason and exit code 3."""
    url = f"postgresql://meishi:secret@127.0.0.1:{free_port()}/meishi"
    server = start("serve", "--port", str(free_port()), home=home, MEISHI_DATABASE_URL=url)
    _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 3
    assert errors.startswith("Error: The database cannot be reached: ")
    assert "Connection refused" in errors.splitlines()[0]
    assert "Traceback" not in errors
    assert "secret" not in errors


def test_a_killed_web_server_leaves_no_worker_behind(home: Path) -> None:
    """Without its parent a worker ends, and the command says what happened, with exit code 1."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")
    (main,) = _parents(home) & set(named(home, "meishi.serving"))
    os.kill(main, signal.SIGKILL)
    _, errors = server.communicate(timeout=PATIENCE)
    assert server.returncode == 1
    assert "Error: The web server was ended by signal 9." in errors
    wait_until(lambda: not is_healthy(port), "nobody serves")


def test_a_web_process_waits_for_a_database_that_cannot_be_started(home: Path) -> None:
    """What ends both leaves a server that says so, and goes on once the database can be had."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")
    (main,) = _parents(home) & set(named(home, "meishi.serving"))
    version = home / "postgres/data/PG_VERSION"
    version.rename(home / "version")
    postmaster = postmaster_of(home)
    keepers, webs = (named(home, word) for word in (_KEEPER, "meishi.serving"))
    for process in (*keepers, postmaster, *(webs.keys() - {main})):
        with suppress(ProcessLookupError):  # a database may be quick to follow its keeper
            os.kill(process, signal.SIGKILL)
    wait_until(lambda: _says_that_the_database_is_away(port), "the database is away")
    (home / "version").rename(version)
    wait_until(lambda: is_healthy(port), "healthy again")
    server.terminate()
    assert ended(server) == 0


def _says_that_the_database_is_away(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/health")
        answer = connection.getresponse()
        return answer.status == 503 and b"database-unavailable" in answer.read()
    except ConnectionError:
        return False
    finally:
        connection.close()


def _parents(home: Path) -> set[int]:
    """Return the parents of all processes of the web server."""
    return {
        int(Path(f"/proc/{item}/stat").read_text().rpartition(")")[2].split()[1])
        for item in named(home, "meishi.serving")
    }


def test_heads_of_requests_are_bounded(home: Path) -> None:
    """What is larger than 64 KiB before the body, or has too many headers, is refused unread."""
    port = free_port()
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")
    many = {f"X-{number}": "x" for number in range(101)}
    for headers, status in (
        ({"X-Long": "x" * 30_000}, 200),
        ({"X-Long": "x" * 70_000}, 431),
        (many, 431),
    ):
        connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request("GET", "/api/openapi.json", headers=headers)
        assert connection.getresponse().status == status
        connection.close()
    server.terminate()
    assert ended(server) == 0


def test_codes_carry_the_address_that_is_served(home: Path) -> None:
    """What `--port` says is in every printed code, as nobody could mend it there."""
    port = free_port()
    token = _said(home, "init")["token"]
    server = start("serve", "--port", str(port), home=home)
    wait_until(lambda: is_healthy(port), "healthy")

    card, code = _card(port, token)
    assert f":{port}/C/" in code["content"]
    assert card["page_url"].startswith(f"http://127.0.0.1:{port}/p/")
    server.terminate()
    assert ended(server) == 0


def test_what_happens_before_a_worker_is_there_is_heard_of(home: Path) -> None:
    """Whoever follows is known before anything is served: the first visitors are counted, too."""
    token, port = _said(home, "init")["token"], free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "meishi.serving", "127.0.0.1", str(port)],
        env={**os.environ, "MEISHI_HOME": str(home), "MEISHI_PORT": str(port)},
        text=True,
    )
    wait_until(lambda: is_healthy(port), "healthy")
    _, code = _card(port, token)
    visit = urllib.request.Request(code["content"], headers={"User-Agent": _TELEPHONE})
    with urllib.request.urlopen(visit, timeout=PATIENCE) as page:
        assert page.status == 200
    worker = start("worker", home=home)
    wait_until(lambda: _delivered(home, "analytics.roll-ups") > 0, "the visit is counted")
    for process in (worker, server):
        process.terminate()
    assert (ended(worker), ended(server)) == (0, 0)


def _delivered(home: Path, name: str) -> int:
    """Return how much a subscription was handed."""
    status = _said(home, "events", "status")
    (found,) = (item["delivered"] for item in status["subscriptions"] if item["name"] == name)
    return int(found)


def _said(home: Path, *arguments: str) -> dict[str, Any]:
    """Return what a command says in JSON."""
    said: dict[str, Any] = json.loads(
        start(*arguments, "--json", home=home).communicate(timeout=PATIENCE)[0]
    )
    return said


def _card(port: int, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make a card over the web API; return it and a code that leads to it."""

    def post(path: str, document: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1{path}",
            data=json.dumps(document).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            created: dict[str, Any] = json.load(answer)
            return created

    contact = post("/contacts", {"name": {"full": "Ada"}})
    card = post("/qr/cards", {"contact_id": contact["id"]})
    return card, post("/qr/codes", {"card_id": card["id"], "kind": "dynamic"})
