"""`/metrics`: the truth about the whole deployment, for those who have the token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from meishi.database.location import Location
from meishi.events.latency import BOUNDS
from meishi.http import metrics
from meishi.settings import Settings
from meishi.testing.types import Host

from ..conftest import SUBSCRIPTION, DeliveryRows

TOKEN = "a-token-for-prometheus"
BEARER = {"Authorization": f"Bearer {TOKEN}"}

LABELS = ("subscription", "state", "kind", "le")

Samples = dict[tuple[str, tuple[str, ...]], float]


@pytest.fixture
def host(host: Host, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A host whose settings name a token."""
    monkeypatch.setattr(host, "settings", replace(host.settings, metrics_token=TOKEN))
    return host


@pytest.fixture
def scraper(host: Host, client: FlaskClient) -> FlaskClient:
    """A client of a deployment that has a token."""
    return client


def scrape(client: FlaskClient) -> Samples:
    """Return all samples, by name and values of labels."""
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return {
        (
            sample.name,
            tuple(sample.labels[name] for name in LABELS if name in sample.labels),
        ): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_lag_parked_and_delivered_are_told_per_subscription(
    scraper: FlaskClient, delivery: DeliveryRows
) -> None:
    """Every subscription has its samples, also where there is nothing to tell."""
    delivery.subscribe("qr.main")
    delivery.subscribe()
    delivery.queue("a", ["dead", "held"])
    delivery.tick()
    delivery.advance(SUBSCRIPTION, 0, 1, delivered=41)
    samples = scrape(scraper)
    assert samples["meishi_events_lag_events", (SUBSCRIPTION,)] == 2
    assert samples["meishi_events_lag_seconds", (SUBSCRIPTION,)] > 0
    assert samples["meishi_events_delivered_total", (SUBSCRIPTION,)] == 41
    for state, count in (("dead", 1), ("held", 1), ("retry", 0)):
        assert samples["meishi_events_parked", (SUBSCRIPTION, state)] == count
        assert samples["meishi_events_parked", ("qr.main", state)] == 0


def test_latency_is_a_histogram_over_all_slots(
    scraper: FlaskClient, delivery: DeliveryRows
) -> None:
    """Counts of slots are added and accumulated from bucket to bucket."""
    delivery.subscribe(slots=2)
    counts = [0] * (len(BOUNDS) + 1)
    counts[0], counts[3], counts[-1] = 5, 2, 1
    for slot in (0, 1):
        delivery.advance(SUBSCRIPTION, slot, 1, latency=counts, seconds=400.5)
    samples = scrape(scraper)
    name = "meishi_events_delivery_latency_seconds"
    buckets = [
        samples[f"{name}_bucket", (SUBSCRIPTION, bound)]
        for bound in (*(repr(bound) for bound in BOUNDS), "+Inf")
    ]
    assert buckets == [10, 10, 10, *[14] * (len(BOUNDS) - 3), 16]
    assert samples[f"{name}_count", (SUBSCRIPTION,)] == 16
    assert samples[f"{name}_sum", (SUBSCRIPTION,)] == 801.0


def test_a_subscription_that_has_delivered_nothing_has_an_empty_histogram(
    scraper: FlaskClient, delivery: DeliveryRows
) -> None:
    """So have counts by the bounds of another release, which cannot be added to ours."""
    delivery.subscribe()
    delivery.subscribe("qr.main")
    delivery.advance("qr.main", 0, 1, latency=[1, 2, 3])
    samples = scrape(scraper)
    for name in (SUBSCRIPTION, "qr.main"):
        assert samples["meishi_events_delivery_latency_seconds_count", (name,)] == 0


def test_log_workers_backfills_gaps_and_alarms_are_told(
    scraper: FlaskClient, delivery: DeliveryRows
) -> None:
    """What concerns the deployment as a whole has one sample each."""
    delivery.subscribe(state="backfilling")
    delivery.queue("a", ["dead"])
    delivery.publish("b", "c")
    delivery.backfill(UUID(int=1), done=True)
    delivery.backfill(UUID(int=2), done=False)
    delivery.run(
        "INSERT INTO meishi_events.gap (subscription, slot, workspace, state, tick, upto, pos) "
        "VALUES (%(name)s, 0, %(workspace)s, 'open', 1, 1, 0)",
        name=SUBSCRIPTION,
        workspace=UUID(int=3),
    )
    delivery.run("UPDATE meishi_events.event SET time = time - interval '31 days' WHERE key = 'a'")
    delivery.tick(datetime(2020, 1, 1, tzinfo=UTC))
    delivery.worker()
    delivery.worker(silent_seconds=3600)
    samples = scrape(scraper)
    assert samples["meishi_events_log_positions", ()] == 3
    assert samples["meishi_events_log_partitions", ()] >= 1
    assert samples["meishi_events_log_oldest_seconds", ()] > 30 * 86400
    assert samples["meishi_events_ticks_total", ()] == 2
    assert samples["meishi_events_workers_alive", ()] == 1
    assert samples["meishi_events_backfill_workspaces", (SUBSCRIPTION,)] == 1
    assert samples["meishi_events_gap_workspaces", (SUBSCRIPTION,)] == 1
    alarms = {labels[0]: value for (name, labels), value in samples.items() if "alarm" in name}
    assert alarms == {"dead": 1, "lag": 0, "retention": 1, "expired": 0, "no_worker": 0}


def test_an_empty_deployment_has_metrics_too(scraper: FlaskClient) -> None:
    """Before the first worker there is nothing wrong."""
    samples = scrape(scraper)
    assert samples["meishi_events_log_positions", ()] == 0
    assert sum(value for (name, _), value in samples.items() if "alarm" in name) == 0


def test_without_a_token_in_the_settings_there_are_no_metrics(client: FlaskClient) -> None:
    """Nothing is told by oversight, whatever a request carries."""
    answer = client.get("/metrics", headers=BEARER)
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x",
     f"Bearer {TOKEN[:-1]}", f"Bearer {TOKEN.upper()}", "Bearer tökén", "Bearer \udcff"],
)  # fmt: skip
def test_another_token_is_refused(scraper: FlaskClient, header: str | None) -> None:
    """As every route does: 401, with the scheme to use."""
    headers = {} if header is None else {"Authorization": header}
    answer = scraper.get("/metrics", headers=headers)
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="meishi"'
    assert TOKEN not in answer.text


