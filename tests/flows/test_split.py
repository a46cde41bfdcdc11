"""A plugin as a service of its own: what is killed comes back, and nothing is done twice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any, Self
from uuid import uuid4

import httpx
import pytest
from tests.processes import wait_until
from tests.topologies import UNLIMITED, Deployment, Place, deployed

pytestmark = pytest.mark.once

#: Contacts that are made while one side or the other is away.
EACH = 8
#: Seconds between two writes of the traffic.
PACE = 0.1


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment with enrichment as a service."""
    with deployed(tmp_path, elsewhere=["crm_enrichment"], settings=UNLIMITED) as made:
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


class Traffic:
    """Somebody who writes contacts and looks at cards, and sends again what was not answered.

    Nothing but the death of the main deployment may be noticed; `wrong` is what else was.
    """

    def __init__(self, api: httpx.Client) -> None:
        self.acknowledged: list[str] = []
        self.wrong: list[str] = []
        self._api = api
        self._main_may_be_away = False
        self._stop = Event()
        self._thread = Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def goes_on(self, where: str) -> None:
        """Wait until some more was acknowledged."""
        wanted = len(self.acknowledged) + EACH
        wait_until(lambda: len(self.acknowledged) >= wanted or bool(self.wrong), where)
        assert self.wrong == [], where

    @contextmanager
    def main_away(self) -> Iterator[None]:
        """The main deployment is killed and started again within the block."""
        self._main_may_be_away = True
        yield
        self._main_may_be_away = False

    def _run(self) -> None:
        while not self._stop.wait(PACE):
            key = uuid4().hex
            made = None
            while made is None:
                made = self._sent("POST", "/contacts", 201, key)
            self.acknowledged.append(made["id"])
            self._sent("GET", "/qr/cards", 200, key)

    def _sent(self, method: str, path: str, status: int, key: str) -> dict[str, Any] | None:
        """Send something; None comes back where it is to be sent again."""
        options: dict[str, Any] = {"headers": {"Idempotency-Key": key}}
        if method == "POST":
            options["json"] = {
                "name": {"full": f"Bo {key}"},
                "emails": [{"address": f"{key}@holm-keramik.example"}],
            }
        may_be_away = self._main_may_be_away
        try:
            answer = self._api.request(method, path, **options)
        except httpx.TransportError as error:
            if not (may_be_away or self._main_may_be_away):
                self.wrong.append(f"{method} {path}: {error!r}")
            self._stop.wait(PACE)
            return None
        if answer.status_code == status:
            found: dict[str, Any] = answer.json()
            return found
        if not (may_be_away or self._main_may_be_away) or answer.status_code < 500:
            self.wrong.append(f"{method} {path}: {answer.status_code} {answer.text}")
        self._stop.wait(PACE)
        return None


def test_either_side_is_killed_again_and_again_during_traffic(
    split: Deployment, api: httpx.Client
) -> None:
    """Each acknowledged write has exactly one effect, and other plugins' users notice nothing."""
    main, service = split.places
    with Traffic(api) as traffic:
        for _ in range(2):
            traffic.goes_on("with both")
            split.kill(service)
            traffic.goes_on("without the service")
            split.start(service)
            traffic.goes_on("while the service begins")
            with traffic.main_away():
                split.kill(main)
                split.start(main)
                split.wait()
            traffic.goes_on("with the main deployment back")
            # It may be in the middle of anything.
            split.kill(service)
            split.start(service)
    assert traffic.wrong == []
    split.wait()
    wanted = dict.fromkeys(traffic.acknowledged, 1)
    assert Counter(item["id"] for item in _all(api, "/contacts")) == wanted

    def proposed() -> dict[str, int]:
        found = _all(api, "/enrichment/proposals", **{"filter[field][eq]": "organisation"})
        return Counter(item["contact_id"] for item in found)

    wait_until(lambda: proposed().keys() >= wanted.keys(), "proposals for all", every=1.0)
    assert proposed() == wanted
    for place in split.places:
        assert _parked(split, place) == []


def _all(api: httpx.Client, path: str, **query: str) -> list[dict[str, Any]]:
    """Return everything that a list has, page by page; nothing where the service is not back."""
    items: list[dict[str, Any]] = []
    after: str | None = ""
    while after is not None:
        asked = {"limit": "200", **query, **({"after": after} if after else {})}
        answer = api.get(path, params=asked)
        if not answer.is_success:
            return []
        items += answer.json()["items"]
        after = answer.json()["next_after"]
    return items


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
