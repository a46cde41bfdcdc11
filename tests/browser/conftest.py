"""A browser, where there is one, and a server that people come to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.browser.people import Console, Meet, Person
from tests.processes import ended, free_port, is_healthy, start, wait_until, wait_until_gone

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: What the walk looked like, for people to look at: made anew with every run.
ARTEFACTS = Path(__file__).parent / "artefacts"


@pytest.fixture
def chromium(console: Console) -> Iterator[Browser]:
    """Debian's Chromium; where it or its driver is missing, the test says so and is left out.

    What people come to is there before it.
    """
    api = pytest.importorskip("playwright.sync_api", reason="`make browser` installs the driver")
    pytest.importorskip("axe_playwright_python", reason="`make browser` installs axe")
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium on the path: apt install chromium")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Console]:
    """A server on a fresh data folder, that ends with the test."""
    home, port = tmp_path / "home", free_port()
    server = start("serve", "--port", str(port), home=home)
    try:
        wait_until(lambda: is_healthy(port), "healthy")
        yield Console(home=home, url=f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        ended(server)
        wait_until_gone(home)


@pytest.fixture
def artefacts(request: pytest.FixtureRequest) -> Path:
    """An empty folder for the pictures of a test."""
    folder = ARTEFACTS / str(request.node.name).removeprefix("test_")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def person(chromium: Browser, console: Console, artefacts: Path) -> Iterator[Meet]:
    """Makes people, each with a browser of their own; nobody's console may have said an error."""
    people: list[Person] = []

    def meet(name: str) -> Person:
        people.append(Person(name, chromium, console, artefacts))
        return people[-1]

    yield meet
    for somebody in people:
        assert somebody.complaints == []
        assert not somebody.barriers, "\n".join(somebody.barriers)
        somebody.leave()
