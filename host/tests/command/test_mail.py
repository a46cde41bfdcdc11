"""`meishi mail`: whether mails leave, and which have not left."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.host import Host
from meishi.sdk import mails
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

pytestmark = pytest.mark.once

TEST = ("mail", "test", "--to", "ada@example.com")


def test_a_test_without_a_server_names_the_file(run: Run, tmp_path: Path) -> None:
    """It needs no database, and says where the mail is."""
    result = run(*TEST)
    (file,) = (tmp_path / "home" / "mails").iterdir()
    assert (result.code, result.err) == (0, "")
    assert result.out == f"No mail server is configured; the mail stands in {file}.\n"
    assert b"To: ada@example.com\r\n" in file.read_bytes()


def test_a_test_that_fails_says_what_to_check(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line and a hint, without the password."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        monkeypatch.setenv("MEISHI_MAIL_URL", f"smtp://meishi:s3cret@127.0.0.1:{port}")
        monkeypatch.setenv("MEISHI_MAIL_FROM", "cards@example.org")
        result = run(*TEST)
    assert (result.code, result.out) == (1, "")
    error, hint = result.err.splitlines()
    assert error.startswith(f"Error: 127.0.0.1:{port} cannot be used: ")
    assert hint == "Hint: Check MEISHI_MAIL_URL and MEISHI_MAIL_FROM."


def test_a_test_to_nobody_is_refused(run: Run) -> None:
    """By what is wrong with the address."""
    result = run("mail", "test", "--to", "ada")
    assert result.code == 1
    assert result.err.startswith("Error: 'ada' is not an email address")


def test_what_waits_is_listed(
    run: Run, migrated: Location, host: Host, workspace: WorkspaceUnderTest
) -> None:
    """Who it is for and what for, but not what it says."""
    assert run("mail", "list").out == "No mail waits.\n"
    with host.scope(workspace=workspace.id, plugin="identity"):
        mail_id = mails.send(kind="reset", to="ada@example.com", subject="Zebra", text="Zephyr")
    table = run("mail", "list").out
    assert "identity.reset" in table
    assert "ada@example.com" in table
    document = run("mail", "list", "--json").out
    (item,) = json.loads(document)["items"]
    assert (item["id"], item["kind"], item["to"]) == (
        str(mail_id), "identity.reset", "ada@example.com",
    )  # fmt: skip
    assert not {word for word in ("Zebra", "Zephyr") if word in table + document}
