"""A block aside: a transaction of its own, whatever becomes of the one around it."""

# ruff: noqa: PT012 (a unit of work or savepoint that must fail is a block)

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import ExitStack, suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.database.identity import TransactionUndone
from meishi.sdk.context import aside, beside, publish
from meishi.sdk.database import execute, savepoint
from meishi.testing.fixtures import found_workspace

from .conftest import Stage
from .ledgers import FIRST, SECOND, bodies, contract_of, identity, told, write


class Undo(Exception):
    """Ends a unit of work."""


@pytest.mark.parametrize("how", ["execute", "session", "connection"])
def test_it_is_kept_with_its_events_whatever_is_undone_around_it(
    stage: Stage, home: UUID, how: str
) -> None:
    """A savepoint and a unit of work that are undone take nothing of it along."""
    with pytest.raises(Undo), stage.acting_as(FIRST, home):
        write("outside", how)
        with pytest.raises(Undo), savepoint():
            write("inside", how)
            with aside():
                write("aside", how)
                publish(contract_of(FIRST).Filed(note="aside"))
            raise Undo
        raise Undo
    assert stage.left(home) == (["aside"], ["aside"])


def test_it_sees_what_is_committed_and_no_more(stage: Stage, home: UUID) -> None:
    """The unit of work around it sees what it left, it sees nothing of that."""
    with stage.acting_as(FIRST, home):
        write("outside")
        with aside():
            assert bodies() == []
            write("aside")
        assert bodies() == ["aside", "outside"]


def test_it_has_the_role_and_the_workspace_of_where_it_began(stage: Stage, home: UUID) -> None:
    """Entering others inside, and a workspace that became known meanwhile, are its own affair."""
    with stage.host.scope(plugin=FIRST) as scope:
        assert identity() == (stage.role(FIRST), "")
        scope.work.bind_workspace(home)
        with scope.work.entered(SECOND), aside():
            assert identity() == (stage.role(SECOND), str(home))
        with aside():
            assert identity() == (stage.role(FIRST), str(home))
            execute("SET LOCAL ROLE NONE")
        assert identity() == (stage.role(FIRST), str(home))


def test_it_works_while_the_transaction_around_it_has_failed(stage: Stage, home: UUID) -> None:
    """An attempt can be counted after the statement that made it fail."""
    with pytest.raises(TransactionUndone), stage.acting_as(FIRST, home):
        write("lost")
        with suppress(DBAPIError):
            execute("SELECT 1 / 0")
        with aside():
            write("aside")
    assert stage.left(home) == (["aside"], [])


def test_one_inside_another_has_a_transaction_of_its_own_too(stage: Stage, home: UUID) -> None:
    """Each is kept or undone for itself, and the scope around it is current again."""
    with stage.acting_as(FIRST, home) as scope:
        with pytest.raises(Undo), aside():
            write("outer")
            with aside():
                assert bodies() == []
                write("inner")
            assert bodies() == ["inner", "outer"]
            raise Undo
        assert identity() == (stage.role(FIRST), str(home))
        assert scope.work.plugin == FIRST
    assert stage.left(home) == (["inner"], [])


def test_one_that_fails_leaves_the_unit_of_work_well(stage: Stage, home: UUID) -> None:
    """Its statement's error, or that of its commit, is its own."""
    with stage.acting_as(FIRST, home):
        write("before")
        with pytest.raises(DBAPIError), aside():
            execute("SELECT 1 / 0")
        with pytest.raises(DBAPIError), aside():
            write("doomed", parent=uuid4())
        write("after")
    assert stage.left(home) == (["after", "before"], [])


@pytest.fixture
def impatient(stage: Stage) -> int:
    """Let nobody wait long for a connection; return how many there are."""
    pool: Any = stage.host.engine.pool
    pool._timeout = 0.1
    return int(pool.size() + pool._max_overflow)


def test_too_many_inside_each_other_end_with_an_error(
    stage: Stage, home: UUID, impatient: int
) -> None:
    """The pool says that it is empty instead of waiting for ever; all is given back."""
    with pytest.raises(PoolTimeout, match="QueuePool limit"), ExitStack() as blocks:
        blocks.enter_context(stage.acting_as(FIRST, home))
        for _ in range(impatient):
            write("lost")
            blocks.enter_context(aside())
        write("one too many")
    assert stage.notes(home) == []
    assert stage.host.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    with stage.acting_as(FIRST, home), aside():
        write("kept")
    assert stage.notes(home) == [(FIRST, "kept")]


def test_a_request_that_empties_the_pool_is_asked_to_come_again(
    stage: Stage, impatient: int
) -> None:
    """The answer is 503 with a time to wait, and the next request is served."""
    workspace = found_workspace(stage.host, uuid4().hex)
    client, url = stage.app.test_client(), f"/api/v1/{FIRST}/notes"

    def nest(depth: int) -> str:
        write("note")
        if depth:
            with aside():
                nest(depth - 1)
        return ""

    with told(act=lambda: nest(impatient)):
        answer = client.post(url, headers=workspace.headers)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert stage.notes(workspace.id) == []
    with told(act=lambda: nest(1)):
        assert client.post(url, headers=workspace.headers).status_code == 201


def test_one_for_another_thread_can_be_run_again_and_at_once(stage: Stage, home: UUID) -> None:
    """Each run is a transaction of its own, however many threads share what was made."""
    together = threading.Barrier(3)

    def work() -> None:
        write("beside")
        together.wait(timeout=30)

    with stage.acting_as(FIRST, home):
        failures = in_threads(beside(work), 3)
    assert failures == []
    assert stage.notes(home) == [(FIRST, "beside")] * 3


def in_threads(work: Callable[[], object], number: int) -> list[BaseException]:
    """Run the same in several threads, and return what they raised."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 (reported by who started the thread)
            raised.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
