"""Files of a plugin that is a service: whole, or a problem."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from flask import Flask

from meishi.clock import utc_now
from meishi.remote import line
from meishi.remote.clocks import DeploymentClock
from meishi.remote.way import Ways
from meishi.remote.wire import ACTING, acting_in
from meishi.testing.split import Split

from ..wires import Deed, Wire, Wsgi, dead, saying, through
from .conftest import Get, as_service

pytestmark = as_service

PILE = b"".join((b"%07d " % number) * 128 for number in range(3000))


@pytest.fixture
def between(app: Flask, bindery_split: Split, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """What stands before the service."""
    found = Wire(bindery_split.service.app.wsgi_app, "/files/")
    monkeypatch.setattr(bindery_split.service.app, "wsgi_app", found)
    yield found
    bindery_split.main.host.ways.close()


def half(inside: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Have the connection end in the middle of the file."""
    answer = inside(environ, start_response)
    size = 0
    for piece in answer:
        yield piece
        size += len(piece)
        if size > len(PILE) // 2:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            break
    answer.close()  # type: ignore[attr-defined]


TEXT = ("Content-Type", "text/plain")


def test_a_large_file_is_the_same_octets(get: Get, between: Wire) -> None:
    """It says how long it is, and is asked for once."""
    answer = get("/piled")
    assert (answer.status_code, answer.data == PILE) == (200, True)
    assert answer.headers["Content-Length"] == str(len(PILE))
    assert answer.headers["Content-Type"] == "text/plain"
    assert between.met == 1


def test_nothing_is_read_where_only_the_head_is_wanted(
    app: Flask, workspace: Any, between: Wire
) -> None:
    """The head says of the file what it says of it when it is sent."""
    answer = app.test_client().head(
        "/api/v1/exports/piled", headers=workspace.headers, buffered=True
    )
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Content-Length"] == str(len(PILE))


def test_a_file_that_breaks_off_once_is_asked_for_again(get: Get, between: Wire) -> None:
    """Who asked for it gets it whole."""

    def once(inside: Wsgi, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        deed = half if between.met == 1 else through
        return deed(inside, environ, start_response)

    between.deed = once
    answer = get("/piled")
    assert (answer.status_code, answer.data == PILE) == (200, True)
    assert between.met == 2


@pytest.mark.parametrize(
    "deed",
    [
        half,
        saying("200 OK", b"the beginning", TEXT, length=False),
        saying("200 OK", b"<p>Welcome", ("Content-Type", "text/html")),
        saying("204 No Content", b"", TEXT),
        saying("302 Found", b"", ("Location", "http://127.0.0.1:1/")),
        saying("502 Bad Gateway", b"<p>Nobody", ("Content-Type", "text/html")),
    ],
    ids=["half a file", "no length", "a page", "nothing", "a redirect", "what a proxy says"],
)
def test_what_is_no_whole_file_is_a_problem(get: Get, between: Wire, deed: Deed) -> None:
    """Nobody takes the beginning of a file for all of it, or something else for it."""
    between.deed = deed
    answer = get("/piled")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert answer.json is not None
    assert answer.json["type"] == "urn:meishi:problem:plugin-unavailable"
    assert "binder" in answer.json["detail"]
    assert "Content-Disposition" not in answer.headers


def test_a_file_without_an_end_is_left(
    get: Get, between: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No service fills the disk of the main deployment."""
    monkeypatch.setattr(line, "MAX_FILE", len(PILE) - 1)
    assert get("/piled").status_code == 503
    assert between.met == 1


def test_a_service_that_is_not_there_is_told_at_once(
    get: Get, between: Wire, bindery_split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others write is still to be had, and the list of all formats."""
    clock = DeploymentClock(utc_now, follows=False)
    # While no time passes, the pause after failures is not over.
    monkeypatch.setattr(bindery_split.main.host, "ways", Ways(clock, elapsed=lambda: 0.0))
    between.deed = dead
    answer = get("/bound")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["detail"].startswith("The module binder does not answer now;")
    assert get().status_code == 200
    asked = between.met
    assert get("/bound").status_code == 503
    assert get("/bound").status_code == 503
    assert between.met <= asked + 2, "it is left alone for a while"


def test_what_is_refused_here_is_not_asked_there(get: Get, between: Wire) -> None:
    """Neither without a permission, nor with a query that the list does not take."""
    assert get("/bound", scopes=("exports.use", "binder.bind")).status_code == 403
    assert get("/bound", **{"filter[town][eq]": "x"}).status_code == 400
    assert get("/nobodys").status_code == 404
    assert between.met == 0


@pytest.mark.parametrize(
    ("token", "path", "document", "status"),
    [
        ("of-nobody-in-particular-and-long-enough", "binder/bound", b"{}", 401),
        (None, "binder/bound", b"[", 400),
        (None, "binder/bound", b'{"sort": 5}', 400),
        (None, "binder/nothing", b"{}", 404),
        (None, "bookcase/bound", b"{}", 404),
    ],
)
def test_a_service_makes_files_for_the_main_deployment_alone(
    app: Flask,
    bindery_split: Split,
    workspace: Any,
    token: str | None,
    path: str,
    document: bytes,
    status: int,
) -> None:
    """Strangers learn nothing, and what cannot be read makes no file."""
    with workspace.acting_as("meishi_exports") as scope:
        told = {ACTING: acting_in(scope)}
    known = bindery_split.service.host.settings.service_tokens[0]
    answer = bindery_split.service.app.test_client().post(
        f"/internal/v1/files/{path}",
        data=document,
        headers={"Authorization": f"Bearer {token or known}", **told},
        content_type="application/json",
        buffered=True,
    )
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"


def test_the_main_deployment_makes_no_files_for_others(app: Flask, bindery_split: Split) -> None:
    """The address is the services' alone."""
    placement = bindery_split.main.host.settings.placements["binder"]
    answer = app.test_client().post(
        "/internal/v1/files/binder/bound", headers={"Authorization": f"Bearer {placement.token}"}
    )
    assert answer.status_code == 404


def test_a_format_that_the_service_does_not_know_is_no_missing_page(
    get: Get, between: Wire
) -> None:
    """It may be of another version; who asks is told that the module cannot now."""
    missing = b'{"type": "urn:meishi:problem:exporter-not-found", "title": "x", "status": 404}'
    kind = ("Content-Type", "application/problem+json")
    for content in (missing, missing.replace(b"exporter-not-found", b"not-found"), b"[]"):
        between.deed = saying("404 Not Found", content, kind)
        assert get("/bound").status_code == 503
