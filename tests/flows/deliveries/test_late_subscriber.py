"""A subscriber that comes late has, after its backfill, what it would have had from the start."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from tests.flows.deliveries.systems import System, end, ending
from tests.processes import wait_until

from crm_contacts.contract import ContactChanges, Contacts, SourceCard
from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.host import Host
from meishi.settings import Settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import found_workspace
from meishi.testing.packages import PluginPackages, plugin_packages

#: Contacts, how often each of them is imported, and how many in one unit of work.
CONTACTS, IMPORTS, CHUNK = 2_500, 4, 250

_MODELS = """
from sqlalchemy import Column, Integer, PrimaryKeyConstraint, Table, Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("{name}")
entry = Table(
    "entry", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("contact_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "contact_id", name="entry_pkey"),
)
"""

_REVISION = """
from alembic import op
revision = "{name}_0001"
down_revision = None

def upgrade():
    op.execute("CREATE TABLE {name}.entry (workspace_id uuid NOT NULL, contact_id uuid NOT NULL,"
               " version integer NOT NULL,"
               " CONSTRAINT entry_pkey PRIMARY KEY (workspace_id, contact_id))")

def downgrade():
    op.execute("DROP TABLE {name}.entry")
"""

_PLUGIN = '''
from uuid import UUID
from crm_contacts.contract import (
    ContactCreated, ContactDeleted, ContactNotFound, ContactRestored, Contacts, ContactUpdated,
)
from meishi.sdk.context import current_workspace, service
from meishi.sdk.database import execute
from meishi.sdk.plugin import Migrations, Schemas, Subscription, hookimpl, on
from {name}.models import metadata

_KEEP = """
    INSERT INTO {name}.entry (workspace_id, contact_id, version)
    VALUES (%(workspace)s, %(contact)s, %(version)s)
    ON CONFLICT (workspace_id, contact_id) DO UPDATE SET version = excluded.version
"""
_FORGET = "DELETE FROM {name}.entry WHERE contact_id = %(contact)s"

def keep(contact):
    execute(_KEEP, {{"workspace": current_workspace(), "contact": contact.id,
                    "version": contact.version}})

def follow(events):
    """Read each contact that has changed as it is now."""
    for contact_id in dict.fromkeys(event.contact_id for event in events):
        try:
            keep(service(Contacts).get(contact_id))
        except ContactNotFound:
            execute(_FORGET, {{"contact": contact_id}})

def fill(place):
    """Read a page of all contacts."""
    after = None if place is None else UUID(place)
    page = service(Contacts).list(after=after, limit=200)
    for contact in page.items:
        keep(contact)
    return None if page.next_after is None else str(page.next_after)

@hookimpl
def schemas():
    return Schemas(db=metadata)

@hookimpl
def migrations():
    return Migrations("{name}.migrations.versions")

@hookimpl
def event_handlers():
    subscription = Subscription(backfill={backfill})
    return [
        on(event, follow, subscription=subscription)
        for event in (ContactCreated, ContactUpdated, ContactDeleted, ContactRestored)
    ]
'''

EARLY, LATE = "early", "late"
OWNER = "SELECT id, version FROM crm_contacts.contact WHERE deleted_at IS NULL ORDER BY id"


def _write_subscriber(packages: PluginPackages, name: str, backfill: str) -> None:
    files = {
        "models.py": _MODELS.format(name=name),
        "migrations/__init__.py": "",
        "migrations/versions/__init__.py": "",
        "migrations/versions/r0001.py": _REVISION.format(name=name),
    }
    kinds = ("created", "updated", "deleted", "restored")
    packages.add(
        name,
        plugin=_PLUGIN.format(name=name, backfill=backfill),
        files=files,
        requires={"crm_contacts": "*"},
        events={"consumes": [f"contact.{kind}.v1" for kind in kinds]},
    )


@pytest.fixture
def owner(
    meishi_server: EmbeddedPostgres, meishi_settings: Settings, tmp_path: Path
) -> Iterator[tuple[Host, System]]:
    """Contacts and a subscriber of the first hour; the late one is only there to be installed."""
    settings = replace(meishi_settings, deployment="lateness", plugins=("crm_contacts", EARLY))
    home, said = tmp_path / "home", tmp_path / "said.log"
    folder = tmp_path / "packages"
    folder.mkdir()
    with plugin_packages(folder) as packages, said.open("w+b") as log:
        _write_subscriber(packages, EARLY, "None")
        _write_subscriber(packages, LATE, "fill")
        with TestDatabases(meishi_server, settings).clone() as location:
            host: Host = create_app(settings, location=location).extensions["meishi"]
            environment = {
                "PYTHONPATH": str(folder),
                "MEISHI_PLUGINS": f"crm_contacts,{EARLY}",
                "MEISHI_DEPLOYMENT": "lateness",
                "MEISHI_DATABASE_URL": location.runtime_url,
                "MEISHI_DATABASE_ADMIN_URL": location.administrator_url(),
                "MEISHI_BOOT_POLICY": "strict",
            }
            with ending(home, log):
                yield host, System(home, environment, location.administrator_url(), log)
                host.close()


def test_a_late_subscriber_catches_up_while_changes_go_on(owner: tuple[Host, System]) -> None:
    """Its table is the owner's, and that of a subscriber who has listened from the start."""
    host, system = owner
    workspace = found_workspace(host, "one").id
    worker = system.start("worker")
    wait_until(lambda: _state(system, EARLY) == "live", "the first subscriber listens")
    for number in range(IMPORTS):
        for first in range(0, CONTACTS, CHUNK):
            _import(host, workspace, range(first, first + CHUNK), number)
    assert _published(system) == CONTACTS * IMPORTS
    assert end(worker) == 0

    with_late = f"crm_contacts,{EARLY},{LATE}"
    system.run("db", "upgrade", MEISHI_PLUGINS=with_late)
    changing = threading.Event()
    writer = threading.Thread(target=_change, args=(host, workspace, changing))
    writer.start()
    worker = system.start("worker", MEISHI_PLUGINS=with_late)
    wait_until(lambda: _state(system, LATE) == "live", "its backfill is complete")
    before = _published(system)
    wait_until(lambda: _published(system) >= before + 50, "changes go on")
    changing.set()
    writer.join()
    assert _published(system) > CONTACTS * IMPORTS + 50

    contacts = system.rows(OWNER)
    for name in (LATE, EARLY):
        entries = f"SELECT contact_id, version FROM {name}.entry ORDER BY contact_id"
        wait_until(lambda query=entries: system.rows(query) == contacts, f"{name} is up to date")  # type: ignore[misc]
    assert system.rows("SELECT subscription, error FROM meishi_events.parked") == []
    assert end(worker) == 0


def _state(system: System, name: str) -> str:
    query = "SELECT coalesce(max(state), '') FROM meishi_events.subscription WHERE plugin = %s"
    return str(system.rows(query, [name])[0][0])


def _published(system: System) -> int:
    query = "SELECT count(*) FROM meishi_events.event WHERE type LIKE 'contact.%%'"
    return int(system.rows(query, [])[0][0])


def _import(host: Host, workspace: UUID, numbers: range, round_: int) -> None:
    """Import contacts; each time, every card says something new of its person."""
    cards = tuple(
        SourceCard(
            index=index,
            line=index,
            content=(
                f"BEGIN:VCARD\r\nVERSION:4.0\r\nUID:person-{number}\r\nFN:Person {number}\r\n"
                f"EMAIL:person{number}@example-{round_}.org\r\nEND:VCARD\r\n"
            ).encode(),
        )
        for index, number in enumerate(numbers)
    )
    with host.scope(workspace=workspace):
        outcomes = host.service(Contacts).import_cards(cards)
    assert len(outcomes) == len(numbers)


def _change(host: Host, workspace: UUID, stop: threading.Event) -> None:
    """Change, delete and restore contacts until told to stop; one of them is gone in the end."""
    with host.scope(workspace=workspace):
        page = host.service(Contacts).list(limit=200)
    number = 0
    while not stop.wait(0.005):
        contact = page.items[number * 7 % len(page.items)]
        with host.scope(workspace=workspace):
            contacts = host.service(Contacts)
            if number % 5 == 3:
                contacts.delete(contact.id)
            elif number % 5 == 4:
                contacts.restore(page.items[(number - 1) * 7 % len(page.items)].id)
            else:
                contacts.restore(contact.id)
                contacts.update(contact.id, ContactChanges(title=f"Title {number}"))
        number += 1
    with host.scope(workspace=workspace):
        contacts = host.service(Contacts)
        contacts.restore(page.items[0].id)
        contacts.delete(page.items[0].id)
