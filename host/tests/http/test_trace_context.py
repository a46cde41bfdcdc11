"""The header `traceparent`: what a request leads to belongs to the trace of its caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient

from meishi.database.location import Location
from meishi.envelope import trace_of
from meishi.testing.fixtures import WorkspaceUnderTest

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
VALID = f"00-{TRACE}-00f067aa0ba902b7-01"

Correlations = Callable[[], list[str]]


@pytest.fixture
def correlations(database: Location) -> Correlations:
    """Return the correlation of each event of the log, in its order."""

    def read() -> list[str]:
        with psycopg.connect(database.administrator_url()) as server:
            rows = server.execute(
                "SELECT trace->>'correlation' FROM meishi_events.event ORDER BY pos"
            ).fetchall()
        return [correlation for (correlation,) in rows]

    return read


def new_contact(client: FlaskClient, workspace: WorkspaceUnderTest, trace: str | None) -> Any:
    """Make a contact by a request that carries a header."""
    headers = workspace.headers | ({} if trace is None else {"traceparent": trace})
    answer = client.post("/api/v1/contacts", json={"name": {"full": "Ann"}}, headers=headers)
    assert answer.status_code == 201
    return answer.json


def test_a_request_goes_on_in_the_trace_of_its_caller(
    client: FlaskClient, workspace: WorkspaceUnderTest, correlations: Correlations
) -> None:
    """The correlation of its events is the trace's id."""
    new_contact(client, workspace, VALID)
    assert correlations() == [str(UUID(TRACE))]


@pytest.mark.parametrize("header", [None, "", VALID.upper(), f"{VALID},{VALID}"])
def test_without_a_valid_header_a_trace_begins(
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    correlations: Correlations,
    header: str | None,
) -> None:
    """One that is wrong is ignored; the request is served, and each has a trace of its own."""
    for _ in range(2):
        new_contact(client, workspace, header)
    assert len({*correlations(), str(UUID(TRACE))}) == 3


def test_a_public_page_goes_on_in_the_trace_of_its_visitor(
    client: FlaskClient, workspace: WorkspaceUnderTest, correlations: Correlations
) -> None:
    """Also where nobody is signed in."""
    contact = new_contact(client, workspace, None)
    card = client.post(
        "/api/v1/qr/cards", json={"contact_id": contact["id"]}, headers=workspace.headers
    ).json
    assert card is not None
    page = "/" + card["page_url"].partition("://")[2].partition("/")[2]
    assert client.get(page, headers={"traceparent": VALID}).status_code == 200
    assert correlations()[-1] == str(UUID(TRACE))


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (VALID, True),
        (f" {VALID}\t", True),
        (VALID.replace("-01", "-ff"), True),
        (f"cc-{VALID[3:]}", True),
        (f"cc-{VALID[3:]}-what-comes-later", True),
        (f"cc-{VALID[3:]}.what-comes-later", False),
        (f"{VALID}-what-comes-later", False),
        (f"ff-{VALID[3:]}", False),
        (f"0-{VALID[3:]}", False),
        (VALID.replace(TRACE, "0" * 32), False),
        (VALID.replace("00f067aa0ba902b7", "0" * 16), False),
        (VALID.replace(TRACE, TRACE[1:]), False),
        (VALID.replace(TRACE, f"{TRACE[:-1]}g"), False),
        (VALID.replace("-01", "-1"), False),
        (VALID.replace("-", "_"), False),
        (VALID.replace("4b", "4\u0be7"), False),
        ("", False),
    ],
)
def test_the_rules_of_the_recommendation_decide_what_is_valid(header: str, found: bool) -> None:
    """Lower case, whole lengths, no zeros for ids; a later version may say more behind."""
    assert trace_of(header) == (UUID(TRACE) if found else None)
