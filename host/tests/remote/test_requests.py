"""Requests of a plugin that runs elsewhere: consumers of the API notice nothing."""

from __future__ import annotations

import json
import time
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.core.identity.contract import Tokens as PeoplesTokens
from meishi.remote.tokens import Tokens
from meishi.requests.answers import KeptAnswer, RequestKey, keep
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import TOKEN, Split

SALES = "/api/v1/bakery/sales"


@pytest.fixture
def client(split: Split) -> FlaskClient:
    """A client of the main deployment."""
    return split.main.test_client()


@pytest.fixture
def headers(shared: WorkspaceUnderTest) -> dict[str, str]:
    """What the owner of the workspace sends along."""
    return shared.headers


def sold(split: Split, shared: WorkspaceUnderTest) -> int:
    """Return how often something was sold, as the service's database has it."""
    with split.service_host.scope(workspace=shared.id, plugin="bakery") as scope:
        ((count,),) = scope.work.execute("SELECT count(*) FROM bakery.sale")
        return int(count)


def test_requests_are_answered_by_the_service(
    split: Split, client: Any, headers: dict[str, str], shared: WorkspaceUnderTest
) -> None:
    """With what was sent along, for who sent it, and with the headers of every answer."""
    made = client.post(SALES, json={"item": "vase"}, headers=headers)
    assert (made.status_code, made.json) == (201, {"item": "vase", "number": 1})
    read = client.get(SALES, headers=headers | {"Accept-Language": "sv"})
    assert read.json == {"sold": 1, "language": "sv", "user_id": str(shared.owner_id)}
    assert read.headers["X-Content-Type-Options"] == "nosniff"
    assert not [name for name, _ in read.headers if name.lower().startswith("meishi-")]
    assert sold(split, shared) == 1


def test_problems_are_those_of_the_service(client: Any, headers: dict[str, str]) -> None:
    """Declared errors and wrong values, as if it ran here."""
    gone = client.post(SALES, json={"item": "gold"}, headers=headers)
    assert gone.status_code == 422
    assert gone.json["type"].endswith("sold-out")
    assert gone.json["instance"] == SALES
    wrong = client.post(SALES, json={"colour": 1}, headers=headers)
    assert [item["pointer"] for item in wrong.json["errors"]] == ["/item", "/colour"]


def test_a_key_is_heeded_by_the_service(
    split: Split, client: Any, headers: dict[str, str], shared: WorkspaceUnderTest
) -> None:
    """The same request is done once; another under its key is refused."""
    keyed = headers | {"Idempotency-Key": "one"}
    first, second = (client.post(SALES, json={"item": "vase"}, headers=keyed) for _ in range(2))
    assert first.json == second.json
    assert second.headers["Idempotency-Replayed"] == "true"
    other = client.post(SALES, json={"item": "cup"}, headers=keyed)
    assert other.json["type"].endswith("idempotency-key-reused")
    assert sold(split, shared) == 1


def test_what_was_answered_before_the_plugin_went_is_answered_again(
    split: Split, client: Any, headers: dict[str, str], shared: WorkspaceUnderTest
) -> None:
    """A request that is sent again after a move is not done again, wherever it was done."""
    keyed = headers | {"Idempotency-Key": "one"}
    first = client.post(SALES, json={"item": "vase"}, headers=keyed)
    rows = "SELECT user_id, key, fingerprint, status, headers::text, body FROM meishi_requests."
    with split.service_host.scope(workspace=shared.id, plugin="meishi_requests") as scope:
        ((user, key, fingerprint, status, sent, body),) = scope.work.execute(f"{rows}answer")
        answer = KeptAnswer(
            fingerprint=fingerprint, status=status, headers=json.loads(sent), body=body
        )
    with split.host.scope(workspace=shared.id, plugin="meishi_requests") as scope:
        keep(scope.work, RequestKey(workspace_id=shared.id, user_id=user, key=key), answer)
    with split.gates.closed():
        again = client.post(SALES, json={"item": "vase"}, headers=keyed)
        assert (again.status_code, again.json) == (first.status_code, first.json)
        assert again.headers["Idempotency-Replayed"] == "true"
        other = client.post(SALES, json={"item": "cup"}, headers=keyed)
        assert other.json["type"].endswith("idempotency-key-reused")
    assert sold(split, shared) == 1


