"""`meishi contacts dedupe`."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import entry_points

import pytest

from crm_contacts.contract import Duplicates
from meishi.sdk.context import service
from meishi.testing.types import WorkspaceUnderTest

from .conftest import ContactsClient, vcard

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(environment: None, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `meishi contacts dedupe` and return exit code, output and messages."""
    (script,) = entry_points(group="console_scripts", name="meishi")
    main = script.load()

    def dedupe(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["contacts", "dedupe", *arguments])
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return dedupe


def bring_in(contacts: ContactsClient, copies: int, others: int = 0) -> None:
    """Import copies of two people with slips, and others."""
    people = [("Anna", "Ek"), ("Bo", "Lindqvist")]
    cards = [
        vcard(
            f"FN:{given} {family}", f"N:{family};{given};;;", f"EMAIL:{given}@x.example", f"X-A:{n}"
        )
        for n in range(copies)
        for given, family in people
    ]
    cards += [vcard(f"FN:Person {n}", f"N:Family{n};Given{n};;;") for n in range(others)]
    contacts.upload("".join(cards))


def test_nothing_is_merged_unless_that_is_said(
    run: Run, contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """First the sum, then what would be merged, then the merges; after that there are none."""
    bring_in(contacts, copies=3)
    code, out, _ = run()
    assert (code, out) == (
        0,
        "6 contacts compared: 6 pairs may be one, 6 of them certainly.\n",
    )
    code, out, _ = run("--merge-certain")
    assert code == 0
    assert "Anna Ek: 2 would be merged into" in out
    assert out.endswith("Nothing was merged; add --apply to do it.\n")
    assert len(contacts.all()) == 6
    code, out, _ = run("--merge-certain", "--apply", "--json")
    told = json.loads(out)
    assert (told["groups"], told["merged"], told["faults"]) == (2, 4, [])
    assert len(contacts.all()) == 2
    code, out, _ = run("--merge-certain", "--apply")
    assert out == "2 contacts compared: 0 pairs may be one, 0 of them certainly.\n"


def test_a_scan_that_was_broken_off_goes_on(
    run: Run, contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """It counts what was looked at before, and ends with all."""
    bring_in(contacts, copies=1, others=600)
    with workspace.acting_as("crm_contacts"):
        begun = service(Duplicates).start_scan()
    with workspace.acting_as("crm_contacts"):
        assert service(Duplicates).run_scan(begun.id).done == 500
    code, out, _ = run("--json")
    assert (code, json.loads(out)["contacts"]) == (0, 602)
    with workspace.acting_as("crm_contacts"):
        ended = service(Duplicates).get_scan(begun.id)
    assert ended.completed_at is not None
    assert ended.done == 602


def test_apply_by_itself_is_refused(run: Run, workspace: WorkspaceUnderTest) -> None:
    """One line and a hint; nothing is begun."""
    code, out, err = run("--apply")
    assert (code, out) == (1, "")
    assert "--apply says nothing by itself." in err
    assert "--merge-certain" in err
