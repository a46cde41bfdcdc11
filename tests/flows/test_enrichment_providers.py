"""Providers that other plugins add to the enrichment of contacts."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import ContactChanges, Contacts
from crm_enrichment.contract import Enrichment, Proposals, Run
from meishi.app import create_app
from meishi.sdk.context import service
from meishi.testing.packages import plugin_packages
from meishi.testing.types import Location, Settings, WorkspaceUnderTest

PLUGIN = """
from datetime import datetime
from pathlib import Path
from meishi.sdk.plugin import hookimpl
meanwhile = None
def look_up(subjects):
    from crm_enrichment.contract import Field, Finding
    if meanwhile is not None:
        meanwhile()
    if Path(__file__).with_name("broken").exists():
        raise RuntimeError("no register today: " + subjects[0].note)
    if Path(__file__).with_name("odd").exists():
        return Path(__file__).with_name("odd").read_text().split() or None
    until = Path(__file__).with_name("until")
    expires_at = datetime.fromisoformat(until.read_text()) if until.exists() else None
    return tuple(
        Finding(contact_id=subject.contact_id, field=Field.ORGANISATION, value="Register AB",
                source="register", confidence=0.6, expires_at=expires_at)
        for subject in subjects
    )
@hookimpl(optionalhook=True)
def enrichment_providers():
    from crm_enrichment.contract import Field, Input, Method, Provider
    return [Provider(name="register", title="Register", inputs=frozenset({Input.NOTE}),
        outputs=frozenset({Field.ORGANISATION}), method=Method.REMOTE, lookup=look_up)]
"""


class Registered:
    """An application with a provider of another plugin, which can be broken."""

    def __init__(self, host: Any, workspace: UUID, folder: Path) -> None:
        self._host = host
        self._workspace = workspace
        self.broken = folder / "broken"
        self.odd = folder / "odd"
        self.until = folder / "until"

    def contact(self, client: FlaskClient, headers: dict[str, str], **fields: Any) -> str:
        """Make a contact, and return its id."""
        draft = {"name": {"full": "Anna Lindqvist"}, **fields}
        made = client.post("/api/v1/contacts", json=draft, headers=headers).json
        assert made is not None
        return str(made["id"])

    def edit(self, contact_id: str, changes: ContactChanges) -> None:
        """Change a contact as somebody who types."""
        with self._host.scope(workspace=self._workspace, plugin="crm_contacts"):
            service(Contacts).update(UUID(contact_id), changes)

    def run(self, contact_id: str) -> Run:
        """Ask all providers about a contact."""
        with self._host.scope(workspace=self._workspace, plugin="crm_enrichment"):
            return service(Enrichment).run((UUID(contact_id),))

    def meanwhile(self, happens: Callable[[], object] | None) -> None:
        """Have something happen, in another thread, whenever the provider is asked."""

        def happen() -> None:
            assert happens is not None
            with ThreadPoolExecutor(1) as pool:
                pool.submit(happens).result()

        plugin = importlib.import_module("register.plugin")
        plugin.__dict__["meanwhile"] = happens and happen

    def waiting(self, contact_id: str) -> set[tuple[str, str]]:
        """Return what waits for a contact, and who has found it."""
        with self._host.scope(workspace=self._workspace, plugin="crm_enrichment"):
            page = service(Proposals).page(contact_id=UUID(contact_id))
        return {(item.provider, item.value) for item in page.items if item.state == "proposed"}


@pytest.fixture
def registered(
    tmp_path: Path, meishi_settings: Settings, database: Location, workspace: WorkspaceUnderTest
) -> Iterator[Registered]:
    """An application that has the provider, on the database of the test."""
    with plugin_packages(tmp_path) as packages:
        folder = packages.add("register", plugin=PLUGIN, after={"crm_enrichment": ">=0"})
        plugins = ("crm_contacts", "crm_enrichment", "register")
        app = create_app(replace(meishi_settings, plugins=plugins), location=database)
        try:
            yield Registered(app.extensions["meishi"], workspace.id, folder)
        finally:
            app.extensions["meishi"].close()


def test_a_provider_that_fails_costs_nobody_else(
    registered: Registered,
    client: FlaskClient,
    workspace: WorkspaceUnderTest,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The report names it, the log does without what it was told, and what waited stays."""
    said = ("register.register", "Register AB")
    contact = registered.contact(client, workspace.headers, note="a secret", title="CEO")
    assert registered.run(contact).failed == ()
    assert said in registered.waiting(contact)
    registered.broken.touch()
    registered.edit(contact, ContactChanges(title="Head of Sales"))
    assert registered.run(contact).failed == ("register.register",)
    assert {said, ("crm_enrichment.title", "sales")} <= registered.waiting(contact)
    printed = "".join(capfd.readouterr())
    (logged,) = [line for line in printed.splitlines() if "provider_failed" in line]
    assert "secret" not in logged
    line = json.loads(logged)
    assert (line["provider"], line["plugin"]) == ("register.register", "register")
    assert (line["level"], line["error"]) == ("warning", "RuntimeError")


