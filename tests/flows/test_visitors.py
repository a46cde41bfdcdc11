"""Cards and links as a service beside the deployment: what visitors see of them, and notice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.processes import PATIENCE, wait_until
from tests.topologies import TOPOLOGIES, Deployment, deployed

pytestmark = pytest.mark.once

_TELEPHONE = "Mozilla/5.0 (Linux; Android 16; Mobile) Gecko/140.0 Firefox/140.0"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
#: People need some seconds to fill in a form.
_TYPING = 2.2
#: Seconds between questions: a token may ask ten times a second in the long run.
_PAUSE = 0.2
#: Visitors at a time, of whom a web process answers a few.
_CROWD = 32


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[Deployment]:
    """A deployment with cards and links as one service."""
    with deployed(tmp_path, elsewhere=TOPOLOGIES["cards"]) as made:
        yield made


@pytest.fixture
def api(cards: Deployment) -> Iterator[httpx.Client]:
    """The web API of a workspace, at the main deployment's address."""
    token = json.loads(cards.console.run("init", "--json"))["token"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=f"{cards.console.url}/api/v1", headers=headers, timeout=30
    ) as client:
        yield client


@pytest.fixture
def visitor(cards: Deployment) -> Iterator[httpx.Client]:
    """Somebody with a telephone who has never been here."""
    headers = {"User-Agent": _TELEPHONE}
    with httpx.Client(
        base_url=cards.console.url, headers=headers, follow_redirects=True, timeout=30
    ) as client:
        yield client


def _made(api: httpx.Client, path: str, document: Any) -> Any:
    answer = api.post(path, json=document)
    assert answer.is_success, answer.text
    return answer.json()


def _code(api: httpx.Client) -> str:
    """Make a contact with a card, a code and a link; return what the code carries."""
    contact = _made(api, "/contacts", {"name": {"full": "Anna Holm"}})
    card = _made(api, "/qr/cards", {"contact_id": contact["id"]})
    code = _made(api, "/qr/codes", {"card_id": card["id"], "kind": "dynamic"})
    terms = {"name": "Bring a colleague", "starts_at": "2026-01-01T00:00:00Z"}
    programme = _made(api, "/viral/programmes", terms | {"referrer_reward": 5, "referee_reward": 2})
    _made(api, "/viral/links", {"programme_id": programme["id"]})
    return str(code["content"])


def test_a_visitor_notices_nothing_of_a_service(
    cards: Deployment, api: httpx.Client, visitor: httpx.Client
) -> None:
    """They scan, see the card, leave theirs and go on to one of their own; all at one address."""
    main, service = cards.places
    code = _code(api)
    assert code.lower().startswith(f"{main.url}/c/")
    page = visitor.get(code)
    assert (page.status_code, page.url.host, page.url.port) == (200, "127.0.0.1", main.port)
    assert "Anna Holm" in page.text
    assert str(service.port) not in page.text
    file = visitor.get(f"{page.url.path}/card.vcf")
    assert (file.status_code, file.headers["Content-Type"]) == (200, "text/vcard; charset=utf-8")
    assert "attachment" in file.headers["Content-Disposition"]
    form = dict(_HIDDEN.findall(page.text)) | {"name": "Bo Nilsson", "email": "bo@example.com"}
    consent = re.search(r'name="consent" type="checkbox" value="([^"]*)"', page.text)
    assert consent
    sent: list[httpx.Response] = []

    def taken() -> bool:
        sent.append(visitor.post(page.url.path, data=form | {"consent": consent[1]}))
        return sent[-1].is_success

    wait_until(taken, "the card is taken", every=_TYPING)
    assert "Make your own card" in sent[-1].text

    def recorded() -> bool:
        found = api.get("/qr/exchanges").json()["items"]
        return [item["state"] for item in found] == ["recorded"]

    wait_until(recorded, "the exchange is a contact", every=_PAUSE)
    names = {item["name"]["full"] for item in api.get("/contacts").json()["items"]}
    assert names == {"Anna Holm", "Bo Nilsson"}
    sign_up = visitor.get(f"{page.url.path}/own")
    assert sign_up.url.path == "/sign-up"
    assert {step.url.port for step in sign_up.history} == {main.port}
    (kept,) = [cookie for cookie in visitor.cookies.jar if cookie.name == "meishi_referral"]
    assert kept.has_nonstandard_attr("HttpOnly")
    assert dict(_HIDDEN.findall(sign_up.text))["ref"]


def test_a_crowd_is_shown_a_card_while_members_go_on(
    cards: Deployment, api: httpx.Client, visitor: httpx.Client
) -> None:
    """More visitors than the deployment has threads: the service still asks it for the contact."""
    page = visitor.get(_code(api)).url
    with ThreadPoolExecutor(_CROWD) as people:
        visits = [people.submit(httpx.get, str(page), timeout=60) for _ in range(_CROWD)]
        assert api.get("/contacts").status_code == 200
    assert {visit.result().status_code for visit in visits} == {200}


def test_a_service_that_is_killed_is_missed_until_it_is_back(
    cards: Deployment, api: httpx.Client, visitor: httpx.Client
) -> None:
    """A page says so, members go on with their contacts, and the code leads to the card again."""
    service = cards.places[1]
    code = _code(api)
    assert visitor.get(code).status_code == 200
    cards.kill(service)
    for _ in range(3):
        away = visitor.get(code)
        assert (away.status_code, away.headers["Retry-After"]) == (503, "2")
        assert "Page unavailable" in away.text
    told = visitor.get(code, headers={"Accept": "application/json"})
    assert told.json()["type"].endswith("plugin-unavailable")
    assert api.get("/contacts").status_code == 200
    assert visitor.get("/sign-up").status_code == 200
    cards.start(service)
    wait_until(lambda: visitor.get(code).status_code == 200, "the card again", every=0.5)
    direct = httpx.get(f"{service.url}{visitor.get(code).url.path}", timeout=PATIENCE)
    assert direct.status_code == 401
