"""Timelines of contacts: their changes and notes, and what plugins tell that nobody here knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from crm_contacts.contract import (
    ContactDraft,
    Contacts,
    ContactsRelated,
    Happening,
    Merges,
    Name,
    TimelineEntry,
    Timelines,
    TimelineSource,
)
from meishi.sdk.context import Actor, service
from meishi.testing.applications import TestApplication, application_of_packages
from meishi.testing.browsing import Browser
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import PluginPackages
from meishi.testing.types import EmbeddedPostgres, Settings

from .conftest import CONTACTS, ContactsClient
from .test_contact_history import ANNA, Histories

PLUGIN = """
from dataclasses import dataclass
from meishi.sdk.context import publish
from meishi.sdk.plugin import *
from sittings.contract import PortraitTaken, Portraits

class PortraitService:
    def __init__(self, context):
        pass
    def take(self, contact_ids, style):
        publish(PortraitTaken(portrait_id=contact_ids[0], sitters=contact_ids, style=style))

@hookimpl
def event_types():
    return [PortraitTaken]

@hookimpl
def services():
    return [Service(Portraits, PortraitService)]

@hookimpl
def permissions():
    return [Permission(name="see", title="See portraits", roles=(Role.OWNER,))]

@hookimpl(optionalhook=True)
def contacts_timeline_sources():
    from crm_contacts.contract import TimelineSource
    return [
        TimelineSource(
            name="portrait_taken", title="Sat for a portrait", event=PortraitTaken,
            contacts=("sitters",), permission="sittings.see", details=("style",),
        )
    ]
