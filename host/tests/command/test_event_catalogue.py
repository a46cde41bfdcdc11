"""`meishi events`: the catalogue of what active plugins publish and hear."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from meishi.testing.packages import PluginPackages

from .conftest import Run

pytestmark = pytest.mark.once

DESK = """
from crm_contacts.contract import ContactCreated
from meishi.sdk.plugin import hookimpl, on
@hookimpl
def event_handlers():
    return [on(ContactCreated, print, mode="in_transaction")]
"""


@pytest.fixture(autouse=True)
def desk(packages: PluginPackages, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin that listens to contacts; the QR generator is not active."""
    packages.add("desk", plugin=DESK, title="Desk", events={"consumes": ["contact.created.v1"]})
    monkeypatch.setenv("MEISHI_PLUGINS", "crm_contacts,desk")


def test_the_catalogue_shows_owners_and_listeners_of_active_plugins(run: Run) -> None:
    """A line per type; what a plugin that is not active would publish is not there."""
    result = run("events", "catalogue")
    assert (result.code, result.err) == (0, "")
    lines = {line.split()[0]: line.split() for line in result.out.splitlines()}
    assert lines["contact.created.v1"] == [
        "contact.created.v1", "crm_contacts", "published",
        "crm_contacts.duplicates", "(durable),", "desk", "(in_transaction)",
    ]  # fmt: skip
    assert lines["contact.deleted.v1"][1:] == ["crm_contacts", "published"]
    assert "card.viewed.v1" not in lines


def test_the_catalogue_is_one_line_of_json_for_programs(run: Run) -> None:
    """With what each class says of itself."""
    result = run("events", "catalogue", "--format", "json")
    assert result.out.count("\n") == 1
    types = {item["type"]: item for item in json.loads(result.out)}
    assert list(types) == sorted(types)
    assert types["contact.created.v1"] == {
        "type": "contact.created.v1",
        "owner": "crm_contacts",
        "subject": "contact_id",
        "description": "A contact came into being.",
        "read_as": None,
        "listeners": [
            {
                "plugin": "crm_contacts",
                "mode": "durable",
                "subscription": "crm_contacts.duplicates",
            },
            {"plugin": "desk", "mode": "in_transaction", "subscription": None},
        ],
    }


def test_the_catalogue_is_a_document_for_tools(run: Run) -> None:
    """AsyncAPI 3.0, whose operations are those of the active plugins."""
    document = json.loads(run("events", "catalogue", "--format", "asyncapi").out)
    assert document["asyncapi"] == "3.0.0"
    assert "desk.in_transaction.receive.contact.created.v1" in document["operations"]
    assert "crm_contacts.send.contact.created.v1" in document["operations"]


def test_the_catalogue_is_a_chart_for_people(run: Run) -> None:
    """Mermaid text, and nothing besides."""
    chart = run("events", "catalogue", "--format", "mermaid").out
    assert chart.startswith("flowchart LR\n")
    assert '["Desk<br/>desk"]' in chart
    assert re.search(r"\n    e\d+ ==> p\d+\n", chart)


@pytest.mark.parametrize("form", ["table", "json", "asyncapi", "mermaid"])
def test_the_catalogue_starts_no_database(run: Run, tmp_path: Path, form: str) -> None:
    """It needs declarations alone: not even the folder for data is made."""
    assert run("events", "catalogue", "--format", form).code == 0
    assert not (tmp_path / "home").exists()
