"""Metrics of jobs, as they are scraped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from meishi.testing.jobs import JobRuns

from .conftest import Foundry
from .foundry import acting

TOKEN = "a-token-for-prometheus"


def test_what_waits_and_what_has_ended_is_told(
    foundry: Foundry, foundry_app: Flask, run: JobRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By queue, and by job and how it ended."""

    def fail(_number: int) -> None:
        raise ZeroDivisionError

    for thing in ("bell", "gong", "crack"):
        foundry.request("cast", thing=thing)
    with acting("crack", fail):
        run(failures=True)
    foundry.request("forge", piece="nail")
    run._deliver()
    settings = replace(foundry.host.settings, metrics_token=TOKEN)
    monkeypatch.setattr(foundry.host, "settings", settings)
    answer = foundry_app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["meishi_jobs_waiting", "foundry.anvil"] == 1
    assert samples["meishi_jobs_due", "foundry.anvil"] == 1
    assert samples["meishi_jobs_running", "foundry.default"] == 0
    assert samples["meishi_jobs_failed", "foundry.default"] == 1
    assert samples["meishi_jobs_ended_total", "foundry.cast", "succeeded"] == 2
    assert samples["meishi_jobs_ended_total", "foundry.cast", "failed"] == 1
    assert samples["meishi_jobs_seconds_total", "foundry.cast", "succeeded"] > 0
    assert samples["meishi_jobs_workers_alive",] == 0
