"""Moving a plugin while people work: nothing is lost, nothing is done twice, others go on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx
import pytest
from tests.processes import wait_until
from tests.topologies import UNLIMITED, Deployment, deployed

from meishi.command.deployment import Deployment as Commands
from meishi.switches.models import DB_SCHEMA
from meishi.switches.places import read_places

pytestmark = pytest.mark.once

PLUGIN = "crm_enrichment"


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment with enrichment in it, and a service that waits for it."""
    with deployed(tmp_path, elsewhere=[PLUGIN], placed=False, settings=UNLIMITED) as made:
        yield made


@pytest.fixture
def api(both: Deployment) -> Iterator[httpx.Client]:
    """The web API of a workspace, at the main deployment's address."""
    token = json.loads(both.console.run("init", "--json"))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{both.console.url}/api/v1", headers=headers, timeout=30) as client:
        yield client


class Traffic:
    """Somebody who makes contacts, one after the other, until told to stop."""

    def __init__(self, api: httpx.Client) -> None:
        self._api = api
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.made: list[str] = []
        self.failed: list[str] = []

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, and wait for that."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.05):
            contact = {
                "name": {"full": "Bo Nilsson"},
                "emails": [{"address": f"{uuid4().hex}@holm-keramik.example"}],
            }
            try:
                answer = self._api.post("/contacts", json=contact)
            except httpx.HTTPError as error:
                self.failed.append(repr(error))
                continue
            if answer.status_code == 201:
                self.made.append(answer.json()["id"])
            else:
                self.failed.append(answer.text)


def test_it_goes_there_and_comes_back_while_people_work(
    both: Deployment, api: httpx.Client
) -> None:
    """Each contact has its proposal once, made here or there; requests of others never fail."""
    _, service = both.places
    with Traffic(api) as traffic:
        _until_proposed(api, traffic, 10)
        went = _moved(both, "--run", service.url)
        assert went["url"] == service.url
        there = len(traffic.made)
        _until_proposed(api, traffic, there + 10)
        came = _moved(both, "--back")
        assert came["url"] is None
        back = len(traffic.made)
        _until_proposed(api, traffic, back + 10)
        again = _moved(both, "--run", service.url)
        _until_proposed(api, traffic, len(traffic.made) + 10)
    assert traffic.failed == []
    for report in (went, came, again):
        assert any(table["rows"] for table in report["tables"]), report
    wait_until(lambda: len(_proposals(api)) >= len(traffic.made), "proposals for all", every=0.5)
    counted = Counter(proposal["contact_id"] for proposal in _proposals(api))
    assert counted == dict.fromkeys(traffic.made, 1)


def test_who_kills_the_command_changes_nothing(both: Deployment, api: httpx.Client) -> None:
    """The plugin goes on where it was, and the next move finds everything as if there was none."""
    _, service = both.places
    with Traffic(api) as traffic:
        _until_proposed(api, traffic, 5)
        for step in ("settling", "held"):
            _killed_at(both, service.url, step)
            _until_proposed(api, traffic, len(traffic.made) + 5)
        _moved(both, "--run", service.url)
        _until_proposed(api, traffic, len(traffic.made) + 5)
    assert traffic.failed == []
    wait_until(lambda: len(_proposals(api)) >= len(traffic.made), "proposals for all", every=0.5)
    counted = Counter(proposal["contact_id"] for proposal in _proposals(api))
    assert counted == dict.fromkeys(traffic.made, 1)


def _moved(both: Deployment, *how: str) -> dict[str, Any]:
    command = ("extract", PLUGIN, *how, "--home", str(both.places[1].home), "--json")
    found: dict[str, Any] = json.loads(both.console.run(*command))
    return found


def _killed_at(both: Deployment, url: str, step: str) -> None:
    """Kill the command as soon as the plugin is at a step."""
    console = both.console
    command = ("extract", PLUGIN, "--run", url, "--home", str(both.places[1].home))
    environment = {"MEISHI_HOME": str(console.home), **console.environment}
    # Who watches is ready before there is anything to see.
    with closing(Commands(None, environment=environment)) as commands:
        host = commands.host()
        running = subprocess.Popen(
            [sys.executable, "-m", "meishi", *command],
            env={"PATH": "/usr/bin:/bin", **environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:

            def reached() -> bool:
                with host.within(DB_SCHEMA) as scope:
                    found = read_places(scope.work).get(PLUGIN)
                return running.poll() is not None or (found is not None and found.step == step)

            wait_until(reached, step, every=0.01)
            assert running.poll() is None, "it was over before it could be killed"
        finally:
            running.send_signal(signal.SIGKILL)
            running.wait()


def _until_proposed(api: httpx.Client, traffic: Traffic, number: int) -> None:
    wait_until(
        lambda: len(traffic.made) >= number and len(_proposals(api)) >= number,
        f"{number} proposals",
        every=0.5,
    )


def _proposals(api: httpx.Client) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = {"filter[field][eq]": "organisation", "limit": "200"}
    while True:
        answer = api.get("/enrichment/proposals", params=query)
        if not answer.is_success:
            assert answer.status_code == 503, answer.text
            return []
        page = answer.json()
        found += page["items"]
        if not page.get("next_after"):
            return found
        query["after"] = page["next_after"]