def test_a_token_of_the_api_does_not_open_metrics(scraper: FlaskClient, workspace: Any) -> None:
    """What a workspace's owner may see are not the deployment's figures."""
    assert scraper.get("/metrics", headers=workspace.headers).status_code == 401


def test_a_database_that_is_away_is_a_problem(
    scraper: FlaskClient, host: Host, database: Location
) -> None:
    """Monitoring learns that there are no figures, instead of old ones."""
    host.use_database("postgresql://nobody@127.0.0.1:1/none")
    answer = scraper.get("/metrics", headers=BEARER)
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")


@pytest.fixture
def hanging(database: Location) -> Iterator[psycopg.Connection[Any]]:
    """A session that keeps everybody from the ticks until it is closed."""
    with psycopg.connect(database.administrator_url()) as blocker:
        blocker.execute("LOCK TABLE meishi_events.tick IN ACCESS EXCLUSIVE MODE")
        yield blocker


def test_a_database_that_hangs_holds_up_one_thread_at_most(
    scraper: FlaskClient, hanging: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scrapes are answered meanwhile, and have figures again as soon as it goes on."""
    monkeypatch.setattr(metrics, "PATIENCE", 0.05)
    for _ in range(3):
        assert scraper.get("/metrics", headers=BEARER).status_code == 503
    reading = [thread for thread in threading.enumerate() if thread.name == "metrics"]
    assert len(reading) == 1
    hanging.rollback()
    reading[0].join()
    monkeypatch.setattr(metrics, "PATIENCE", 30.0)
    assert scrape(scraper)["meishi_events_log_positions", ()] == 0


def test_the_token_is_in_no_representation(meishi_settings: Settings) -> None:
    """A log that prints the settings does not print secrets."""
    assert TOKEN not in repr(replace(meishi_settings, metrics_token=TOKEN))
