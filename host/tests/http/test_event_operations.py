"""Operating on events over HTTP: what `meishi events` says and does, for operators alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from meishi.core.identity.contract import InvalidScopes, Tokens
from meishi.events.log import DB_SCHEMA
from meishi.events.operations.alarms import Limits, alarms
from meishi.events.operations.decisions import list_decisions
from meishi.events.operations.parked import ParkedFilter, list_parked, show_parked
from meishi.events.operations.status import SubscriptionStatuses
from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest

from ..conftest import SUBSCRIPTION, DeliveryRows

EVENTS = "/api/v1/events"
PARKED, SUBSCRIPTIONS = f"{EVENTS}/parked", f"{EVENTS}/subscriptions"
NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Operator:
    """A client with the token of an operator."""

    client: FlaskClient
    host: Host
    workspace: WorkspaceUnderTest
    token: str
    token_id: UUID

    def get(self, path: str, *, status: int = 200, **query: object) -> Any:
        """Return the document that a GET is answered with."""
        names = {name: name.replace("filter_", "filter[") for name in query}
        return self._asked(
            "GET", path, status, query_string={
                f"{names[n]}]" if n.startswith("filter_") else n: v for n, v in query.items()
            },
        )  # fmt: skip

    def post(self, path: str, *, status: int = 200, **body: Any) -> Any:
        """Return the document that a POST is answered with."""
        return self._asked("POST", path, status, json=body)

    def _asked(self, method: str, path: str, status: int, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = self.client.open(path, method=method, headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer.json

    @property
    def name(self) -> str:
        """Who decides, in the words of a decision."""
        return f"user {self.workspace.owner_id}, token {self.token_id}"


@pytest.fixture
def log(delivery: DeliveryRows) -> DeliveryRows:
    """A log with a subscription."""
    delivery.subscribe()
    return delivery


@pytest.fixture
def operator(app: Flask, host: Host, workspace: WorkspaceUnderTest, log: DeliveryRows) -> Operator:
    """An operator of the deployment, with a log to look after."""
    with workspace.acting_as("identity"):
        issued = host.calls.get(Tokens).issue(
            user_id=workspace.owner_id, name="operator", operator=True
        )
    return Operator(app.test_client(), host, workspace, issued.secret, issued.id)


def facts(found: object) -> Any:
    """Return what the command line prints of a record."""
    import msgspec

    return json.loads(msgspec.json.encode(found))


def operations(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield method and path of every operation on events, with values for what a path names."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(EVENTS):
            path = rule.rule.replace("<uuid:event_id>", str(NOBODY))
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                yield method, path.replace("<subscription>", SUBSCRIPTION)


def test_the_owner_of_a_workspace_may_follow_events_and_operate_on_none(
    app: Flask, client: FlaskClient, workspace: WorkspaceUnderTest, operator: Operator
) -> None:
    """What concerns all workspaces takes an operator's token; the other half is everybody's."""
    answers = {
        (method, path): client.open(path, method=method, headers=workspace.headers, json={})
        for method, path in operations(app)
    }
    allowed = {path for (_, path), answer in answers.items() if answer.status_code != 403}
    assert allowed == {EVENTS, f"{EVENTS}/catalogue"}
    assert len(answers) == 16
    for (_, path), answer in answers.items():
        assert answer.json is not None
        assert path in allowed or "events.operate" in answer.json["detail"]


def test_an_operators_token_with_scopes_needs_the_scope_too(
    host: Host, workspace: WorkspaceUnderTest, client: FlaskClient, operator: Operator
) -> None:
    """A narrowed token is narrow, whoever has it; a scope makes nobody an operator."""
    for scopes, is_operator, status in (
        ({"events.read"}, True, 403), ({"events.operate"}, True, 200),
    ):  # fmt: skip
        with workspace.acting_as("identity"):
            token = host.calls.get(Tokens).issue(
                user_id=workspace.owner_id, name="narrow", scopes=frozenset(scopes),
                operator=is_operator,
            )  # fmt: skip
        headers = {"Authorization": f"Bearer {token.secret}"}
        assert client.get(SUBSCRIPTIONS, headers=headers).status_code == status
    with workspace.acting_as("identity"), pytest.raises(InvalidScopes):
        host.calls.get(Tokens).issue(
            user_id=workspace.owner_id, name="none", scopes=frozenset({"events.operate"})
        )


def test_lists_say_what_the_command_line_says(operator: Operator, log: DeliveryRows) -> None:
    """Status, what is parked, decisions and alarms are the same records."""
    head, *_ = log.queue("a", ["dead", "held"])
    log.worker()
    operator.post(f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/pause", reason="a look")
    host = operator.host
    with host.scope(plugin=DB_SCHEMA):
        statuses = SubscriptionStatuses(host.plugins.statuses)
        (status,) = statuses.all()
        parked = list_parked(ParkedFilter())
        shown = show_parked(head, payload=True)
        decisions = list_decisions()
        limits = Limits(retention_days=90, cap_days=365)
        found = alarms(host.plugins.statuses, limits)
    listed = operator.get(SUBSCRIPTIONS)
    assert listed["workers_alive"] == 1
    assert _still(listed["items"]) == _still([facts(status)])
    assert _still([operator.get(f"{SUBSCRIPTIONS}/{SUBSCRIPTION}")]) == _still([facts(status)])
    assert operator.get(PARKED) == facts(parked)
    assert operator.get(f"{PARKED}/{head}", payload="true") == facts(shown)
    assert operator.get(f"{PARKED}/{head}")["payload"] is None
    assert operator.get(f"{EVENTS}/decisions") == facts(decisions)
    assert operator.get(f"{EVENTS}/alarms") == {"items": facts(found)}
    assert [item["kind"] for item in facts(found)] == ["dead"]


def _still(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return statuses without what goes on with the clock."""
    return [{name: v for name, v in item.items() if name != "lag_seconds"} for item in items]


def test_lists_are_filtered_and_paged_by_signed_cursors(
    operator: Operator, log: DeliveryRows
) -> None:
    """A cursor belongs to its list; the command line's places are none."""
    events = [str(event) for event in log.queue("a", ["dead", "held", "held"])]
    first = operator.get(PARKED, limit=2)
    rest = operator.get(PARKED, limit=2, after=first["next_after"])
    assert [item["event"] for item in first["items"] + rest["items"]] == events
    assert rest["next_after"] is None
    assert len(operator.get(PARKED, filter_state="held")["items"]) == 2
    assert operator.get(PARKED, filter_key="b")["items"] == []
    assert operator.get(PARKED, filter_workspace=str(NOBODY))["items"] == []
    assert len(operator.get(PARKED, filter_subscription=SUBSCRIPTION)["items"]) == 3
    for number in range(3):
        action = "resume" if number % 2 else "pause"
        operator.post(f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/{action}", reason=str(number))
    decided = operator.get(f"{EVENTS}/decisions", limit=2)
    more = operator.get(f"{EVENTS}/decisions", after=decided["next_after"])
    reasons = [item["reason"] for item in decided["items"] + more["items"]]
    assert reasons == ["2", "1", "0"]
    for path, cursor in (
        (PARKED, decided["next_after"]), (f"{EVENTS}/decisions", first["next_after"]),
        (PARKED, f"{SUBSCRIPTION}:1"), (f"{EVENTS}/decisions", str(uuid4())),
    ):  # fmt: skip
        problem = operator.get(path, after=cursor, status=400)
        assert problem["type"] == "urn:meishi:problem:invalid-cursor"
    assert operator.get(PARKED, filter_subscription="crm_contacts.mian", status=404)["detail"] == (
        "There is no subscription 'crm_contacts.mian'. Did you mean 'crm_contacts.main'?"
    )
    assert operator.get(PARKED, filter_state="lost", status=400)["status"] == 400


def test_heads_are_tried_again_and_events_are_given_up(
    operator: Operator, log: DeliveryRows
) -> None:
    """Each decision has the operator's name; who skips without a reason is refused."""
    head, second, third, last = log.queue("a", ["dead", "held", "held", "held"])
    (other,) = log.queue("b", ["dead"])
    assert operator.post(f"{PARKED}/{head}/retry") == {"events": [str(head)]}
    assert operator.post(f"{PARKED}/retry", dead=True) == {"events": [str(other)]}
    assert operator.post(f"{PARKED}/retry", subscription=SUBSCRIPTION, key="a") == {
        "events": [str(head)]
    }
    operator.post(f"{PARKED}/{head}/skip", status=422)
    assert operator.post(f"{PARKED}/{head}/skip", reason="names nobody") == {
        "subscription": SUBSCRIPTION, "event": str(head), "next": str(second),
    }  # fmt: skip
    held = operator.post(f"{PARKED}/{third}/discard", reason="gone", status=409)
    assert held["type"] == "urn:meishi:problem:wrong-state"
    assert str(second) in held["detail"]
    assert operator.post(f"{PARKED}/{second}/discard", reason="gone")["events"] == [
        str(second), str(third), str(last),
    ]  # fmt: skip
    everything: dict[str, Any] = {"subscription": SUBSCRIPTION, "reason": "all", "all": True}
    refused = operator.post(f"{PARKED}/discard", **everything, status=409)
    assert "`yes`" in refused["detail"]
    assert operator.post(f"{PARKED}/discard", **everything, yes=True)["events"] == [str(other)]
    log.queue("c", ["dead"])
    by_key: dict[str, Any] = {"subscription": SUBSCRIPTION, "reason": "all", "key": "c"}
    assert len(operator.post(f"{PARKED}/discard", **by_key)["events"]) == 1
    assert log.parked() == []
    assert {item.decided_by for item in log.decided()} == {operator.name}
    assert [item.action for item in log.decided()] == ["skip", *["discard"] * 5]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        (f"{PARKED}/{NOBODY}/retry", {}, 404, "`GET /api/v1/events/parked` lists them."),
        (f"{PARKED}/{NOBODY}/skip", {"reason": "x"}, 404, "is not parked"),
        (f"{PARKED}/{NOBODY}/skip", {"reason": " "}, 422, "Say why with `reason`."),
        (f"{PARKED}/{NOBODY}/skip", {"reason": "a\nb"}, 422, "one line"),
        (f"{PARKED}/retry", {}, 422, "`subscription` or `dead`."),
        (f"{PARKED}/retry", {"subscription": "x.y"}, 404, "There is no subscription 'x.y'."),
        (f"{PARKED}/retry", {"subscription": SUBSCRIPTION, "key": "a"}, 404, "nothing parked"),
        (f"{PARKED}/retry", {"dead": True, "key": "a"}, 422, "Add `subscription`"),
        (
            f"{PARKED}/discard",
            {"subscription": SUBSCRIPTION, "reason": "x"},
            422,
            "Either `key` or `all`.",
        ),
        (f"{SUBSCRIPTIONS}/x.y/pause", {}, 404, "There is no subscription"),
        (f"{SUBSCRIPTIONS}/%00/resume", {}, 404, "There is no subscription"),
        (f"{SUBSCRIPTIONS}/%00/replay", {"from_start": True}, 404, "There is no subscription"),
        (f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/resume", {}, 409, "not paused"),
        (
            f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/pause",
            {"workspace": str(NOBODY)},
            404,
            "There is no workspace",
        ),
        (f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/replay", {}, 422, "Either `from` or `from_start`."),
        (f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/replay", {"from": "2026-01-01"}, 422, ""),
        (f"{SUBSCRIPTIONS}/{SUBSCRIPTION}/replay", {"from_start": True}, 409, "No active plugin"),
    ],
)
def test_a_refusal_says_what_to_do_in_the_words_of_the_api(
    operator: Operator, path: str, body: dict[str, Any], status: int, said: str
) -> None:
    """No hint names an option of the command line; nothing is changed or written down."""
    problem = operator.post(path, status=status, **body)
    assert said in problem["detail"]
    assert "--" not in problem["detail"]
    assert operator.get(f"{EVENTS}/decisions")["items"] == []


def test_the_character_nul_is_in_no_text(operator: Operator) -> None:
    """PostgreSQL cannot store it: nothing that is stored has it."""
    for name in ("filter_key", "filter_subscription"):
        operator.get(PARKED, status=400, **{name: "a\0"})
    operator.get(f"{EVENTS}/decisions", status=400, filter_subscription="\0")
    operator.get(f"{SUBSCRIPTIONS}/%00", status=404)
    operator.get(f"{PARKED}/{NOBODY}", status=400, subscription="\0")
    base = {"subscription": SUBSCRIPTION, "key": "a", "reason": "x"}
    for name in base:
        operator.post(f"{PARKED}/discard", status=422, **(base | {name: "\0"}))
    for name in ("subscription", "key"):
        body = {"subscription": SUBSCRIPTION, name: "\0"}
        operator.post(f"{PARKED}/retry", status=422, **body)
    operator.post(f"{PARKED}/{NOBODY}/retry", status=422, subscription="\0")


def test_a_reason_of_several_lines_is_refused_as_documented(
    client: FlaskClient, operator: Operator
) -> None:
    """Every operation that takes one says so in the OpenAPI document."""
    headers = {"Authorization": f"Bearer {operator.token}"}
    paths = client.get("/api/openapi.json", headers=headers).get_json()["paths"]
    one, all_ = f"{PARKED}/{{event_id}}", f"{SUBSCRIPTIONS}/{{subscription}}"
    base = {"subscription": SUBSCRIPTION, "reason": "a\nb"}
    for path, body in (
        (f"{one}/skip", base),
        (f"{one}/discard", base),
        (f"{PARKED}/discard", base | {"key": "a"}),
        (f"{all_}/pause", {"reason": "a\nb"}),
        (f"{all_}/resume", {"reason": "a\nb"}),
        (f"{all_}/replay", {"reason": "a\nb", "from_start": True}),
    ):
        place = path.format(event_id=NOBODY, subscription=SUBSCRIPTION)
        told = operator.post(place, status=422, **body)["type"]
        assert told == "urn:meishi:problem:invalid-input"
        assert told in str(paths[path]["post"]["responses"]["422"]), path


def test_a_subscription_and_a_workspace_in_it_are_paused_and_resumed(
    operator: Operator, log: DeliveryRows
) -> None:
    """As by the command, with the operator's name and reason."""
    place, workspace = f"{SUBSCRIPTIONS}/{SUBSCRIPTION}", str(operator.workspace.id)
    paused = operator.post(f"{place}/pause", reason="a release")
    assert paused == {"subscription": SUBSCRIPTION, "workspace": None, "state": "paused"}
    assert operator.get(place)["state"] == "paused"
    assert operator.post(f"{place}/resume")["state"] == "live"
    assert operator.post(f"{place}/pause", workspace=workspace)["state"] == "open"
    (gap,) = operator.get(place)["paused_workspaces"]
    assert (gap["workspace"], gap["state"]) == (workspace, "open")
    assert operator.post(f"{place}/resume", workspace=workspace)["state"] == "draining"
    told = [(item.action, item.reason, item.decided_by) for item in log.decided()]
    assert told[0] == ("pause", "a release", operator.name)
    assert [action for action, _, _ in told] == ["pause", "resume", "pause", "resume"]


def test_the_catalogue_has_every_type_with_its_schema(
    client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """It is an AsyncAPI document, for everybody who may read events."""
    document = client.get(f"{EVENTS}/catalogue", headers=workspace.headers).json
    assert document is not None
    assert document["asyncapi"] == "3.0.0"
    assert "contact.created.v1" in document["channels"]
