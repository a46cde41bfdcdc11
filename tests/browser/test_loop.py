"""The loop as two people have it in front of them: one who gives a card, and one who scans it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.browser.people import PASSWORD, PHONE, Console, Meet, Person
from tests.processes import wait_until
from tests.topologies import TOPOLOGIES, Deployment, deployed


@pytest.fixture(params=["one", "split"])
def deployment(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    """A deployment with its workers behind one address, that ends with the test."""
    with deployed(tmp_path, elsewhere=TOPOLOGIES[request.param]) as made:
        yield made


@pytest.fixture
def console(deployment: Deployment) -> Console:
    """The main deployment: the address that people know."""
    return deployment.console


def test_the_loop(deployment: Deployment, console: Console, person: Meet) -> None:
    """From a scan to a card of one's own, and to what the giver's workspace makes of it."""
    boss = _set_up(console, person)
    public = _card(boss)
    _programme(boss)
    bo = _scanned(person, public)
    _signed_up(console, bo)
    _what_came_of_it(boss)
    _card_of_ones_own(bo)
    if len(deployment.places) > 1:
        _missed(deployment, boss)


def _set_up(console: Console, person: Meet) -> Person:
    boss = person("Boss")
    boss.open(re.sub(r"^https?://[^/]+", "", console.run("init", "--link")))
    boss.fill(name="Boss", email=boss.email, password=PASSWORD, workspace="Acme", slug="acme")
    boss.press("Begin")
    return boss


def _card(boss: Person) -> str:
    """Type in oneself, make a card, and return where everybody sees it."""
    boss.open("/contacts/new")
    boss.fill(full="Anna Holm", organisation="Holm Keramik", title="Founder")
    boss.page.locator('[name="email_address"]').first.fill("anna@holm-keramik.example")
    boss.press("Save")
    with boss.page.expect_navigation():
        boss.page.get_by_role("link", name="Make a card").click()
    boss.press("Make the card")
    return str(boss.page.input_value("#page-url"))


def _programme(boss: Person) -> None:
    """Begin a programme, and take part in it."""
    boss.open("/viral")
    boss.look("growth-empty")
    boss.open("/viral/new")
    boss.look("programme-new")
    boss.fill(name="Bring a colleague", referrer_reward="500", referee_reward="250")
    boss.press("Begin")
    boss.press("Take part")
    boss.see("Your link")


def _scanned(person: Meet, public: str) -> Person:
    """Open the card on a telephone, leave one's own, and want one of these."""
    bo = person("Bo")
    bo.page.set_viewport_size(PHONE)
    bo.open(public)
    bo.see("Anna Holm")
    bo.page.get_by_text("Leave your card").click()
    bo.fill(name="Bo Nilsson", email="bo.nilsson@holm-keramik.example", title="Head of Sales")
    bo.page.check("#consent")
    bo.look("exchange-form")
    # Who is quicker than people are is taken for a program.
    bo.page.wait_for_timeout(2_500)
    bo.press("Send")
    bo.see("Thank you")
    bo.look("exchange-thanks")
    with bo.page.expect_navigation():
        bo.page.get_by_role("link", name="Make your own card").click()
    return bo


def _signed_up(console: Console, bo: Person) -> None:
    """Open an account behind the referral, and a workspace."""
    assert "ref=" in bo.page.url
    bo.fill(name="Bo Nilsson", email=bo.email, password=PASSWORD)
    bo.press("Open an account")
    bo.open(console.link_to(bo.email))
    bo.fill(password=PASSWORD)
    bo.press("Confirm and sign in")
    bo.fill(name="Bo's", slug="bo")
    bo.press("Make the workspace")


def _what_came_of_it(boss: Person) -> None:
    """The contact, what was found about it, the tie, the reward and the numbers."""
    _until(boss, "/contacts", "Bo Nilsson")
    boss.page.get_by_role("link", name="Bo Nilsson").first.click()
    _until(boss, boss.page.url, "Holm Keramik")
    boss.look("contact-found")
    _until(boss, "/enrichment", "Bo Nilsson")
    boss.look("proposals")
    _until(boss, "/graph", "Bo Nilsson")
    boss.page.locator("[data-graph-drawn]").wait_for()
    boss.look("graph")
    _until(boss, "/viral", "by a followed link")
    boss.look("growth")
    boss.open("/qr/exchanges")
    boss.see("Bo Nilsson")
    boss.look("exchanges")
    _until(boss, "/analytics", "Cards left in return")
    boss.look("analytics")


def _card_of_ones_own(bo: Person) -> None:
    """The next card is there, and says whose it is; the reward is, too."""
    public = _card(bo)
    bo.open(public)
    bo.see("Anna Holm")
    _until(bo, "/viral", "No programme yet")


def _missed(deployment: Deployment, boss: Person) -> None:
    """The contact is there without the service, and says what is not; that comes back by itself."""
    _, service = deployment.places
    boss.open("/contacts")
    boss.page.get_by_role("link", name="Bo Nilsson").first.click()
    found, missed = (
        boss.page.get_by_role("main").get_by_text(text).first
        for text in ("Holm Keramik", "This is unavailable just now.")
    )
    found.wait_for()
    deployment.kill(service)
    boss.page.reload()
    boss.see("Bo Nilsson")
    missed.wait_for()
    boss.look("contact-without-proposals")
    deployment.start(service)
    missed.wait_for(state="detached")
    found.wait_for()


def _until(somebody: Person, path: str, text: str) -> None:
    """Open a page again and again until it says something."""

    def said() -> bool:
        somebody.open(path)
        return bool(somebody.page.get_by_role("main").get_by_text(text).count())

    wait_until(said, f"{path} says {text!r}", every=0.2)
