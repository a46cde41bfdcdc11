"""`meishi conformance`: a third party's plugin, on a PostgreSQL that is gone afterwards."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest
from tests.processes import PATIENCE, start, wait_until, wait_until_gone

from meishi.testing.conformance import CHECKS

from .notes import REVISION, add_notes

pytestmark = pytest.mark.once

Conformance = Callable[..., Popen[str]]


@pytest.fixture
def conformance(tmp_path: Path) -> Iterator[Conformance]:
    """Start the command in an environment where plugins of this test are installed.

    The deployment's own plugins and database are of no account; afterwards no process and no
    folder is there.
    """
    settings = tmp_path / "meishi.toml"
    settings.write_text('plugins = ["qr"]\n[plugin.notes]\ngreeting = "Hej"\n[plugin.gone]\n')
    temporary = tmp_path / "temporary"
    temporary.mkdir()

    def run(*arguments: str) -> Popen[str]:
        return start(
            *("conformance", *arguments),
            home=tmp_path / "home",
            TMPDIR=str(temporary),
            PYTHONPATH=str(tmp_path),
            MEISHI_SETTINGS=str(settings),
            MEISHI_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none",
        )

    yield run
    wait_until_gone(tmp_path)
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "home").exists()


def test_a_sound_plugin_passes_every_check(conformance: Conformance, tmp_path: Path) -> None:
    """Each check has its line, functions past row security are listed, the exit code is 0."""
    add_notes(tmp_path)
    command = conformance("notes")
    output, errors = command.communicate(timeout=PATIENCE)
    assert (command.returncode, errors) == (0, ""), output + errors
    first, *lines, last = output.splitlines()
    assert first == "Checking notes 1.0 with crm_contacts"
    assert last == "notes: no findings."
    ends = [line for line in lines if not line.startswith("note ")]
    assert ends == [f"ok       {check.name}: {check.promise}" for check in CHECKS]
    assert [line for line in lines if line not in ends] == [
        "note     definer-functions: notes.find_notes(text) runs with its owner's rights.",
        "note     definer-functions: notes.resolve_note(text) runs with its owner's rights.",
    ]


def test_a_plugin_with_findings_is_told_from_a_sound_one(
    conformance: Conformance, tmp_path: Path
) -> None:
    """The exit code is 1, and one JSON document has what is wrong and what to do about it."""
    add_notes(tmp_path, revision=REVISION.replace(" SET search_path = pg_catalog, pg_temp", ""))
    command = conformance("notes", "--json")
    output, errors = command.communicate(timeout=PATIENCE)
    assert (command.returncode, errors) == (1, ""), output + errors
    assert output.count("\n") == 1
    document = json.loads(output)
    assert document["plugin"] == "notes"
    assert [item["check"] for item in document["checks"]] == [check.name for check in CHECKS]
    found = {item["check"]: item["findings"] for item in document["checks"] if item["findings"]}
    assert [item["message"] for item in found.pop("definer-functions")] == [
        "notes.find_notes(text) does not fix its search_path.",
        "notes.resolve_note(text) does not fix its search_path.",
    ]
    assert found == {}


def test_a_plugin_that_does_not_load_is_a_finding(conformance: Conformance, tmp_path: Path) -> None:
    """Its reason is told, no server is started, and the exit code is 1."""
    add_notes(tmp_path)
    (tmp_path / "notes" / "plugin.py").write_text("raise RuntimeError('no\\nlicence')")
    command = conformance("notes")
    output, errors = command.communicate(timeout=PATIENCE)
    assert (command.returncode, errors) == (1, "")
    _, finding, *others, last = output.splitlines()
    assert finding.startswith("finding  loading: It is broken: importing notes.plugin raised ")
    assert others == [f"skipped  {check.name}" for check in CHECKS[1:]]
    assert last == "notes: 1 finding."


def test_an_interruption_leaves_nothing(conformance: Conformance, tmp_path: Path) -> None:
    """Lines are there before the end; then one line, and neither process nor folder."""
    add_notes(tmp_path)
    command = conformance("notes")
    assert command.stdout is not None
    assert command.stdout.readline().startswith("Checking notes")
    assert command.stdout.readline().startswith("ok       loading")
    home = tmp_path / "temporary"
    wait_until(lambda: bool(list(home.glob("*/postgres/data"))), "the server is being made")
    command.send_signal(signal.SIGINT)
    _, errors = command.communicate(timeout=PATIENCE)
    assert command.returncode in {130, -signal.SIGINT}
    assert errors.strip() == "Stopped."