@pytest.mark.parametrize("answer", ["", "Register AB"], ids=["nothing", "words"])
def test_a_provider_that_answers_nonsense_costs_nobody_else(
    registered: Registered, client: FlaskClient, workspace: WorkspaceUnderTest, answer: str
) -> None:
    """It is named as one that failed, and what the others find waits."""
    registered.odd.write_text(answer)
    contact = registered.contact(client, workspace.headers, note="something", title="CEO")
    assert registered.run(contact).failed == ("register.register",)
    assert registered.waiting(contact) == {
        ("crm_enrichment.title", "c_level"),
        ("crm_enrichment.title", "executive"),
    }


def test_what_has_expired_is_not_taken_over(
    registered: Registered, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """It neither changes a contact without anybody knowing why, nor waits for who cannot apply it.

    Until then it is taken over, and marked.
    """
    headers = {**workspace.headers, "If-Match": "*", "Content-Type": "application/merge-patch+json"}
    wanted = {"values": {"mode": "apply", "threshold": 0.5}}
    done = client.patch("/api/v1/settings/crm_enrichment", json=wanted, headers=headers)
    assert done.status_code == 200, done.text
    for until, organisation, applied in (
        ("2020-01-31T00:00:00+00:00", None, 0),
        ("2999-01-31T00:00:00+00:00", "Register AB", 1),
    ):
        registered.until.write_text(until)
        contact = registered.contact(client, workspace.headers, note="something")
        assert registered.run(contact).applied == applied
        read = client.get(f"/api/v1/contacts/{contact}", headers=workspace.headers).json
        assert read is not None
        assert read["organisation"] == organisation
        marks = (read["extensions"]["crm_enrichment"] or {"applied": []})["applied"]
        assert [mark["value"] for mark in marks] == ["Register AB"] * applied
        assert registered.waiting(contact) == set()


def test_who_is_not_asked_any_more_has_said_nothing(
    registered: Registered, client: FlaskClient, workspace: WorkspaceUnderTest
) -> None:
    """What waits for a contact without anything that the provider reads waits no more."""
    contact = registered.contact(client, workspace.headers, note="something")
    registered.run(contact)
    registered.edit(contact, ContactChanges(note=None))
    registered.run(contact)
    assert registered.waiting(contact) == set()


@pytest.mark.parametrize("decision", ["apply", "revert"])
def test_what_is_decided_while_providers_are_asked_holds(
    registered: Registered, client: FlaskClient, workspace: WorkspaceUnderTest, decision: str
) -> None:
    """What was read of a contact before takes no mark away, nor proposes anything again."""
    contact = registered.contact(client, workspace.headers, note="something")
    registered.run(contact)
    path = f"/api/v1/enrichment/proposals?filter[contact_id][eq]={contact}"
    asked = client.get(path, headers=workspace.headers).json
    assert asked is not None
    (proposal,) = asked["items"]

    def decide(decision: str) -> None:
        address = f"/api/v1/enrichment/proposals/{proposal['id']}/{decision}"
        done = client.application.test_client().post(address, headers=workspace.headers)
        assert done.status_code == 200, done.text

    if decision == "revert":
        decide("apply")
    registered.meanwhile(lambda: decide(decision))
    assert registered.run(contact).failed == ()
    registered.meanwhile(None)
    for _ in range(2):
        read = client.get(f"/api/v1/contacts/{contact}", headers=workspace.headers).json
        assert read is not None
        marks = (read["extensions"]["crm_enrichment"] or {"applied": []})["applied"]
        assert [mark["value"] for mark in marks] == ["Register AB"] * (decision == "apply")
        assert read["organisation"] == ("Register AB" if decision == "apply" else None)
        assert registered.waiting(contact) == set()
        registered.run(contact)
    if decision == "apply":
        decide("revert")
