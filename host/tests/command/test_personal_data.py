"""`meishi personal-data`: answering people who ask for their data, or to be forgotten."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from zipfile import ZipFile

import pytest

from meishi.database.location import Location
from meishi.host import Host
from meishi.sdk import mails
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

EMAIL = "zelda@example.org"


@pytest.fixture(autouse=True)
def a_mail_that_waits(migrated: Location, host: Host, workspace: WorkspaceUnderTest) -> None:
    """Something is known of a person."""
    del migrated
    with host.scope(workspace=workspace.id, plugin="identity"):
        mails.send(kind="hello", to=EMAIL, subject="Hello", text="Hello.\n")


def test_an_export_is_a_file_for_its_owner_only(run: Run, tmp_path: Path) -> None:
    """The table names who gave what; a file that is there is not written over."""
    file = tmp_path / "zelda.zip"
    result = run("personal-data", "export", "Zelda@example.org", "--output", str(file))
    assert result.code == 0, result.err
    assert "meishi_mails" in result.out
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ZipFile(file) as archive:
        assert archive.namelist() == ["report.json", "meishi_mails/mail.ndjson"]
    again = run("personal-data", "export", EMAIL, "--output", str(file))
    assert again.code == 1
    assert again.err.startswith(f"Error: {file} cannot be written: File exists.")


def test_an_erasure_wants_the_address_once_more(run: Run) -> None:
    """Another one erases nothing; the right one is answered with the report."""
    refused = run("personal-data", "erase", EMAIL, "--confirm", "ada@example.org")
    assert (refused.code, refused.out) == (1, "")
    assert "nothing was erased" in refused.err
    done = run("personal-data", "erase", EMAIL, "--confirm", EMAIL, "--json")
    assert done.code == 0, done.err
    (outcome,) = json.loads(done.out)["outcomes"]
    assert (outcome["plugin"], outcome["erased"]) == ("meishi_mails", 1)
    again = run("personal-data", "erase", EMAIL, "--confirm", EMAIL)
    assert again.out == "Nothing is known of the person.\n"


def test_the_last_owner_is_told_what_to_do(run: Run) -> None:
    """One line that names the workspace, and no traceback."""
    owner = "owner@one.example"
    refused = run("personal-data", "erase", owner, "--confirm", owner)
    assert (refused.code, refused.out) == (1, "")
    assert refused.err.startswith("Error: The account is the only owner of one. Make somebody")


def test_a_suppression_is_lifted_where_it_was_made(run: Run) -> None:
    """In the workspace, not in the deployment; a second time there is nothing to lift."""
    there = ("--phone", "+46701234567", "--workspace", "one")
    assert run("personal-data", "suppress", EMAIL, *there, "--json").out == '{"suppressed":2}\n'
    assert run("personal-data", "lift", EMAIL).out.startswith("Nothing of the person")
    assert run("personal-data", "lift", EMAIL, *there, "--json").out == '{"lifted":2}\n'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("zelda",), "'zelda' is no email address."),
        ((EMAIL, "--phone", "070 12"), "'070 12' is no number in E.164."),
        ((EMAIL, "--workspace", "two"), "There is no workspace 'two'."),
    ],
)
def test_what_is_nobody_is_refused(run: Run, arguments: tuple[str, ...], said: str) -> None:
    """By what is wrong, before anything is done."""
    result = run("personal-data", "suppress", *arguments)
    assert result.code == 1
    assert result.err.startswith(f"Error: {said}")