"""
CONTRACT = '''
from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID
from meishi.sdk.contract import Event, command

@dataclass(frozen=True, slots=True, kw_only=True)
class PortraitTaken(Event):
    """Somebody sat for a portrait."""
    event_type: ClassVar[str] = "portrait.taken.v1"
    subject: ClassVar[str] = "portrait_id"
    portrait_id: UUID
    sitters: tuple[UUID, ...]
    style: str

class Portraits(Protocol):
    """Portraits."""
    @command()
    def take(self, contact_ids: tuple[UUID, ...], style: str) -> None:
        """Take one."""
        ...
'''


@pytest.fixture(scope="module")
def with_sittings(
    meishi_server: EmbeddedPostgres,
    meishi_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[TestApplication]:
    """An application with a plugin of which the contact service knows nothing."""

    def write(packages: PluginPackages) -> None:
        packages.add(
            "sittings",
            plugin=PLUGIN,
            files={"contract.py": CONTRACT},
            requires={"crm_contacts": ">=0"},
            events={"emits": ["portrait.taken.v1"]},
        )

    settings = replace(meishi_settings, deployment="sittings", plugins=("crm_contacts", "sittings"))
    folder = tmp_path_factory.mktemp("packages")
    with application_of_packages(meishi_server, settings, folder, write) as found:
        yield found


@pytest.fixture
def here(with_sittings: TestApplication) -> Iterator[WorkspaceUnderTest]:
    """A workspace of that application."""
    with with_sittings.lent():
        yield found_workspace(with_sittings.host, "one")


@pytest.fixture
def histories(contacts: ContactsClient) -> Histories:
    """The histories of the workspace."""
    return Histories(contacts)


def told(histories: Histories, contact_id: str, limit: int = 50) -> list[dict[str, Any]]:
    """Return a timeline over HTTP, page by page."""
    asked, found = {"limit": str(limit)}, list[dict[str, Any]]()
    while True:
        answer = histories.send("GET", f"/{contact_id}/timeline", query_string=asked)
        assert answer.status_code == 200, answer.text
        page = answer.json or {}
        found += page["items"]
        if page["next_after"] is None:
            return found
        asked["after"] = page["next_after"]


def test_a_timeline_tells_changes_notes_and_relationships(
    contacts: ContactsClient, histories: Histories
) -> None:
    """Newest first, with the fields that changed and where the change came from; page by page."""
    contacts.register()
    anna, bo = contacts.create(ANNA)["id"], contacts.create({"name": {"full": "Bo"}})["id"]
    histories.change(anna, title="Boss", note="N")
    assert histories.send("POST", f"/{anna}/notes", json={"text": "Met"}).status_code == 201
    related = {"target_id": bo, "type": "friend"}
    assert histories.send("POST", f"/{anna}/relationships", json=related).status_code == 201
    contacts.run_jobs()
    found = told(histories, anna)
    assert [item["kind"] for item in found] == ["related", "noted", "updated", "created"]
    assert found == told(histories, anna, limit=1)
    assert found[0]["details"] == [{"name": "type", "value": "friend"}]
    assert found[0]["title"] == "Is related to somebody"
    assert found[2]["details"] == [
        {"name": "source", "value": "user"},
        {"name": "field", "value": "title"},
        {"name": "field", "value": "note"},
    ]
    assert all(item["actor_id"] == found[0]["actor_id"] is not None for item in found)
    assert [item["kind"] for item in told(histories, bo)] == ["related", "created"]


def test_a_merged_contact_goes_on_in_the_timeline_of_the_other(
    contacts: ContactsClient, histories: Histories
) -> None:
    """Its own address leads there; deleted and unknown contacts have none."""
    anna, twin = (contacts.create(ANNA)["id"] for _ in range(2))
    histories.change(twin, role="Lead")
    histories.merge(anna, twin)
    kinds = [(item["contact_id"], item["kind"]) for item in told(histories, anna)]
    assert kinds == [
        (anna, "updated"), (twin, "deleted"), (twin, "updated"), (twin, "created"),
        (anna, "created"),
    ]  # fmt: skip
    answer = histories.send("GET", f"/{twin}/timeline")
    assert (answer.status_code, answer.headers["Location"]) == (
        301, f"{CONTACTS}/{anna}/timeline",
    )  # fmt: skip
    histories.send("DELETE", f"/{anna}", headers={"If-Match": "*"})
    for contact_id in (anna, str(uuid4())):
        assert histories.send("GET", f"/{contact_id}/timeline").status_code == 404


@pytest.mark.parametrize("limit", [1, 2, 50])
def test_what_happened_between_two_who_are_one_now_is_told_once(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest, limit: int
) -> None:
    """However the pages part it: an event is about both, and nothing behind it is left out."""
    anna, twin = (contacts.create(ANNA)["id"] for _ in range(2))
    histories.merge(anna, twin)
    kinds = [item["kind"] for item in told(histories, anna)]
    both = [happening(UUID(anna), UUID(twin)) for _ in range(3)]
    with workspace.acting_as("crm_contacts"):
        service(Timelines).record("related", tuple(both))
    found = told(histories, anna, limit=limit)
    assert len({item["id"] for item in found}) == len(found)
    assert sorted(item["kind"] for item in found) == sorted([*kinds, *["related"] * 3])


def test_nobody_sees_the_timeline_of_another_workspace(
    contacts: ContactsClient, histories: Histories, other_workspace: WorkspaceUnderTest
) -> None:
    """Nor writes to it: what is recorded about a stranger's contact is about nobody."""
    anna = contacts.create(ANNA)["id"]
    stranger = Histories(contacts.of(other_workspace))
    assert stranger.send("GET", f"/{anna}/timeline").status_code == 404
    with other_workspace.acting_as("crm_contacts"):
        service(Timelines).record("related", (happening(UUID(anna)),))
    assert [item["kind"] for item in told(histories, anna)] == ["created"]


def happening(*contact_ids: UUID) -> Happening:
    """Return an event about contacts."""
    return Happening(
        id=uuid4(),
        at=datetime.now(UTC),
        actor_id=None,
        plugin="crm_contacts",
        contact_ids=contact_ids,
        details=(("type", "friend"),),
    )


def entries(here: WorkspaceUnderTest, contact_id: UUID) -> list[TimelineEntry]:
    """Return a timeline."""
    with here.acting_as("crm_contacts"):
        return list(service(Timelines).list(contact_id).items)


