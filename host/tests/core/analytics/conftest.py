"""Visits of cards in workspaces, and what analytics makes of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meishi.events.log import DB_SCHEMA
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.pausing import pause_workspace, resume_workspace
from meishi.events.operations.replays import Replays
from meishi.host import Host
from meishi.remote.clocks import DeploymentClock
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location
from qr.contract import CardSaved, CardScanned, CardViewed, Channel, DeviceClass

ANALYTICS = "/api/v1/analytics"
#: When visits are, unless a test says otherwise: on the day on which the tests began.
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
SUBSCRIPTION = "analytics.roll-ups"
CARDS = tuple(UUID(int=number) for number in range(1, 4))
METRICS = {"scans": CardScanned, "views": CardViewed, "saves": CardSaved}
CHANNELS = {"scans": Channel.SCAN, "views": Channel.PAGE, "saves": Channel.FILE}

#: Workspace, metric, day, device class and card; the deployment is no workspace.
Rows = Counter[tuple[UUID | None, str, str, str, str | None]]


class Counts:
    """Publishes visits at noon of one day, and looks at what was counted, past all rights."""

    def __init__(self, host: Host, database: Location) -> None:
        self.host = host
        self.deliver = EventDeliveries(host)
        self.deliver.register()
        self._url = database.administrator_url()

    def visit(
        self,
        workspace: UUID | None,
        metric: str = "views",
        *,
        device: DeviceClass = DeviceClass.MOBILE,
        card: UUID = CARDS[0],
        times: int = 1,
    ) -> None:
        """Let a card be visited."""
        event = METRICS[metric](card_id=card, channel=CHANNELS[metric], device_class=device)
        with self.host.scope(workspace=workspace, plugin="qr"):
            self.host.publish([event] * times)
        self.happened_at_noon()

    def happened_at_noon(self) -> None:
        """Let all that was published just now have happened at noon."""
        with psycopg.connect(self._url) as server:
            server.execute(
                "UPDATE meishi_events.event SET time = %s WHERE time > now() - interval '1 hour'",
                [NOON],
            )

    def happened(self, days_ago: int) -> None:
        """Let all that happened at noon have happened some days before."""
        with psycopg.connect(self._url) as server:
            server.execute(
                "UPDATE meishi_events.event SET time = time - make_interval(days => %s)"
                " WHERE time = %s",
                [days_ago, NOON],
            )

    def rows(self) -> Rows:
        """Return everything that was counted."""
        query = (
            "SELECT nullif(workspace_id, '00000000-0000-0000-0000-000000000000'::uuid), metric,"
            " day::text, labels::jsonb ->> 'device_class', labels::jsonb ->> 'card_id', count"
            " FROM analytics.roll_up"
        )
        found: Rows = Counter()
        with psycopg.connect(self._url) as server:
            for *key, count in server.execute(query):
                found[tuple(key)] += count
        return found

    def rebuild(self) -> None:
        """Count everything anew, as an operator does."""
        with self.host.scope(plugin=DB_SCHEMA):
            Replays(self.host.subscribers()).replay(
                SUBSCRIPTION, None, Verdict(by="me", reason="a test")
            )

    def pause(self, workspace: UUID, *, on: bool) -> None:
        """Let nothing of a workspace be counted, or go on, as an operator does."""
        decide = resume_workspace if on else pause_workspace
        with self.host.scope(plugin=DB_SCHEMA):
            decide(SUBSCRIPTION, workspace, Verdict(by="me", reason="a test"))


@pytest.fixture
def counts(host: Host, database: Location, monkeypatch: pytest.MonkeyPatch) -> Counts:
    """What is counted from the beginning of the test on; no day ends meanwhile."""
    monkeypatch.setattr(host, "clock", DeploymentClock(lambda: NOON, follows=False))
    return Counts(host, database)


class AnalyticsClient:
    """The web API of one workspace."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self._client = client
        self._headers = workspace.headers

    def ask(self, path: str = "", **query: Any) -> TestResponse:
        """Ask for something."""
        return self._client.get(f"{ANALYTICS}{path}", query_string=query, headers=self._headers)

    def get(self, path: str = "", **query: Any) -> dict[str, Any]:
        """Return what is there."""
        answer = self.ask(path, **query)
        assert answer.status_code == 200, answer.text
        assert isinstance(answer.json, dict)
        return answer.json


@pytest.fixture
def analytics(client: FlaskClient, workspace: WorkspaceUnderTest) -> AnalyticsClient:
    """The web API of the workspace under test."""
    return AnalyticsClient(client, workspace)


def day(days_ago: int = 0) -> str:
    """Return a day before that on which visits are, in UTC."""
    return (NOON - timedelta(days=days_ago)).date().isoformat()
