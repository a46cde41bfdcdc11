"""Contacts as a service, imported and exported: whatever is killed, each comes in once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.processes import wait_until
from tests.topologies import UNLIMITED, Deployment, deployed

pytestmark = [pytest.mark.once, pytest.mark.long]

CARDS = 6_000


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment with contacts as a service."""
    # A chunk is a step: quick machines would have few of them, and be done before anybody looks.
    settings = {**UNLIMITED, "MEISHI_PLUGIN__CRM_CONTACTS__IMPORT_STEP_SECONDS": "0"}
    with deployed(tmp_path, elsewhere=["crm_contacts"], settings=settings) as made:
        yield made


@pytest.fixture
def api(split: Deployment) -> Iterator[httpx.Client]:
    """The web API of a workspace, at the main deployment's address."""
    token = json.loads(split.console.run("init", "--json"))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=f"{split.console.url}/api/v1", headers=headers, timeout=60
    ) as client:
        yield client


def cards(number: int) -> bytes:
    """Return cards of so many people; nobody is there twice."""
    lines = ("BEGIN:VCARD", "VERSION:4.0", "FN:Person {n}", "EMAIL:p{n}@example.org", "END:VCARD")
    text = "\r\n".join([*lines, ""])
    return "".join(text.format(n=n) for n in range(number)).encode()


class Import:
    """An import of an address book, as far as it is known; what is away says nothing."""

    def __init__(self, api: httpx.Client, content: bytes) -> None:
        self._api = api
        answer = api.post("/imports", content=content, headers={"Content-Type": "text/vcard"})
        assert answer.status_code == 201, answer.text
        self.path = f"/imports/{answer.json()['id']}"
        self._far = 0.0

    def run(self) -> None:
        """Have it taken in."""
        answer = self._api.post(f"{self.path}/run", json={})
        assert answer.status_code == 202, answer.text

    def shown(self) -> dict[str, Any] | None:
        """Return it, None while nobody answers."""
        try:
            answer = self._api.get(self.path)
        except httpx.TransportError:
            return None
        found: dict[str, Any] = answer.json()
        return found if answer.is_success else None

    def goes_on(self, where: str) -> None:
        """Wait until more of it has come in, and not all; it never goes back."""

        def further() -> bool:
            found = self.shown()
            if found is None:
                return False
            before, self._far = self._far, found["progress"]
            assert before <= self._far < 1.0, where
            return before < self._far

        wait_until(further, where)


def test_whoever_is_killed_each_card_comes_in_once(split: Deployment, api: httpx.Client) -> None:
    """While the service is away the file waits; it goes on where it was, and goes out whole."""
    main, service = split.places
    begun = Import(api, cards(CARDS))
    split.kill(service)
    begun.run()
    away = api.get("/exports/contacts-ndjson")
    assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
    assert away.json()["type"] == "urn:meishi:problem:plugin-unavailable"
    split.start(service)
    split.wait()
    begun.goes_on("with both")
    split.kill(service)
    split.start(service)
    begun.goes_on("with the service back")
    split.kill(main)
    split.start(main)
    split.wait()
    begun.goes_on("with the main deployment back")
    wait_until(lambda: (begun.shown() or {}).get("state") == "completed", "all of it", every=0.5)
    found = begun.shown()
    assert found is not None
    assert found["counts"] == {
        "items": CARDS, "created": CARDS, "updated": 0, "unchanged": 0, "rejected": 0,
    }  # fmt: skip
    assert api.get("/contacts?total=true").json()["total"] == CARDS
    with api.stream("GET", "/exports/contacts-ndjson") as answer:
        assert answer.status_code == 200
        people = [json.loads(line) for line in answer.iter_lines()]
    assert int(answer.headers["Content-Length"]) > 0
    assert len({person["id"] for person in people}) == CARDS
    assert {person["name"]["full"] for person in people} == {f"Person {n}" for n in range(CARDS)}
