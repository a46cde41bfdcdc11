"""A module as a service beside the deployment: what it shows of contacts, and while it is away."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.people import PASSWORD, Console
from tests.processes import ended, is_healthy, wait_until, wait_until_gone
from tests.topologies import Place, places

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
_EMAIL = "anna@example.com"
_PANEL = "_panel=crm_enrichment.proposals"
#: Seconds between looks: who is signed in may look ten times a second in the long run.
_PAUSE = 0.2


@dataclass
class Beside:
    """The deployment, the service beside it, and who is signed in."""

    main: Place
    service: Place
    running: dict[str, subprocess.Popen[str]]
    browser: httpx.Client

    @property
    def console(self) -> Console:
        """The deployment as its operator has it."""
        return Console(home=self.main.home, url=self.main.url, environment=self.main.environment)

    def start(self, place: Place) -> None:
        """Start one of them, and wait until it answers."""
        self.running[place.url] = place.start()
        wait_until(lambda: is_healthy(place.port), "healthy")

    def stop(self, place: Place) -> None:
        """Stop one of them."""
        process = self.running.pop(place.url)
        process.terminate()
        ended(process)
        wait_until_gone(place.home)


@pytest.fixture
def beside(tmp_path: Path) -> Iterator[Beside]:
    """The deployment with enrichment as a service, and a person with a workspace."""
    main, service = places(tmp_path, ("crm_enrichment",))
    with httpx.Client(base_url=main.url, follow_redirects=True, timeout=60) as browser:
        found = Beside(main, service, {}, browser)
        try:
            found.start(main)
            found.start(service)
            yield found
        finally:
            for place in (main, service):
                if place.url in found.running:
                    found.stop(place)


def _signed_up(beside: Beside) -> str:
    """Open an account and a workspace; return a token of it."""
    browser, console = beside.browser, beside.console
    console.run("init", "--json")
    form = _form(browser.get("/sign-up"), name="Anna", email=_EMAIL, password=PASSWORD)
    assert browser.post("/sign-up", data=form).status_code == 200
    form = _form(browser.get(console.link_to(_EMAIL)), password=PASSWORD)
    welcome = browser.post("/verify", data=form)
    form = _form(welcome, name="Anna's", slug="anna")
    assert browser.post("/identity/workspaces", data=form).status_code == 200
    arguments = ("--workspace", "anna", "--email", _EMAIL, "--json")
    return str(json.loads(console.run("tokens", "issue", *arguments))["token"])


def _form(page: httpx.Response, **fields: str) -> dict[str, str]:
    return dict(_HIDDEN.findall(page.text)) | fields


def _contact(beside: Beside, token: str) -> str:
    """Make a contact about whom more can be found out; return the path of its page."""
    document: dict[str, Any] = {
        "name": {"full": "Bo Nilsson"},
        "emails": [{"address": "bo.nilsson@holm-keramik.example"}],
    }
    answer = httpx.post(
        f"{beside.main.url}/api/v1/contacts",
        json=document,
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.is_success, answer.text
    return f"/contacts/{answer.json()['id']}"


def test_a_module_is_missed_while_it_is_away_and_comes_back(beside: Beside) -> None:
    """Its panel shows what it found; without it the page stands, and says what is missing."""
    page = _contact(beside, _signed_up(beside))

    def shown() -> str:
        panel = beside.browser.get(f"{page}?{_PANEL}")
        assert panel.status_code == 200
        return panel.text

    assert _PANEL in beside.browser.get(page).text
    wait_until(lambda: "holm-keramik.example" in shown(), "a proposal in the panel", every=_PAUSE)
    take_over = re.search(r'action="(/enrichment/[^"]*/apply)"', shown())
    assert take_over
    listed = beside.browser.get("/enrichment")
    assert listed.status_code == 200
    assert "Bo Nilsson" in listed.text
    decided = beside.browser.post(take_over[1], data=_form(beside.browser.get(page), next=page))
    assert str(decided.url).endswith(page)
    assert "The value was taken over" in decided.text

    beside.stop(beside.service)
    assert beside.browser.get(page).status_code == 200
    assert "This is unavailable just now." in shown()
    assert beside.browser.get("/enrichment").status_code == 503

    beside.start(beside.service)
    wait_until(lambda: "holm-keramik.example" in shown(), "the panel again", every=_PAUSE)
