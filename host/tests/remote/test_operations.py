"""Operations of a service: the main deployment finds them, in one order with its own."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from meishi.core.identity.contract import Tokens
from meishi.core.operations.contract import Operation, OperationPage, Operations, OperationState
from meishi.events.across.following import Follower, followed
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.ticks import Ticker
from meishi.remote.operations import merged
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.jobs import JobRuns

from .conftest import Split

BATCHES = "/api/v1/bakery/batches"
OPERATIONS = "/api/v1/operations"
#: A job of nobody's, whose operations tests begin in the main deployment.
HERE = "cashdesk.count"


@pytest.fixture
def client(split: Split) -> Any:
    """A client of the main deployment."""
    return split.main.test_client()


def baked(client: Any, workspace: WorkspaceUnderTest) -> str:
    """Have a batch baked; return the address that the answer leads to."""
    answer = client.post(BATCHES, headers=workspace.headers)
    assert answer.status_code == 202, answer.text
    return str(answer.headers["Location"])


def begun(split: Split, workspace: WorkspaceUnderTest) -> str:
    """Begin an operation in the main deployment; return its id."""
    with split.host.scope(workspace=workspace.id):
        found = split.host.service(Operations).begin(split.host.new_id(), kind=HERE)
    return str(found.id)


def walked(client: Any, headers: dict[str, str], **query: Any) -> list[dict[str, Any]]:
    """Return all pages of the list, by their cursors."""
    pages = [client.get(OPERATIONS, query_string=query, headers=headers).json]
    while pages[-1]["next_after"] is not None:
        more = query | {"after": pages[-1]["next_after"]}
        pages.append(client.get(OPERATIONS, query_string=more, headers=headers).json)
    return pages


def ids(pages: list[dict[str, Any]]) -> list[str]:
    """Return the ids in pages."""
    return [item["id"] for page in pages for item in page["items"]]


def test_an_answer_leads_to_its_operation(
    split: Split, client: Any, shared: WorkspaceUnderTest, work_there: JobRuns
) -> None:
    """It waits, then it has ended, and whoever has it already is told so."""
    path = baked(client, shared)
    waiting = client.get(path, headers=shared.headers)
    assert (waiting.status_code, waiting.json["state"]) == (200, "waiting")
    assert (waiting.json["kind"], waiting.headers["Retry-After"]) == ("bakery.bake", "1")
    held = shared.headers | {"If-None-Match": waiting.headers["ETag"]}
    assert client.get(path, headers=held).status_code == 304
    work_there()
    ended = client.get(path, headers=held)
    assert (ended.json["state"], ended.json["result"]) == ("succeeded", {"trays": 3})


def test_its_end_is_told_in_the_main_deployment(
    split: Split, client: Any, shared: WorkspaceUnderTest, work_there: JobRuns
) -> None:
    """Whoever reads the events of a workspace there need not ask for the state again and again."""
    path = baked(client, shared)
    work_there()
    Ticker(split.service_host.within).tick()
    (whom,) = followed(split.host)
    follower = Follower(split.host, whom)
    while follower.step():
        continue
    with split.host.within(EVENTS) as scope:
        rows = scope.work.execute(
            "SELECT type, subject FROM meishi_events.event WHERE type LIKE 'operation.%'"
        )
    assert rows == [("operation.finished.v1", path.rpartition("/")[2])]


def test_an_operation_is_cancelled_where_its_work_is_done(
    split: Split, client: Any, shared: WorkspaceUnderTest, work_there: JobRuns
) -> None:
    """Once; then it has ended, and the job never runs."""
    path = baked(client, shared)
    answer = client.post(f"{path}/cancel", headers=shared.headers)
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    again = client.post(f"{path}/cancel", headers=shared.headers)
    assert (again.status_code, again.json["title"]) == (409, "Operation finished")
    assert [run.fate for run in work_there() if run.job == "bakery.bake"] == []
    here = begun(split, shared)
    assert client.post(f"{OPERATIONS}/{here}/cancel", headers=shared.headers).status_code == 200


def test_what_nobody_has_is_not_found(client: Any, shared: WorkspaceUnderTest) -> None:
    """Neither shown nor cancelled."""
    path = f"{OPERATIONS}/{uuid4()}"
    for answer in (
        client.get(path, headers=shared.headers),
        client.post(f"{path}/cancel", headers=shared.headers),
    ):
        assert answer.status_code == 404
        assert answer.json["type"].endswith("operation-not-found")


def test_lists_show_both_in_one_order(
    split: Split, client: Any, shared: WorkspaceUnderTest
) -> None:
    """However small the pages are, each is there once; filters and totals are of both."""
    made = []
    for number in range(9):
        if number % 3 == 1:
            made.append(begun(split, shared))
        else:
            made.append(baked(client, shared).rpartition("/")[2])
    for limit in (1, 2, 4, 9, 50):
        pages = walked(client, shared.headers, limit=limit, total="true")
        assert ids(pages) == sorted(made, reverse=True), limit
        assert {page["total"] for page in pages} == {9}
        assert all("incomplete" not in page for page in pages)
    there = walked(client, shared.headers, limit=2, **{"filter[kind][eq]": "bakery.bake"})
    assert len(ids(there)) == 6
    succeeded = walked(client, shared.headers, **{"filter[state][eq]": "succeeded"})
    assert ids(succeeded) == []


def test_a_list_says_what_is_missing_of_it(
    split: Split, client: Any, shared: WorkspaceUnderTest
) -> None:
    """What is here is shown without the service, and one that may be there is no 404."""
    path, here = baked(client, shared), begun(split, shared)
    with split.gates.closed():
        page = client.get(OPERATIONS, query_string={"total": "true"}, headers=shared.headers).json
        one = client.get(path, headers=shared.headers)
        stopped = client.post(f"{path}/cancel", headers=shared.headers)
        own = client.get(f"{OPERATIONS}/{here}", headers=shared.headers)
    assert [item["id"] for item in page["items"]] == [here]
    assert page["incomplete"] == ["bakery"]
    assert "total" not in page
    for answer in (one, stopped):
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
        assert answer.json["type"].endswith("plugin-unavailable")
    assert own.status_code == 200


def test_no_id_leads_to_another_workspace(
    split: Split, client: Any, shared: WorkspaceUnderTest
) -> None:
    """Not by looking, not by cancelling, not in a list, and by no cursor of it."""
    path = baked(client, shared)
    other = found_workspace(split.host, "two")
    own = baked(client, other).rpartition("/")[2]
    assert client.get(path, headers=other.headers).status_code == 404
    assert client.post(f"{path}/cancel", headers=other.headers).status_code == 404
    assert ids(walked(client, other.headers, limit=1)) == [own]
    assert client.get(path, headers=shared.headers).json["state"] == "waiting"


def test_rights_are_asked_for_here(split: Split, client: Any, shared: WorkspaceUnderTest) -> None:
    """Who may look may not stop, and a stranger gets nothing of either."""
    path = baked(client, shared)
    with split.host.scope(workspace=shared.id):
        token = split.host.calls.get(Tokens).issue(
            user_id=shared.owner_id, name="reader", scopes=frozenset({"operations.read"})
        )
    reading = {"Authorization": f"Bearer {token.secret}"}
    assert client.get(path, headers=reading).status_code == 200
    assert client.post(f"{path}/cancel", headers=reading).status_code == 403
    assert client.get(path).status_code == 401


@pytest.mark.parametrize("address", [OPERATIONS, None])
def test_no_connection_is_held_while_a_service_is_waited_for(
    split: Split,
    client: Any,
    shared: WorkspaceUnderTest,
    monkeypatch: pytest.MonkeyPatch,
    address: str | None,
) -> None:
    """A slow service would take those of everybody else."""
    path = baked(client, shared)
    held: list[int] = []
    pool: Any = split.host.engine.pool
    contribution = split.host.plugins.contributions["bakery"]
    assert contribution.placement is not None
    line = split.host.ways.line(contribution.placement)
    send = line.client.stream

    def watched(*args: Any, **kwargs: Any) -> Any:
        held.append(pool.checkedout())
        return send(*args, **kwargs)

    monkeypatch.setattr(line.client, "stream", watched)
    assert client.get(address or path, headers=shared.headers).status_code == 200
    assert held == [0]


def page_of(*numbers: int, more: bool = False) -> OperationPage:
    """Return a page with operations of these ids, behind which there are `more` or none."""
    items = tuple(
        Operation(
            id=UUID(int=number),
            kind=HERE,
            subject=None,
            state=OperationState.WAITING,
            done=0,
            total=None,
            unit=None,
            result=None,
            error=None,
            cancel_requested=False,
            attempts=0,
            created_by=None,
            created_at=datetime(2026, 11, 29, tzinfo=UTC),
            started_at=None,
            finished_at=None,
            version=1,
        )
        for number in numbers
    )
    return OperationPage(items=items, next_after=items[-1].id if more else None)


def test_a_page_goes_no_further_than_all_places_are_known() -> None:
    """Where one gave fewer than were asked for, what is behind them may come first."""
    page = merged([page_of(9, 7, more=True), page_of(8, 6, 5)], limit=50, missing=[])
    assert [item.id.int for item in page.items] == [9, 8, 7]
    assert page.next_after == UUID(int=7)
    last = merged([page_of(4), page_of(6, 5)], limit=50, missing=[])
    assert [item.id.int for item in last.items] == [6, 5, 4]
    assert last.next_after is None
    assert merged([page_of(4), page_of(6, 5)], limit=3, missing=[]).next_after is None
    assert merged([page_of(4), page_of(6, 5)], limit=2, missing=[]).next_after == UUID(int=5)
