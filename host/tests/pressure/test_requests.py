"""Requests in which two plugins write: all of it is kept, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

import pytest

from meishi.sdk.context import publish, service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace

from .conftest import Stage
from .ledgers import FIRST, SECOND, Act, contract_of, told, write

URL = f"/api/v1/{FIRST}/notes"
ALL = (["first", "heard", "second"], ["first", "second"])


def _refuse() -> None:
    error: Exception = contract_of(FIRST).Refused("no")
    raise error


FAULTS: dict[str, Callable[[], object]] = {
    "an error": lambda: int("x"),
    "a statement": lambda: execute("SELECT 1 / 0"),
    "a declared error": _refuse,
}


def no_fault() -> None:
    """Go on."""


def request(point: str = "", fault: Callable[[], object] = no_fault, answer: object = "") -> Act:
    """Return what a view does: both plugins write and publish, with a fault at a point."""

    def meet(here: str) -> None:
        if here == point:
            fault()

    def listen(_events: object) -> None:
        write("heard")
        meet("in a listener")

    def second() -> str:
        write("second", "session")
        publish(contract_of(SECOND).Filed(note="second"))
        meet("in the other plugin")
        return ""

    def view() -> str:
        meet("before")
        write("first", "session")
        with told(hear=listen):
            publish(contract_of(FIRST).Noted(note="first"))
        meet("between")
        with told(act=second):
            service(contract_of(SECOND).Notes).join()
        meet("after")
        return answer  # type: ignore[return-value]

    return view


@pytest.fixture
def workspace(stage: Stage) -> WorkspaceUnderTest:
    """A workspace whose owner may write."""
    return found_workspace(stage.host, uuid4().hex)


def send(stage: Stage, workspace: WorkspaceUnderTest, view: Act, method: str = "POST") -> int:
    """Send a request to a view that does as it is told, and return the status."""
    with told(act=view):
        client = stage.app.test_client()
        if method == "page":
            return client.get(f"/{FIRST}-page/{workspace.id}").status_code
        return client.open(URL, method=method, headers=workspace.headers).status_code


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "point", ["before", "in a listener", "between", "in the other plugin", "after"]
)
def test_a_request_that_fails_leaves_nothing_of_either_plugin(
    stage: Stage, workspace: WorkspaceUnderTest, point: str, fault: str
) -> None:
    """Wherever it fails, no note and no event is kept, and the next request is well."""
    assert send(stage, workspace, request(point, FAULTS[fault])) >= 400
    assert stage.left(workspace.id) == ([], [])
    assert send(stage, workspace, request()) == 201
    assert stage.left(workspace.id) == ALL


@pytest.mark.parametrize("answer", [{1, 2}, object], ids=str)
@pytest.mark.parametrize("method", ["POST", "GET", "page"])
def test_an_answer_that_cannot_be_sent_leaves_nothing(
    stage: Stage, workspace: WorkspaceUnderTest, method: str, answer: object
) -> None:
    """Who is told that the request failed finds nothing done."""
    assert send(stage, workspace, request(answer=answer), method) == 500
    assert stage.left(workspace.id) == ([], [])
    assert send(stage, workspace, request(answer="well"), method) in (200, 201)
    assert stage.left(workspace.id) == ALL


@pytest.mark.parametrize("point", ["before", "in a listener", "in the other plugin", "after"])
def test_a_commit_that_fails_leaves_nothing_of_either_plugin(
    stage: Stage, workspace: WorkspaceUnderTest, point: str
) -> None:
    """Whoever wrote what the server refuses at the end, all is undone and no event is logged."""
    doomed = request(point, lambda: write("doomed", parent=uuid4()))
    assert send(stage, workspace, doomed) == 500
    assert stage.left(workspace.id) == ([], [])
    assert send(stage, workspace, request()) == 201
    assert stage.left(workspace.id) == ALL