def test_a_plugin_tells_what_nobody_here_knows(
    here: WorkspaceUnderTest, with_sittings: TestApplication
) -> None:
    """By its hook alone; for each contact that the event names, once however often it comes."""
    from sittings.contract import Portraits  # type: ignore[import-not-found]

    deliver = EventDeliveries(with_sittings.host)
    deliver.register()
    with here.acting_as("sittings"):
        anna, bo, cy = (
            service(Contacts).create(ContactDraft(name=Name(full=name))).id
            for name in ("A", "B", "C")
        )
        service(Portraits).take((anna, bo), "Oil")
    deliver()
    for contact_id in (anna, bo):
        entry = entries(here, contact_id)[0]
        assert (entry.kind, entry.title, entry.plugin) == (
            "portrait_taken", "Sat for a portrait", "sittings",
        )  # fmt: skip
        assert entry.details == (("style", "Oil"),)
    again = Happening(
        id=entry.id, at=entry.at, actor_id=None, plugin="sittings", contact_ids=(bo,), details=()
    )
    with here.acting_as("crm_contacts"):
        service(Timelines).record("portrait_taken", (again,))
    assert [item.kind for item in entries(here, bo)] == ["portrait_taken", "created"]
    assert [item.kind for item in entries(here, cy)] == ["created"]


def test_only_who_may_see_it_is_told_what_others_tell(here: WorkspaceUnderTest) -> None:
    """And what nobody declares any more, as its plugin is off, is not told at all."""
    with here.acting_as("crm_contacts"):
        anna = service(Contacts).create(ContactDraft(name=Name(full="Anna"))).id
        for source in ("portrait_taken", "of_a_module_that_is_off", "related"):
            service(Timelines).record(source, (happening(anna),))
    assert {item.kind for item in entries(here, anna)} == {"created", "portrait_taken", "related"}
    for may, kinds in (
        ({"contacts.read"}, {"created", "related"}),
        ({"contacts.read", "sittings.see"}, {"created", "related", "portrait_taken"}),
    ):
        actor = Actor(user_id=uuid4(), permissions=frozenset(may))
        with here.host.scope(workspace=here.id, plugin="crm_contacts", actor=actor):
            found = service(Timelines).list(anna).items
        assert {item.kind for item in found} == kinds


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": "created"}, "must not be called 'created'"),
        ({"name": "A b"}, "must not be called 'A b'"),
        ({"contacts": ("nobody",)}, "has no field 'nobody'"),
        ({"details": ("nothing",)}, "has no field 'nothing'"),
        ({"contacts": ()}, "must name contacts"),
    ],
)
def test_a_source_that_could_not_be_shown_is_refused(wrong: dict[str, Any], said: str) -> None:
    """When it is made, with what is wrong about it."""
    fine: dict[str, Any] = {
        "name": "fine", "title": "Fine", "event": ContactsRelated,
        "contacts": ("source_id",), "permission": "contacts.read",
    }  # fmt: skip
    assert TimelineSource(**fine).details == ()
    with pytest.raises(ValueError, match=said):
        TimelineSource(**fine | wrong)


@pytest.mark.inside
def test_what_is_told_ends_with_the_person(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """They are told of it when they ask; and what comes late about them is not kept."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    anna = UUID(contacts.create(ANNA)["id"])
    subject = DataSubject(contact_ids=(anna,), emails=("anna@ek.example",), phones=())
    count = "SELECT count(*) FROM crm_contacts.timeline_entry"
    with workspace.acting_as("crm_contacts"):
        service(Timelines).record("related", (happening(anna),))
        found = [record for record in people.export(subject) if record.kind == "timeline_entry"]
        assert len(found) == 1
        people.erase(subject)
    with workspace.acting_as("crm_contacts"):
        service(Timelines).record("related", (happening(anna),))
    with workspace.acting_as("crm_contacts"):
        assert execute(count) == [(0,)]
        assert service(Merges).merged_into(anna) is None


def test_the_page_of_a_contact_shows_what_happened(
    signed_in: Browser, contacts: ContactsClient, histories: Histories
) -> None:
    """In words, and the whole of it on a page of its own."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss", tags=[])
    histories.send("POST", f"/{anna}/notes", json={"text": "Met"})
    page = signed_in.get(f"/contacts/{anna}")
    assert page.status_code == 200
    assert f'href="/contacts/{anna}/timeline"' in page.text
    for text in (page.text, signed_in.get(f"/contacts/{anna}/timeline").text):
        for said in ("Changed by hand: Title, Tags", "Note added", "Created by hand"):
            assert said in text
