"""A plugin as a service of its own: what is killed comes back, and nothing is done twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.processes import wait_until
from tests.topologies import Deployment, Place, deployed

pytestmark = pytest.mark.once

#: Contacts that are made while one side or the other is away.
EACH = 8


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment with enrichment as a service."""
    with deployed(tmp_path, elsewhere=["crm_enrichment"]) as made:
        yield made


@pytest.fixture
def api(split: Deployment) -> Iterator[httpx.Client]:
    """The web API of a workspace, at the main deployment's address."""
    token = json.loads(split.console.run("init", "--json"))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=f"{split.console.url}/api/v1", headers=headers, timeout=30
    ) as client:
        yield client


def test_each_contact_has_its_proposals_once_whoever_is_killed(
    split: Deployment, api: httpx.Client
) -> None:
    """Others notice nothing of a service that is away; it catches up when it is back."""
    main, service = split.places
    written = _write(api, "before")
    split.kill(service)
    written += _write(api, "without the service")
    away = api.get("/enrichment/proposals")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert away.json()["type"].endswith("plugin-unavailable")
    assert api.get("/contacts").status_code == 200
    split.start(service)
    split.wait()
    written += _write(api, "with the service back")
    split.kill(main)
    split.start(main)
    split.wait()
    written += _write(api, "with the main deployment back")
    for _ in range(2):
        split.kill(service)
        split.start(service)
        written += _write(api, "while the service begins")
    split.wait()
    wait_until(lambda: len(_proposals(api)) >= len(written), "proposals for all", every=1.0)
    counted = Counter(proposal["contact_id"] for proposal in _proposals(api))
    assert counted == dict.fromkeys(written, 1)
    for place in split.places:
        assert _parked(split, place) == []


def _write(api: httpx.Client, where: str) -> list[str]:
    """Make contacts whose addresses say where they work; return their ids."""
    made = []
    for number in range(EACH):
        key = uuid4().hex
        contact = {
            "name": {"full": f"Bo {number}"},
            "emails": [{"address": f"{key}@holm-keramik.example"}],
        }
        answer = api.post("/contacts", json=contact, headers={"Idempotency-Key": key})
        assert answer.status_code == 201, (where, answer.text)
        made.append(answer.json()["id"])
    return made


def _proposals(api: httpx.Client) -> list[dict[str, Any]]:
    query = {"filter[field][eq]": "organisation", "limit": "200"}
    answer = api.get("/enrichment/proposals", params=query)
    items: list[dict[str, Any]] = answer.json()["items"] if answer.is_success else []
    return items


def _parked(split: Deployment, place: Place) -> list[Any]:
    console = split.console
    command = ("events", "parked", "--json")
    if place is not split.places[0]:
        return json.loads(_at(place).run(*command))["items"]  # type: ignore[no-any-return]
    return json.loads(console.run(*command))["items"]  # type: ignore[no-any-return]


def _at(place: Place) -> Any:
    from tests.browser.people import Console

    names = {"MEISHI_ONLY": "crm_enrichment"}
    return Console(home=place.home, url=place.url, environment={**place.environment, **names})
