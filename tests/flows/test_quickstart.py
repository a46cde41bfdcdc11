"""What the quick start tells its readers to type is typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.processes import ended, free_port, is_healthy, start, wait_until, wait_until_gone

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "quickstart.md").read_text("utf-8")
SAMPLE = "host/src/meishi/demo/address_book.vcf"

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl here"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with an address book, for which nothing may run any more after."""
    shutil.copy(ROOT / SAMPLE, tmp_path / "contacts.vcf")
    yield tmp_path
    wait_until_gone(tmp_path)


def test_the_quick_start_leads_to_a_code(folder: Path) -> None:
    """Its commands, one after another, end with the image of a code."""
    assert f"`{SAMPLE}`" in PAGE
    activate, *commands, serve = _blocks()[0]
    assert (activate, serve) == (". .venv/bin/activate", "meishi serve")
    printed = "".join(_typed(command, folder) for command in commands)
    port = free_port()
    known = {
        "msh_...": re.findall(r"msh_\S+", printed)[0],
        "127.0.0.1:8000": f"127.0.0.1:{port}",
    }
    server = start("serve", "--port", str(port), home=folder / "home")
    try:
        wait_until(lambda: is_healthy(port), "healthy")
        _follow(_blocks()[1:], known, folder)
    finally:
        server.send_signal(signal.SIGTERM)
        assert ended(server) == 0
    assert (folder / "code.png").read_bytes().startswith(b"\x89PNG")


def _follow(blocks: list[list[str]], known: dict[str, str], folder: Path) -> None:
    """Type the requests, each with the ids that the answers before it gave."""
    *variables, search = blocks[0]
    *requests, image = [search, *blocks[1]]
    for request, gives in zip(requests, ("CONTACT_ID", "CARD_ID", "CODE_ID"), strict=True):
        answer = json.loads(_typed("\n".join([*variables, request]), folder, known))
        known[gives] = answer["items"][0]["id"] if "items" in answer else answer["id"]
    _typed("\n".join([*variables, image]), folder, known)


def _blocks() -> list[list[str]]:
    """Return the commands of each block of the section, without comments."""
    section = PAGE.partition("\n## Use it\n")[2]
    blocks = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [re.sub(r" +# .*", "", block).replace("\\\n", "").splitlines() for block in blocks]


def _typed(command: str, folder: Path, known: dict[str, str] | None = None) -> str:
    """Return what commands print; what stands for something else is replaced by what is known."""
    for name, value in (known or {}).items():
        command = command.replace(name, value)
    found = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["sh", "-e", "-u", "-c", command],
        cwd=folder,
        env=os.environ | {"MEISHI_HOME": str(folder / "home"), "PATH": found},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout
