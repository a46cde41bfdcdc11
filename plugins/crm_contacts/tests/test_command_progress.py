"""How far commands have come: shown on a terminal that nothing else is read from."""

from __future__ import annotations

import os
import pty
import subprocess
from pathlib import Path

import pytest

from .conftest import ContactsClient, vcard
from .test_export_command import MEISHI, shown_on

COMMANDS = {
    "import": ("Importing", "2 cards: 1 imported (0 of them duplicates), 1 rejected.\n"),
    "dedupe": ("Comparing", "1 contacts compared: 0 pairs may be one, 0 of them certainly.\n"),
}


def arguments(command: str, tmp_path: Path) -> list[str]:
    """Return what a command is called with."""
    if command == "dedupe":
        return ["dedupe"]
    book = tmp_path / "book.vcf"
    book.write_text(vcard("FN:Ada") + vcard("FN:"))
    return ["import", str(book), "--rejects", str(tmp_path / "rejects.vcf")]


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("terminal", [True, False])
def test_progress_is_shown_on_a_terminal_alone(
    environment: None, contacts: ContactsClient, tmp_path: Path, command: str, *, terminal: bool
) -> None:
    """On standard error; who reads that by a program, or the sum of it all, gets plain lines."""
    words, summary = COMMANDS[command]
    if command == "dedupe":
        contacts.create({"name": {"full": "Ada"}})
    leader, follower = pty.openpty()
    ended = subprocess.run(
        [MEISHI, "contacts", *arguments(command, tmp_path)],
        env=os.environ | {"TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=follower if terminal else subprocess.PIPE,
        check=True,
    )
    os.close(follower)
    shown = shown_on(leader)
    assert (words.encode() in shown) is terminal
    assert ended.stdout.decode() == summary
    if not terminal:
        assert words.encode() not in ended.stderr
        assert b"\x1b" not in ended.stderr
    if command == "import":
        assert (tmp_path / "rejects.vcf").read_bytes() == vcard("FN:").encode()