def test_who_may_not_is_refused_before_anybody_asks_the_service(
    split: Split, client: Any, shared: WorkspaceUnderTest
) -> None:
    """Neither a stranger nor a token without the scope gets as far."""
    with split.host.scope(workspace=shared.id):
        token = split.host.calls.get(PeoplesTokens).issue(
            user_id=shared.owner_id, name="reader", scopes=frozenset({"bakery.read"})
        )
    reading = {"Authorization": f"Bearer {token.secret}"}
    assert client.get(SALES, headers=reading).status_code == 200
    assert client.post(SALES, json={"item": "vase"}, headers=reading).status_code == 403
    assert client.get(SALES).status_code == 401
    assert sold(split, shared) == 0


def test_the_service_takes_requests_of_the_main_deployment_alone(
    split: Split, headers: dict[str, str], acting: Any
) -> None:
    """Tokens of people mean nothing there, and who acts is told by who has the service's."""
    from meishi.remote.wire import ACTING, acting_in

    service = split.service.test_client()
    told = {ACTING: acting_in(acting)}
    assert service.get(SALES, headers=headers).status_code == 401
    assert service.get(SALES, headers=headers | told).status_code == 401
    known = {"Authorization": f"Bearer {TOKEN}"}
    assert service.get(SALES, headers=known).status_code == 401
    # The right to read the cashdesk is none to read the bakery.
    assert service.get(SALES, headers=known | told).status_code == 403


def test_who_acts_cannot_be_told_by_a_client(
    client: Any, headers: dict[str, str], acting: Any
) -> None:
    """The header of processes is none of the web API."""
    from meishi.remote.wire import ACTING, acting_in

    answer = client.get(SALES, headers={ACTING: acting_in(acting)})
    assert answer.status_code == 401
    answer = client.get(
        SALES, headers={ACTING: acting_in(acting), "Authorization": f"Bearer {TOKEN}"}
    )
    assert answer.status_code == 401


def test_the_document_describes_what_runs_elsewhere(client: Any) -> None:
    """As if it ran here."""
    document = client.get("/api/openapi.json").json
    assert document is not None
    assert set(document["paths"][SALES]) >= {"get", "post"}


@pytest.mark.parametrize("dots", ["..", "%2e%2e", "."])
def test_a_path_with_dots_leads_nowhere_else(
    split: Split, client: Any, headers: dict[str, str], dots: str
) -> None:
    """Whatever is on the way may shorten it, to an address of processes even."""
    up = "/".join([dots] * 4)
    behind = f"/api/v1/bakery/notes/{up}/internal/v1/calls/bakery/Shelf/count"
    answer = client.post(behind, data=b"{}", headers=headers)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    plain = client.post("/api/v1/bakery/notes/plain/note", data=b"{}", headers=headers)
    assert plain.json == {"item": "plain/note", "number": 0}


def test_that_the_service_does_not_know_us_is_nothing_that_people_read_of_themselves(
    split: Split, client: Any, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their tokens are good; the module is what is missing."""
    contribution = split.host.plugins.contributions["bakery"]
    assert contribution.placement is not None
    line = split.host.ways.line(contribution.placement)
    monkeypatch.setattr(line, "tokens", Tokens(split.service_url, ["x" * 40], time.monotonic))
    answer = client.get(SALES, headers=headers)
    assert answer.status_code == 503
    assert answer.json["type"].endswith("plugin-unavailable")


def test_a_body_that_breaks_off_is_not_handed_on(
    split: Split, client: Any, headers: dict[str, str], shared: WorkspaceUnderTest
) -> None:
    """Its beginning would be a whole body to the service, whichever way the server tells us."""
    sent = b'{"item": "vase"}'
    for terminated in (True, False):
        answer = client.post(
            SALES,
            input_stream=BytesIO(sent),
            content_type="application/json",
            headers=headers,
            environ_overrides={
                "CONTENT_LENGTH": str(len(sent) + 9),
                "wsgi.input_terminated": terminated,
            },
        )
        assert answer.status_code == 400
    assert sold(split, shared) == 0
