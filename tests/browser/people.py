"""People in front of browsers: what they open, fill in and see, and what is wrong with it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

from tests.processes import wait_until

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PASSWORD = "a long enough phrase"

#: Widths of what people hold, or have on their desks.
DESKTOP, PHONE = {"width": 1280, "height": 860}, {"width": 390, "height": 844}

#: What the browser says of itself without a screen would tell that nobody sits in front of it.
_BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/156.0.0.0 Safari/537.36"
)

#: Whether one has to move the page sideways to see all of it; tables move by themselves.
_SIDEWAYS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@dataclass(frozen=True, slots=True)
class Console:
    """A server, as its operator has it."""

    home: Path
    url: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str) -> str:
        """Run a command of the operator, and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "meishi", *arguments],
            env={"MEISHI_HOME": str(self.home), "PATH": "/usr/bin:/bin", **self.environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def link_to(self, address: str) -> str:
        """Return the path of the link in the mail to an address, once it is there."""
        wait_until(lambda: self._link(address) is not None, f"a mail to {address}")
        found = self._link(address)
        assert found is not None
        return found

    def _link(self, address: str) -> str | None:
        for file in sorted((self.home / "mails").glob("*.eml"), reverse=True):
            mail = message_from_bytes(file.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            found = body and re.search(r"https?://[^/\s]+(/\S*token=\S+)", body.get_content())
            if mail["To"] == address and found:
                return found[1]
        return None


_LOOKED_AT = {("light", "desktop"), ("dark", "phone")}

Meet = Callable[[str], "Person"]


class Person:
    """Somebody with a browser; what its console complains of, and what keeps people out."""

    def __init__(self, name: str, browser: Browser, console: Console, artefacts: Path) -> None:
        self.email = f"{name.lower()}@example.com"
        self.name = name
        self.console = console
        self.complaints: list[str] = []
        self.barriers: list[str] = []
        self._artefacts = artefacts
        self._context = browser.new_context(
            base_url=console.url, viewport=DESKTOP, reduced_motion="reduce", user_agent=_BROWSER
        )
        self.page = self._context.new_page()
        self.page.set_default_timeout(120_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message: object) -> None:
        kind, text = getattr(message, "type", ""), getattr(message, "text", "")
        if kind == "error" and "status of 4" not in text:
            self.complaints.append(text)

    def open(self, path: str) -> None:
        """Open a page."""
        self.page.goto(path)

    def fill(self, **fields: str) -> None:
        """Fill in fields by their names."""
        for name, value in fields.items():
            self.page.fill(f'main [name="{name}"]', value)

    def type(self, *texts: str) -> None:
        """Fill in and send the form where the cursor stands, with nothing but the keyboard."""
        for text in texts:
            self.page.keyboard.type(text)
            self.page.keyboard.press("Tab")
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def press(self, title: str) -> None:
        """Press the button of a form, and wait for the page that comes."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("button", name=title, exact=True).click()

    def see(self, text: str) -> None:
        """Make sure that a text is on the page."""
        self.page.get_by_text(text).first.wait_for()

    def look(self, name: str, *, whole: bool = True) -> None:
        """Keep pictures of the page as it is, in each colour and width, and look for barriers.

        Those are looked for in each colour and in each width once: one does not depend on the
        other. Of pages that are very long, the first screen is enough of a picture.
        """
        for colours in ("light", "dark"):
            self._colours(colours)
            for place, size in (("desktop", DESKTOP), ("phone", PHONE)):
                self.page.set_viewport_size(size)
                picture = self._artefacts / f"{name}-{colours}-{place}.png"
                self.page.screenshot(path=picture, full_page=whole)
                where = f"{name} in {colours} on a {place}"
                if (colours, place) in _LOOKED_AT:
                    self._barriers(where)
                if self.page.evaluate(_SIDEWAYS):
                    self.barriers.append(f"{where}: wider than the screen")
        self.page.set_viewport_size(DESKTOP)
        self._colours("light")

    def _colours(self, name: str) -> None:
        """Show the page in these colours, whether it follows the console or the system."""
        self.page.emulate_media(color_scheme="dark" if name == "dark" else "light")
        self.page.evaluate("name => document.documentElement.dataset.bsTheme = name", name)

    def _barriers(self, where: str) -> None:
        """Note what keeps people out (axe: serious and critical violations)."""
        import axe_playwright_python

        script = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(script)
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        serious = [
            f"{item['id']}: {item['help']} ({item['nodes'][0]['html'][:200]})"
            for item in found["violations"]
            if item["impact"] in {"serious", "critical"}
        ]
        self.barriers += [f"{where}: {found}" for found in serious]

    def leave(self) -> None:
        """Close the browser."""
        self._context.close()
