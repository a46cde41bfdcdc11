"""`meishi contacts purge`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import entry_points

import pytest

from crm_contacts.contract import Purges
from meishi.sdk.context import service
from meishi.testing.types import WorkspaceUnderTest

from .conftest import ContactsClient
from .test_purges import BO, Bin

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(environment: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `meishi contacts purge` and return exit code, output and messages."""
    (script,) = entry_points(group="console_scripts", name="meishi")
    main = script.load()

    def purge(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["contacts", "purge", *arguments])
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return purge


def test_what_was_deleted_before_a_day_is_purged(run: Run, contacts: ContactsClient) -> None:
    """First it is said how many that are; then they are gone, and what is there stays."""
    bin_ = Bin(contacts)
    for _ in range(3):
        bin_.deleted(BO)
    contacts.create(BO)
    assert run("--deleted-before", "2020-01-31") == (0, "0 contacts purged.\n", "")
    assert run("--deleted-before", "1") == (0, "0 contacts purged.\n", "")
    assert run("--deleted-before", "0", "--dry-run") == (0, "3 contacts would be purged.\n", "")
    assert len(bin_.names(deleted=True)) == 3
    code, out, _ = run("--deleted-before", "0", "--json", "--dry-run")
    assert (code, json.loads(out)["contacts"], json.loads(out)["purged"]) == (0, 3, 0)
    assert run("--deleted-before", "0") == (0, "3 contacts purged.\n", "")
    assert bin_.names(deleted=True) == []
    assert bin_.names(deleted=False) == ["Bo Ek"]
    code, out, _ = run("--deleted-before", "0", "--json")
    assert (code, json.loads(out)["contacts"], json.loads(out)["purged"]) == (0, 0, 0)


@pytest.mark.inside
def test_a_day_begins_at_midnight(
    run: Run, contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """In UTC, and what was deleted on it is not deleted before it."""
    Bin(contacts).deleted(BO)
    with workspace.acting_as("crm_contacts"):
        today = service(Purges).cutoff(0).date()
    assert run("--deleted-before", str(today)) == (0, "0 contacts purged.\n", "")
    _, out, _ = run("--deleted-before", str(today), "--json")
    assert json.loads(out)["deleted_before"] == f"{today}T00:00:00Z"
    tomorrow = today + timedelta(days=1)
    assert run("--deleted-before", str(tomorrow)) == (0, "1 contacts purged.\n", "")


@pytest.mark.parametrize("written", ["", "yesterday", "-1", "36501", "2026-02-30", "²", "9" * 5000])
def test_what_is_no_day_is_refused(run: Run, contacts: ContactsClient, written: str) -> None:
    """With a line that says how to write one."""
    bin_ = Bin(contacts)
    bin_.deleted(BO)
    code, out, err = run(f"--deleted-before={written}")
    assert (code, out) == (1, "")
    assert "--deleted-before is neither a day nor a number of days." in err
    assert bin_.names(deleted=True) == ["Bo Ek"]
