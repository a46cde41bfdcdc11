"""What the log holds after the flows of the web API is what the classes of its events declare."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from PIL import Image

from meishi.host import Host
from meishi.testing.conformance import event_log_findings
from meishi.testing.jobs import JobRuns
from meishi.testing.packages import PluginPackages
from meishi.testing.types import Location, WorkspaceUnderTest

from .conftest import Bench

CONTACTS = "/api/v1/contacts"
CARDS = "/api/v1/qr/cards"
CODES = "/api/v1/qr/codes"
OPERATIONS = "/api/v1/operations"
IDENTITY = "/api/v1/identity"
SETTINGS = "/api/v1/settings"
ENRICHMENT = "/api/v1/enrichment"
VIRAL = "/api/v1/viral"

#: What happens otherwise than over the web API, or takes a second person.
ELSEWHERE = {
    "contact.erased.v1",
    "member.joined.v1",
    "member.left.v1",
    "member.role_changed.v1",
    "card.exchanged.v1",
    "exchange.recorded.v1",
    "user.signed_up.v1",
    "workspace.founded.v1",
    "referral.arrived.v1",
    "referral.converted.v1",
    "referral.recognised.v1",
    "referral.referee_settled.v1",
    "referral.reversal_recognised.v1",
    "referral.reversed.v1",
    "referral.reward_recognised.v1",
    "referral.reward_due.v1",
    "referral.reward_revoked.v1",
    "referral.rewarded.v1",
    "tie.found.v1",
    "tie.strengthened.v1",
}


class Author:
    """Somebody who works through the web API; every answer must be a success."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self._client = client
        self._headers = workspace.headers

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Send a request and return the answer's document."""
        headers = {**self._headers, **options.pop("headers", {})}
        answer = self._client.open(path, method=method, headers=headers, **options)
        assert answer.status_code < 400, answer.text
        return answer.json if answer.data else None

    def change(self, method: str, path: str, **options: Any) -> Any:
        """Send a request that is meant for any version."""
        return self.send(method, path, headers={"If-Match": "*"}, **options)

    def visit(self, address: str) -> None:
        """Open a public page, as somebody without a token."""
        path = address.partition("://")[2].partition("/")[2]
        browser = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"}
        assert self._client.get(f"/{path}", headers=browser).status_code < 400


@pytest.fixture
def author(client: FlaskClient, workspace: WorkspaceUnderTest) -> Author:
    """The owner of the workspace."""
    return Author(client, workspace)


def create_and_delete(author: Author) -> str:
    """Create a contact and delete it; return its path."""
    contact = author.send("POST", CONTACTS, json={"name": {"full": "Łukasz 名刺"}})
    path = f"{CONTACTS}/{contact['id']}"
    author.change("DELETE", path)
    return path


def work_through_the_api(author: Author, run_jobs: JobRuns) -> None:
    """Do everything that the first-party API lets happen."""
    path = create_and_delete(author)
    contact = author.send("POST", f"{path}/restore")
    author.change("PATCH", path, json={"note": "\U0001f40d", "title": "Chef"})
    twin = author.send("POST", CONTACTS, json={"name": {"full": "Łukasz 名刺"}})
    double = {"target_id": twin["id"], "type": "me"}
    found = author.send("POST", f"{path}/relationships", json=double)
    author.change("DELETE", f"{CONTACTS}/relationships/{found['id']}")
    author.send("POST", f"{path}/merge", json={"merged_ids": [twin["id"]]})
    author.send("POST", f"{CONTACTS}/{twin['id']}/unmerge")
    author.change("PUT", f"{path}/consents/email", json={"state": "granted"})
    photo = BytesIO()
    Image.new("RGB", (8, 8)).save(photo, "PNG")
    author.send("PUT", f"{path}/photo", data=photo.getvalue(), content_type="image/png")
    card = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann\r\nEND:VCARD\r\n"
    book = author.send("POST", f"{CONTACTS}/imports", data=card, content_type="text/vcard")
    run = author.send("POST", f"{CONTACTS}/imports/{book['id']}/run")
    author.send("POST", f"{OPERATIONS}/{run['id']}/cancel")
    author.send("POST", f"{CONTACTS}/imports/{book['id']}/run")
    run_jobs()
    author.change("PATCH", f"{SETTINGS}/crm_contacts", json={"values": {"default_region": "SE"}})
    draft = {"name": "other", "days": 7, "scopes": ["contacts.read"]}
    token = author.send("POST", f"{IDENTITY}/tokens", json=draft)
    author.send("DELETE", f"{IDENTITY}/tokens/{token['id']}")
    guest = author.send("POST", f"{IDENTITY}/invitations", json={"email": "eve@example.com"})
    author.send("DELETE", f"{IDENTITY}/invitations/{guest['id']}")
    shown = author.send("POST", CARDS, json={"contact_id": contact["id"]})
    code = author.send("POST", CODES, json={"card_id": shown["id"], "kind": "dynamic"})
    for address in (code["content"], shown["page_url"], f"{shown['page_url']}/card.vcf"):
        author.visit(address)
    decide(author, contact["id"])
    rules = {"name": "Friends", "starts_at": "2026-01-01T00:00:00Z"}
    programme = author.send("POST", f"{VIRAL}/programmes", json=rules)
    link = author.send("POST", f"{VIRAL}/links", json={"programme_id": programme["id"]})
    author.visit(link["url"])


