"""Jobs over HTTP: operators see and decide what `meishi jobs` does, and nobody else does."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from meishi.core.identity.contract import Tokens
from meishi.database.location import Location
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns

JOBS = "/api/v1/jobs"
JOB, QUEUE = "crm_contacts.run_import", "crm_contacts.imports"


class Operator:
    """Whoever runs the deployment, over HTTP."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **query: str) -> Any:
        """Return what a path leads to."""
        answer = self._client.get(f"{JOBS}{path}", query_string=query, headers=self._headers)
        assert answer.status_code == 200, answer.text
        return answer.json

    def status(self, method: str, path: str) -> int:
        """Return how a request is answered."""
        return self._client.open(f"{JOBS}{path}", method=method, headers=self._headers).status_code


@pytest.fixture
def operator(client: FlaskClient, workspace: WorkspaceUnderTest) -> Operator:
    """An operator with a token of their own."""
    with workspace.host.scope(workspace=workspace.id):
        tokens = workspace.host.service(Tokens)
        token = tokens.issue(user_id=workspace.owner_id, name="ops", operator=True)
    return Operator(client, token.secret)


@pytest.fixture
def operations(workspace: WorkspaceUnderTest, deliver_events: EventDeliveries) -> list[UUID]:
    """Three jobs that wait in the queue, by their operations."""
    found = []
    for _ in range(3):
        with workspace.acting_as("crm_contacts") as scope:
            found.append(
                scope.host.request_job(
                    "run_import", {"import_id": uuid4()}, at=None, priority=None, subject=None
                )
            )
    deliver_events()
    return found


def test_operators_page_through_jobs_and_filter_them(
    operator: Operator, operations: list[UUID], workspace: WorkspaceUnderTest
) -> None:
    """The newest first, with what was asked for and where it stands."""
    first = operator.get("", limit="2", total="true")
    assert first["total"] == 3
    second = operator.get("", limit="2", after=first["next_after"])
    items = first["items"] + second["items"]
    assert [item["operation"] for item in items] == [str(item) for item in operations[::-1]]
    assert {item["workspace"] for item in items} == {str(workspace.id)}
    assert {item["state"] for item in items} == {"waiting"}
    assert set(items[0]["arguments"]) == {"import_id"}
    for name, value, other in (
        ("state", "waiting", "failed"),
        ("job", JOB, "a.b"),
        ("queue", QUEUE, "a.b"),
        ("workspace", str(workspace.id), str(uuid4())),
    ):
        found = operator.get("", **{f"filter[{name}][eq]": value, "total": "true"})
        assert (len(found["items"]), found["total"]) == (3, 3), name
        found = operator.get("", **{f"filter[{name}][eq]": other, "total": "true"})
        assert (found["items"], found["total"]) == ([], 0), name


def test_operators_see_one_job_the_queues_and_the_schedules(
    operator: Operator, operations: list[UUID]
) -> None:
    """What is not there is not found, however large its number."""
    number = operator.get("")["items"][0]["id"]
    shown = operator.get(f"/{number}")
    assert (shown["job"]["operation"], shown["failures"]) == (str(operations[-1]), [])
    queues = operator.get("/queues")
    assert queues["workers_alive"] == 0
    (queue,) = [item for item in queues["queues"] if item["queue"] == QUEUE]
    assert (queue["waiting"], queue["running"]) == (3, 0)
    assert isinstance(operator.get("/schedules")["schedules"], list)
    for unknown in (number + 1, 2**63 - 1, 2**63, 10**30):
        assert operator.status("GET", f"/{unknown}") == 404


def test_no_role_of_a_workspace_sees_jobs(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """Not even its owner: they are those of all workspaces."""
    for method, path in (
        ("GET", ""),
        ("GET", "/1"),
        ("POST", "/1/retry"),
        ("POST", "/1/cancel"),
        ("GET", "/queues"),
        ("GET", "/schedules"),
    ):
        answer = client.open(f"{JOBS}{path}", method=method, headers=workspace.headers)
        assert answer.status_code == 403, path


def test_operators_cancel_jobs_of_every_workspace(
    operator: Operator, operations: list[UUID], other_workspace: WorkspaceUnderTest
) -> None:
    """Their token belongs to one workspace, and reaches the jobs of all; once is enough."""
    with other_workspace.acting_as("crm_contacts") as scope:
        scope.host.request_job(
            "run_import", {"import_id": uuid4()}, at=None, priority=None, subject=None
        )
    EventDeliveries(other_workspace.host)()
    for item in operator.get("")["items"]:
        path = f"/{item['id']}"
        assert operator.status("POST", f"{path}/cancel") == 200
        assert operator.get(path)["job"]["state"] == "cancelled"
        assert operator.status("POST", f"{path}/cancel") == 409
        assert operator.status("POST", f"{path}/retry") == 409
    assert operator.status("POST", "/999/cancel") == 404
    found = operator.get("", **{"filter[workspace][eq]": str(other_workspace.id)})
    assert len(found["items"]) == 1


def test_operators_ask_anew_for_what_has_failed(
    operator: Operator, operations: list[UUID], run_jobs: JobRuns
) -> None:
    """The answer is the other job, with its own operation."""
    run_jobs(failures=True)
    failed = operator.get("")["items"][0]
    assert failed["state"] == "failed"
    assert operator.get(f"/{failed['id']}")["failures"][0]["error"].count("ImportNotFound")
    assert operator.status("POST", f"/{failed['id']}/retry") == 200
    anew = operator.get("")["items"][0]
    assert (anew["state"], anew["arguments"]) == ("waiting", failed["arguments"])
    assert anew["operation"] not in {None, failed["operation"]}


def test_what_something_else_queued_is_shown(
    operator: Operator, operations: list[UUID], database: Location
) -> None:
    """It breaks no list, and can be cancelled."""
    with psycopg.connect(database.administrator_url(), autocommit=True) as admin:
        admin.execute(
            "INSERT INTO meishi_jobs.procrastinate_jobs"
            " (queue_name, task_name, priority, args, status)"
            " VALUES ('a.b', 'a.c', 0, '{\"actor\": \"x\"}', 'todo')"
        )
    item = operator.get("")["items"][0]
    assert (item["job"], item["requested_at"], item["arguments"]) == ("a.c", None, {"actor": "x"})
    assert operator.status("POST", f"/{item['id']}/cancel") == 200
    assert operator.get(f"/{item['id']}")["job"]["state"] == "cancelled"
