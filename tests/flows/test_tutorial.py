"""What the tutorial tells its readers to type and to write is typed and written."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.authoring import install_beside, typed
from tests.processes import wait_until_gone

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial.md").read_text("utf-8")

pytestmark = [
    pytest.mark.long,
    pytest.mark.no_calls,
    pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here"),
    pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here"),
]

_BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```', re.MULTILINE | re.DOTALL)


@dataclass
class Reader:
    """Somebody who does what the page says, one block after the other."""

    folder: Path
    printed: str = ""

    def follow(self, kind: str, title: str, text: str) -> None:
        """Type commands, write a file, change some, or look for what was promised."""
        if kind == "sh":
            self._type(text)
        elif kind == "text":
            self._look_for(text)
        elif kind == "diff":
            self._change(text)
        else:
            assert title, f"a block of {kind} says no file"
            (self.folder / title).write_text(text, encoding="utf-8")

    def _type(self, text: str) -> None:
        self.printed = ""
        for command in text.splitlines():
            if command == ". .venv/bin/activate":
                continue
            self.printed += self._printed_by(command)
            if command.startswith("cd "):
                self.folder /= command.removeprefix("cd ")
                # What `make` would fetch from an index is here already.
                install_beside(self.folder)

    def _printed_by(self, command: str) -> str:
        own = self.folder / ".venv" / "bin"
        path = f"PATH={own}:$PATH; " if own.exists() else ""
        done = typed(path + command, self.folder)
        assert done.returncode == 0, f"{command}\n{done.stdout}"
        return done.stdout

    def _look_for(self, text: str) -> None:
        """Each line is printed, in this order; three dots stand for anything."""
        wanted = ".*".join(re.escape(line).replace(r"\.\.\.", ".*") for line in text.splitlines())
        assert re.search(wanted, self.printed, re.DOTALL), f"{text}\nis not in\n{self.printed}"

    def _change(self, text: str) -> None:
        applied = subprocess.run(
            ["git", "apply", "-"],
            cwd=self.folder,
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert applied.returncode == 0, f"{text}\n{applied.stderr}"


def test_the_tutorial_leads_to_a_plugin_that_conforms(tmp_path: Path) -> None:
    """Its blocks, one after another, end with a plugin that runs, and print what stands there."""
    reader = Reader(tmp_path)
    blocks = _BLOCK.findall(PAGE)
    assert {kind for kind, _, _ in blocks} == {"sh", "text", "diff", "python"}
    try:
        for kind, title, text in blocks:
            reader.follow(kind, title, text)
    finally:
        wait_until_gone(tmp_path)