def decide(author: Author, contact: str) -> None:
    """Have more found about a contact; take it over and back, and turn it down."""
    author.change("PATCH", f"{CONTACTS}/{contact}", json={"title": "Head of Sales"})
    author.send("POST", f"{ENRICHMENT}/runs", json={"contact_ids": [contact]})
    one, other = author.send("GET", f"{ENRICHMENT}/proposals")["items"][:2]
    for turn in ("apply", "revert"):
        author.change("POST", f"{ENRICHMENT}/proposals/{one['id']}/{turn}")
    author.change("POST", f"{ENRICHMENT}/proposals/{other['id']}/reject")


def test_every_declared_type_is_logged_as_it_is_declared(
    author: Author, host: Host, database: Location, run_jobs: JobRuns
) -> None:
    """Source, version, subject and payload of each event agree with its class."""
    declared = {
        event.event_type
        for contribution in host.plugins.active()
        for event in contribution.event_types
    }
    work_through_the_api(author, run_jobs)
    with psycopg.connect(database.administrator_url()) as admin:
        logged = admin.execute("SELECT DISTINCT type FROM meishi_events.event").fetchall()
    assert {event_type for (event_type,) in logged} == declared - ELSEWHERE
    assert [str(item) for item in event_log_findings(database, host.plugins)] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("type = 'contact.forgotten.v1'", "nobody declares this type."),
        ("source = 'qr'", "its source is qr, its owner crm_contacts."),
        ("version = 2", "its version is 2, unlike that of its type."),
        ("data = data - 'contact_id'", "its payload is not of ContactDeleted: "),
        ("data = jsonb_set(data, '{contact_id}', '7')", "its payload is not of ContactDeleted: "),
        ('data = data || \'{"name": "Ann"}\'', "its payload says more than ContactDeleted."),
        ("subject = 'x'", "its subject is x and its key "),
        ("key = 'x'", "its subject is "),
    ],
)
def test_an_event_that_is_not_as_declared_is_named(
    author: Author, host: Host, database: Location, change: str, message: str
) -> None:
    """Type and id of the event are told, with what is wrong."""
    create_and_delete(author)
    with psycopg.connect(database.administrator_url()) as admin:
        statement = f"UPDATE meishi_events.event SET {change} WHERE type = 'contact.deleted.v1'"
        assert admin.execute(statement.encode()).rowcount == 1
    (finding,) = event_log_findings(database, host.plugins)
    assert message in finding.message
    assert finding.remedy


VERSIONS = """
from dataclasses import dataclass
from meishi.sdk.contract import Event
from meishi.sdk.plugin import hookimpl
@dataclass(frozen=True)
class Opened(Event):
    event_type = "kiosk.opened.v2"
    subject = "shop"
    shop: str
@dataclass(frozen=True)
class OpenedV1(Event):
    event_type = "kiosk.opened.v1"
    subject = "shop"
    shop: str
    street: str
    def upcast(self) -> Opened:
        return {becomes}
@hookimpl
def event_types(): return [Opened, OpenedV1]
"""


@pytest.mark.parametrize(
    ("becomes", "message"),
    [
        ("Opened(self.shop)", None),
        ("Opened(self.street)", "which is about something else."),
        ("Opened({}[self.shop])", "does not become kiosk.opened.v2: it raises KeyError('a')."),
    ],
)
def test_an_old_event_must_become_a_sound_new_one(
    packages: PluginPackages,
    bench_of: Bench,
    database: Location,
    becomes: str,
    message: str | None,
) -> None:
    """What was stored before a class was replaced is read by the class that replaced it."""
    code = VERSIONS.replace("{becomes}", becomes)
    packages.add("kiosk", plugin=code, events={"emits": ["kiosk.opened.v2"]})
    with psycopg.connect(database.administrator_url()) as admin:
        admin.execute(
            "INSERT INTO meishi_events.event "
            "(id, source, type, version, subject, key, slot, trace, data) VALUES "
            "(gen_random_uuid(), 'kiosk', 'kiosk.opened.v1', 1, 'a', 'a', 0, '{}', %s)",
            ['{"shop": "a", "street": "b"}'],
        )
    plugins = bench_of("kiosk").plugins
    found = [item.message for item in event_log_findings(database, plugins)]
    assert [bool(message and message in item) for item in found] == [True] * bool(message), found
