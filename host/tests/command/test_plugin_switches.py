"""`meishi plugins enable|disable|default|show`: switching from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from meishi.database.location import Location
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Run

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def prepared(migrated: Location, workspace: WorkspaceUnderTest) -> None:
    """There is a database with a workspace."""
    del migrated, workspace


def states(run: Run) -> dict[str, tuple[str, str]]:
    """Return state and reason of every plugin."""
    found = json.loads(run("plugins", "--json").out)
    return {item["name"]: (item["state"], item["reason"]) for item in found}


def test_a_plugin_is_switched_off_and_on(run: Run) -> None:
    """Who needs it is told first; the list says what is off, and why."""
    refused = run("plugins", "disable", "crm_contacts")
    assert refused.code == 1
    assert refused.err.startswith(
        "Error: crm_enrichment, crm_graph, qr would be without crm_contacts"
    )
    assert "Hint: --cascade" in refused.err
    assert run("plugins", "disable", "crm_contacts", "--cascade").out == (
        "Switched off: crm_enrichment, crm_graph, qr, crm_contacts.\n"
    )
    assert states(run)["crm_contacts"] == ("disabled", "switched off")
    assert run("plugins", "disable", "qr").out == "qr was off already.\n"
    done = run("plugins", "enable", "qr", "--cascade", "--json")
    assert json.loads(done.out) == {"changed": ["crm_contacts", "qr"]}
    assert states(run)["qr"] == ("active", "")


def test_commands_of_a_plugin_that_is_off_are_refused(run: Run, tmp_path: Path) -> None:
    """In the workspace where it is off; they say how it comes back."""
    file = tmp_path / "ada.vcf"
    file.write_text("BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada\r\nEND:VCARD\r\n")
    run("plugins", "disable", "crm_contacts", "--cascade", "--workspace", "one")
    refused = run("contacts", "import", str(file), "--workspace", "one")
    assert refused.code == 1
    assert "crm_contacts is switched off in the workspace 'one'" in refused.err
    run("plugins", "enable", "crm_contacts", "--workspace", "one")
    assert run("contacts", "import", str(file), "--workspace", "one").code == 0


def test_it_is_told_how_a_plugin_stands_and_who_switched_it(run: Run) -> None:
    """For people a line each, for programs one document; the newest change comes first."""
    run("plugins", "disable", "qr")
    run("plugins", "default", "qr", "off")
    found = json.loads(run("plugins", "show", "qr", "--json").out)
    assert found["revision"].startswith("qr_")
    assert [item["said"] for item in found["changes"]] == ["default off", "off"]
    text = run("plugins", "show", "qr").out
    assert text.startswith("qr is disabled, at qr_")
    assert "off everywhere, from the command line" in text


def test_wrong_names_are_told_in_one_line(run: Run) -> None:
    """Unknown plugins, parts of the host, unknown workspaces and defaults."""
    for words, said in (
        (("enable", "nobody"), "There is no plugin 'nobody'"),
        (("disable", "identity"), "identity is a part of the host"),
        (("default", "identity", "off"), "identity is a part of the host"),
        (("enable", "qr", "--workspace", "nowhere"), "There is no workspace 'nowhere'"),
        (("show", "nobody"), "There is no plugin 'nobody'"),
        (("install", "nobody"), "nobody cannot be installed: there is no such package"),
    ):
        refused = run("plugins", *words)
        assert (refused.code, refused.out) == (1, "")
        assert refused.err.startswith(f"Error: {said}")
    assert run("plugins", "default", "qr", "perhaps").code == 2
