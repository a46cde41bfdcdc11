"""The loop that the product is about, over HTTP and across two workspaces.

A scan leads to a card, the card to an exchange and to an account of one's own; the contact is found
more about, is tied to others, the referral is rewarded on both sides, and there is a new card.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.browser.people import PASSWORD, Console
from tests.processes import PATIENCE, wait_until
from tests.topologies import TOPOLOGIES, deployed

_TELEPHONE = "Mozilla/5.0 (Linux; Android 16; Mobile) Gecko/140.0 Firefox/140.0"
_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
#: People need some seconds to fill in a form.
_TYPING = 2.2
#: How many characters of an answer are told.
_TOLD = 8_000
#: Seconds between questions: a token may ask ten times a second in the long run.
_PAUSE = 0.2

VISITOR = {
    "name": "Bo Nilsson",
    "email": "bo.nilsson@holm-keramik.example",
    "phone": "+46 8 465 004 12",
    "title": "Head of Sales",
}


class Api:
    """The web API of one workspace; what it answered last is told, for whoever looks for faults."""

    def __init__(self, url: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self._last: dict[str, str] = {}
        self._http = httpx.Client(
            base_url=f"{url}/api/v1",
            headers=headers,
            timeout=30,
            event_hooks={"response": [self._hear]},
        )

    def get(self, path: str, **query: str) -> Any:
        """Return what is at an address."""
        answer = self._http.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, document: Any = None, **headers: str) -> Any:
        """Send a document; return the answer."""
        answer = self._http.post(path, json={} if document is None else document, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()

    def post_unless_changed(self, path: str, version: str) -> dict[str, Any] | None:
        """Do something to a version; None comes back where somebody was quicker."""
        answer = self._http.post(path, json={}, headers={"If-Match": version})
        if answer.status_code in {409, 412}:
            return None
        assert answer.is_success, answer.text
        changed: dict[str, Any] = answer.json()
        return changed

    def close(self) -> None:
        """Close the connections, and print what each question was answered at last."""
        self._http.close()
        told = (f"{asked}: {answer}" for asked, answer in self._last.items())
        sys.stdout.write("\n".join(("== answers at last", *told, "")))

    def _hear(self, answer: httpx.Response) -> None:
        answer.read()
        asked = f"{answer.request.method} {answer.request.url.raw_path.decode()}"
        # In the order of the last answers.
        self._last.pop(asked, None)
        self._last[asked] = f"{answer.status_code} {answer.text[:_TOLD]}"


@pytest.fixture(params=TOPOLOGIES)
def console(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Console]:
    """A deployment with its workers, that ends with the test."""
    with deployed(tmp_path, elsewhere=TOPOLOGIES[request.param]) as made:
        yield made.console


@pytest.fixture
def visitor(console: Console) -> Iterator[httpx.Client]:
    """Somebody with a telephone who has never been here."""
    headers = {"User-Agent": _TELEPHONE}
    with httpx.Client(
        base_url=console.url, headers=headers, follow_redirects=True, timeout=30
    ) as client:
        yield client


@pytest.fixture
def api(console: Console) -> Iterator[Callable[[str], Api]]:
    """Opens the web API with a token."""
    opened: list[Api] = []

    def with_token(token: str) -> Api:
        opened.append(Api(console.url, token))
        return opened[-1]

    yield with_token
    for item in opened:
        item.close()


def test_the_loop(console: Console, visitor: httpx.Client, api: Callable[[str], Api]) -> None:
    """Each step leads to the next; what a step owes to another module comes by itself."""
    ours = api(json.loads(console.run("init", "--json"))["token"])
    anna, code = _card(ours)
    programme = ours.post(
        "/viral/programmes",
        {
            "name": "Bring a colleague",
            "starts_at": "2026-01-01T00:00:00Z",
            "referrer_reward": 500,
            "referee_reward": 250,
        },
    )
    ours.post("/viral/links", {"programme_id": programme["id"]})

    page = visitor.get(code)
    assert page.status_code == 200
    assert "Anna Holm" in page.text
    assert visitor.get(f"{page.url.path}/card.vcf").status_code == 200
    bo = _exchange(ours, visitor, page)
    with _looked_into(console, ours, bo):
        _enrich(ours, bo)
    _tie(ours, anna, bo)

    sign_up = visitor.get(_own_card_link(page))
    assert sign_up.url.path == "/sign-up"
    assert any("/J/" in str(step.url) for step in sign_up.history)
    theirs = api(_account(console, visitor, sign_up))
    (conversion,) = _until(lambda: ours.get("/viral/conversions")["items"], "a conversion")
    assert conversion["method"] == "last_click"
    assert [touch["verdict"] for touch in conversion["touches"]] == ["last"]
    (reward,) = _until(lambda: ours.get("/viral/rewards")["items"], "the referrer's reward")
    assert (reward["rule"], reward["amount"]) == ("referrer", 500)
    (reward,) = _until(lambda: theirs.get("/viral/rewards")["items"], "the referee's reward")
    assert (reward["rule"], reward["amount"]) == ("referee", 250)

    _, next_code = _card(theirs, name="Bo Nilsson")
    shown = httpx.get(
        next_code, follow_redirects=True, headers={"User-Agent": _TELEPHONE}, timeout=PATIENCE
    )
    assert "Bo Nilsson" in shown.text
    assert theirs.get("/contacts", total="true")["total"] == 1
    _until(
        lambda: {"scans", "views", "saves", "exchanges"} <= {
            step["metric"] for step in ours.get("/analytics/funnel")["steps"] if step["count"] == 1
        },
        "the funnel",
    )  # fmt: skip


def _card(api: Api, name: str = "Anna Holm") -> tuple[str, str]:
    """Make a contact, its card and a code that leads there; return the contact and the code."""
    contact = api.post(
        "/contacts",
        {
            "name": {"full": name},
            "organisation": "Holm Keramik",
            "emails": [{"address": f"{name.split(maxsplit=1)[0].lower()}@holm-keramik.example"}],
        },
    )
    card = api.post("/qr/cards", {"contact_id": contact["id"]})
    code = api.post("/qr/codes", {"card_id": card["id"], "kind": "dynamic"})
    return contact["id"], code["content"]


def _exchange(api: Api, visitor: httpx.Client, page: httpx.Response) -> str:
    """Leave a card at the page, as people do; return the contact that comes of it."""
    consent = re.search(r'name="consent" type="checkbox" value="([^"]*)"', page.text)
    action = re.search(r'<form method="post" action="([^"#]*)', page.text)
    assert consent
    assert action
    form = dict(_HIDDEN.findall(page.text)) | VISITOR | {"consent": consent[1]}
    sent = _until(lambda: _sent(visitor, action[1], form), "the card is taken", every=_TYPING)
    assert "Make your own card" in sent.text
    (exchange,) = _until(
        lambda: [it for it in api.get("/qr/exchanges")["items"] if it["state"] == "recorded"],
        "the exchange is a contact",
    )
    return str(exchange["visitor_contact_id"])


def _sent(visitor: httpx.Client, action: str, form: dict[str, str]) -> httpx.Response | None:
    """Send the form; None comes back where that was too quick."""
    answer = visitor.post(action, data=form)
    return answer if answer.is_success else None


def _enrich(api: Api, contact: str) -> None:
    """The organisation is proposed with its source, taken over, and marked as found."""
    done = _until(lambda: _take_over(api, contact), "an organisation is proposed and taken over")
    assert done["state"] == "applied"
    assert api.get(f"/contacts/{contact}")["organisation"] == done["value"]


@contextmanager
def _looked_into(console: Console, api: Api, contact: str) -> Iterator[None]:
    """Where a block fails, have told what there is of a contact, and who has heard of it."""
    try:
        yield
    except AssertionError:
        sys.stdout.write(console.run("events", "status") + "\n")
        api.get("/enrichment/proposals", **{"filter[contact_id][eq]": contact})
        api.get(f"/contacts/{contact}/history")
        raise


def _take_over(api: Api, contact: str) -> dict[str, Any] | None:
    """Take over the organisation that is proposed; None where there is none, or another by now.

    What colleagues are said to work for may be heard of a moment later, and is proposed instead.
    """
    found = api.get(
        "/enrichment/proposals",
        **{"filter[contact_id][eq]": contact, "filter[field][eq]": "organisation"},
    )
    waiting = [item for item in found["items"] if item["state"] == "proposed"]
    if not waiting:
        return None
    (proposal,) = waiting
    assert "holm-keramik.example" in proposal["quote"]
    return api.post_unless_changed(
        f"/enrichment/proposals/{proposal['id']}/apply", f'"{proposal["version"]}.0"'
    )


def _tie(api: Api, anna: str, bo: str) -> None:
    """Who has exchanged cards is tied, and the tie says why."""
    tie = _until(lambda: _tie_between(api, anna, bo), "a tie by the exchange")
    assert tie["strength"] > 0


def _tie_between(api: Api, anna: str, bo: str) -> dict[str, Any] | None:
    found = api.get("/graph/ties", contact_id=anna)
    ids = found["ids"]
    pairs = {
        frozenset((ids[one], ids[other]))
        for one, other in zip(found["sources"], found["targets"], strict=True)
    }
    if frozenset((anna, bo)) not in pairs:
        return None
    tie: dict[str, Any] = api.get(f"/graph/ties/{anna}/{bo}")
    return tie if "exchange" in json.dumps(tie) else None


def _own_card_link(page: httpx.Response) -> str:
    """Return where "Make your own card" leads."""
    found = re.search(r'href="([^"]*)"[^>]*>Make your own card', page.text)
    assert found
    return found[1].replace("&amp;", "&")


def _account(console: Console, visitor: httpx.Client, page: httpx.Response) -> str:
    """Open an account behind a referral, and a workspace; return a token of it."""
    form = dict(_HIDDEN.findall(page.text))
    assert form["ref"]
    form |= {"name": VISITOR["name"], "email": VISITOR["email"], "password": PASSWORD}
    assert visitor.post("/sign-up", data=form).status_code == 200
    link = console.link_to(VISITOR["email"])
    form = dict(_HIDDEN.findall(visitor.get(link).text)) | {"password": PASSWORD}
    welcome = visitor.post("/verify", data=form)
    assert welcome.status_code == 200
    form = dict(_HIDDEN.findall(welcome.text)) | {"name": "Bo's", "slug": "bo"}
    assert visitor.post("/identity/workspaces", data=form).status_code == 200
    issued = console.run(
        *("tokens", "issue", "--workspace", "bo", "--email", VISITOR["email"], "--json")
    )
    return str(json.loads(issued)["token"])


def _until(ask: Callable[[], Any], what: str, *, every: float = _PAUSE) -> Any:
    """Ask until the answer is something, and return it."""
    answers: list[Any] = []

    def answered() -> bool:
        answers.append(ask())
        return bool(answers[-1])

    wait_until(answered, what, every=every)
    return answers[-1]
