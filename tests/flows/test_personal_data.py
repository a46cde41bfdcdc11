"""What is known of a person across plugins: shown whole, erased whole, and not reborn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql

from meishi.core.identity.contract import (
    LastOwner,
    People,
    Suppressions,
    Tokens,
    Workspace,
    Workspaces,
)
from meishi.declarations import DataSubject, ErasureReport, PersonalData
from meishi.personal_data.archive import export_to
from meishi.personal_data.requests import Person, PersonalDataRequest
from meishi.sdk import mails
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns
from meishi.testing.types import Host, Location

EMAIL = "Zelda.Quux@Example.org"
PHONE = "+46701234567"
WRITTEN = "+46 70-123 45 67"
#: What nobody else has: none of it is anywhere when the person is erased.
TRACES = ("zelda", "quux", PHONE, WRITTEN, "701234567")
ZELDA: dict[str, Any] = {
    "name": {"full": "Zelda Quux", "given": "Zelda", "family": "Quux"},
    "emails": [{"address": EMAIL}],
    "phones": [{"number": WRITTEN}],
    "note": "Zelda likes tea.",
    "positions": [{"organisation": "Quux Tea", "title": "Zelda's help", "end_date": "2019"}],
}
OTHER: dict[str, Any] = {"name": {"full": "Ada Byron"}, "emails": [{"address": "ada@example.org"}]}
PERSON = Person(emails=(EMAIL.lower(),), phones=(PHONE,))
CARD = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Zelda Quux\r\n"
    f"EMAIL:{EMAIL}\r\nTEL:{WRITTEN}\r\nEND:VCARD\r\n"
)
REJECT = f"BEGIN:VCARD\r\nVERSION:3.0\r\nEMAIL:{EMAIL}\r\nFN:{'Zelda ' * 400}\r\nEND:VCARD\r\n"


class Service:
    """The web API of a workspace; what should succeed is seen to succeed."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest, jobs: JobRuns) -> None:
        self._client = client
        self._headers = workspace.headers
        self._jobs = jobs

    def post(
        self, path: str, document: Any = None, status: int = 201, *, key: str | None = None
    ) -> Any:
        """Post a document, perhaps under a key, and return the answer."""
        headers = {} if key is None else {"Idempotency-Key": key}
        answer = self._client.post(
            f"/api/v1/{path}", json=document, headers=self._headers | headers
        )
        assert answer.status_code == status, answer.text
        return answer.json

    def get(self, path: str, status: int = 200) -> Any:
        """Return what is at an address."""
        answer = self._client.get(f"/api/v1/{path}", headers=self._headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def delete(self, path: str) -> None:
        """Delete what is at an address."""
        headers = self._headers | {"If-Match": "*"}
        assert self._client.delete(f"/api/v1/{path}", headers=headers).status_code == 204

    def put(self, path: str, document: Any) -> None:
        """Put a document."""
        answer = self._client.put(f"/api/v1/{path}", json=document, headers=self._headers)
        assert answer.status_code == 200, answer.text

    def upload(self, content: str, media_type: str = "text/vcard") -> str:
        """Upload an address book and return the import's id."""
        answer = self._client.post(
            "/api/v1/contacts/imports",
            data=content.encode(),
            content_type=media_type,
            headers=self._headers,
        )
        assert answer.status_code == 201, answer.text
        return str(msgspec.json.decode(answer.data)["id"])

    def run_jobs(self) -> None:
        """Have done what waits."""
        self._jobs()

    def import_(self, content: str) -> Any:
        """Import an address book to its end; return the counts and the rows."""
        return self.run(self.upload(content))

    def run(self, found: str) -> Any:
        """Have an import done; return the counts and the rows."""
        self.post(f"contacts/imports/{found}/run", status=202)
        self._jobs()
        path = f"contacts/imports/{found}"
        return self.get(path)["counts"], self.get(f"{path}/rows")["items"], found


@pytest.fixture
def api(client: FlaskClient, workspace: WorkspaceUnderTest, run_jobs: JobRuns) -> Service:
    """The web API of the workspace."""
    return Service(client, workspace, run_jobs)


def member(host: Host, workspace: WorkspaceUnderTest, database: Location) -> None:
    """Make the person a member of the workspace, with a token, and write to them."""
    user_id, plugin = host.new_id(), "identity"
    with psycopg.connect(database.administrator_url()) as server:
        server.execute(
            'INSERT INTO identity."user" (id, email, name) VALUES (%s, %s, %s)',
            [user_id, EMAIL.lower(), "Zelda Quux"],
        )
        server.execute(
            "INSERT INTO identity.membership (workspace_id, user_id, role) VALUES (%s, %s, %s)",
            [workspace.id, user_id, "member"],
        )
    with workspace.acting_as(plugin):
        host.service(Tokens).issue(user_id=user_id, name="Zelda's telephone")
        mails.send(kind="hello", to=EMAIL, name="Zelda", subject="Hello", text="Hello, Zelda.\n")


def populate(host: Host, api: Service, workspace: WorkspaceUnderTest, database: Location) -> str:
    """Leave the person wherever a deployment keeps people; return the contact's id."""
    contact = api.post("contacts", ZELDA, key="one")["id"]
    card = api.post("qr/cards", {"contact_id": contact})["id"]
    api.post("qr/codes", {"card_id": card, "label": "Zelda's door"})
    api.post("qr/codes", {"card_id": card, "kind": "dynamic"})
    api.delete(f"contacts/{api.post('contacts', ZELDA)['id']}")
    mapped(api)
    api.import_(CARD + REJECT)
    api.upload(CARD)
    other = api.post("contacts", OTHER)["id"]
    friend = {"target_id": contact, "type": "friend", "note": "Zelda's friend"}
    api.post(f"contacts/{other}/relationships", friend)
    organise(api, contact, other)
    member(host, workspace, database)
    return str(contact)


def organise(api: Service, contact: str, other: str) -> None:
    """Note of the person whatever a workspace can, and ask for them in filters."""
    api.post(f"contacts/{contact}/notes", {"text": "Zelda called."})
    field = {"key": "reach", "title": "Reach", "type": "text"}
    tag = api.post("contacts/tags", {"name": "Friend"})["id"]
    api.post("contacts/custom-fields", field)
    api.post("contacts", {**ZELDA, "custom": {"reach": EMAIL}, "tags": ["Friend"]})
    found = api.post("contacts/lists", {"name": "Guests"})["id"]
    api.post(f"contacts/lists/{found}/members", {"contact_ids": [contact, other]}, 200)
    filters = {"email": {"eq": EMAIL}}
    api.post("contacts/segments", {"name": "One", "filter": filters})
    api.post("contacts/segments", {"name": "Tea", "filter": {"name": {"prefix": "ada"}}})
    api.post("contacts/bulk-edits", {"filter": filters, "add_tags": [tag]}, 202)
    api.post("contacts/bulk-edits", {"contact_ids": [contact, other], "add_tags": [tag]}, 202)


def mapped(api: Service) -> None:
    """Import tables with a mapping, of which one has the person for a heading."""
    for heading in (EMAIL, "Where"):
        found = api.upload(f"Wer,{heading}\r\nBob,Bonn\r\n", "text/csv")
        api.put(f"contacts/imports/{found}/dialect", {"has_header": True})
        columns = [{"position": 0, "field": "nicknames"}, {"position": 1, "field": "skip"}]
        api.put(f"contacts/imports/{found}/mapping", {"columns": columns})
        api.run(found)


def traces(database: Location) -> Iterator[str]:
    """Yield every column of every table of ours in which the person still is."""
    with psycopg.connect(database.administrator_url()) as server:
        columns = server.execute(_COLUMNS).fetchall()
        for schema, table, column, octets in columns:
            shown = sql.SQL("encode({}, 'escape')" if octets else "{}::text")
            query = sql.SQL(
                "SELECT DISTINCT wanted FROM {}, unnest(%s::text[]) AS wanted"
                " WHERE position(wanted IN lower({})) > 0"
            ).format(sql.Identifier(schema, table), shown.format(sql.Identifier(column)))
            for (wanted,) in server.execute(query, [list(TRACES)]):
                yield f"{schema}.{table}.{column}: {wanted}"


def erased(host: Host, person: Person = PERSON) -> Any:
    """Erase a person, and return the report, in which nobody failed."""
    report = PersonalDataRequest(host, person).erase()
    assert report.is_complete, report
    return report


def test_of_an_erased_person_nothing_is_left_in_any_table(
    host: Host, api: Service, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """Addresses, numbers and names are in no column of any db_schema, logs and jobs included."""
    contact = populate(host, api, workspace, database)
    assert {item.partition(".")[0] for item in traces(database)} >= {
        "crm_contacts", "identity", "meishi_mails", "meishi_requests", "qr",
    }  # fmt: skip
    report = erased(host)
    assert list(traces(database)) == []
    assert {item.plugin for item in report.outcomes} == {
        "crm_contacts", "crm_enrichment", "crm_graph", "identity", "meishi_mails",
        "meishi_requests", "qr",
    }  # fmt: skip
    api.get(f"contacts/{contact}", 404)
    api.post(f"contacts/{contact}/restore", status=404)
    assert api.get("contacts?filter[deleted][eq]=true")["items"] == []
    assert [item["name"]["full"] for item in api.get("contacts")["items"]] == ["Bob", "Ada Byron"]
    assert api.get("contacts?filter[list][in]=guests&total=true")["total"] == 1
    assert [item["name"] for item in api.get("contacts/segments")["items"]] == ["Tea"]
    (kept,) = api.get("contacts/import-mappings")["items"]
    assert kept["headings"] == ["Wer", "Where"]
    api.run_jobs()
    assert api.get("contacts?filter[tag][in]=friend")["items"] == api.get("contacts")["items"][1:]


def test_erasing_again_finds_nothing(
    host: Host, api: Service, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """A request that was made before is answered with an empty report."""
    populate(host, api, workspace, database)
    erased(host)
    assert erased(host).outcomes == ()


def test_an_erased_person_is_not_reborn(
    host: Host, api: Service, workspace: WorkspaceUnderTest, database: Location
) -> None:
    """Imports skip and name them, keeping no word; by hand they are refused, until it is lifted."""
    populate(host, api, workspace, database)
    erased(host)
    other = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\r\nEND:VCARD\r\n"
    counts, rows, import_id = api.import_(CARD + other)
    assert (counts["created"], counts["rejected"]) == (1, 1)
    assert "erased" in rows[0]["reason"]
    assert "name" not in rows[0]
    assert "Zelda" not in str(api.get(f"contacts/imports/{import_id}"))
    assert list(traces(database)) == []
    assert api.post("contacts", ZELDA, 409)["type"] == "urn:meishi:problem:person-suppressed"
    with host.scope():
        lifted = host.service(Suppressions).lift(
            emails=frozenset(PERSON.emails), phones=frozenset(PERSON.phones)
        )
    assert lifted == 2
    api.post("contacts", ZELDA)


def test_an_erasure_in_one_workspace_ends_there(
    host: Host,
    client: FlaskClient,
    api: Service,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    run_jobs: JobRuns,
) -> None:
    """Contacts and suppressions of other workspaces, and the account, stay as they are."""
    other = Service(client, other_workspace, run_jobs)
    kept = other.post("contacts", ZELDA)["id"]
    api.post("contacts", ZELDA)
    here = Workspace(id=workspace.id, slug="one", name="one", version=1)
    erased(host, replace(PERSON, workspace=here))
    assert api.get("contacts")["items"] == []
    assert other.get(f"contacts/{kept}")["name"]["full"] == "Zelda Quux"
    api.post("contacts", ZELDA, 409)
    other.post("contacts", ZELDA)


def test_the_last_owner_is_not_erased(
    host: Host, api: Service, workspace: WorkspaceUnderTest
) -> None:
    """The request is refused, naming the workspaces, before anything is erased or suppressed."""
    owner = {**ZELDA, "emails": [{"address": "owner@one.example"}]}
    contact = api.post("contacts", owner)["id"]
    person = Person(emails=("owner@one.example",))
    with pytest.raises(LastOwner, match="the only owner of one"):
        PersonalDataRequest(host, person).erase()
    api.get(f"contacts/{contact}")
    api.post("contacts", owner)
    with host.scope():
        assert host.service(People).find("owner@one.example") is not None
    with workspace.acting_as("identity"):
        assert host.service(Workspaces).owner().id == workspace.owner_id


def test_what_is_known_of_a_person_is_written_into_one_file(
    host: Host,
    api: Service,
    workspace: WorkspaceUnderTest,
    database: Location,
    tmp_path: Path,
) -> None:
    """The archive holds the report, and for each plugin and kind all records, but no secret."""
    contact = populate(host, api, workspace, database)
    report = export_to(tmp_path / "zelda.zip", PersonalDataRequest(host, PERSON).export)
    with ZipFile(tmp_path / "zelda.zip") as archive:
        found = {
            name: [msgspec.json.decode(line) for line in archive.read(name).splitlines()]
            for name in archive.namelist()
        }
    assert set(found) == {
        "report.json", "crm_contacts/change.ndjson", "crm_contacts/contact.ndjson",
        "crm_contacts/import_row.ndjson",
        "crm_contacts/list_member.ndjson", "crm_contacts/note.ndjson",
        "crm_contacts/relationship.ndjson", "crm_enrichment/proposal.ndjson",
        "crm_graph/node.ndjson", "identity/account.ndjson",
        "identity/api_token.ndjson", "identity/membership.ndjson",
        "meishi_mails/mail.ndjson", "qr/card.ndjson", "qr/code.ndjson",
    }  # fmt: skip
    contacts = {item["id"]: item["record"] for item in found["crm_contacts/contact.ndjson"]}
    assert contacts[contact]["note"] == "Zelda likes tea."
    assert {item["workspace_id"] for item in found["qr/code.ndjson"]} == {str(workspace.id)}
    (note,) = found["crm_contacts/note.ndjson"]
    assert (note["record"]["contact_id"], note["record"]["text"]) == (contact, "Zelda called.")
    assert [item["record"]["name"] for item in found["crm_contacts/list_member.ndjson"]] == [
        "Guests"
    ]
    assert {"reach": EMAIL} in [item["custom"] for item in contacts.values()]
    (friend,) = found["crm_contacts/relationship.ndjson"]
    assert (friend["record"]["target_id"], friend["record"]["note"]) == (contact, "Zelda's friend")
    assert "secret_hash" not in found["identity/api_token.ndjson"][0]["record"]
    assert sum(item.exported for item in report.outcomes) == sum(
        len(lines) for name, lines in found.items() if name != "report.json"
    )


def test_a_plugin_that_fails_costs_no_other_its_turn(
    host: Host,
    api: Service,
    workspace: WorkspaceUnderTest,
    database: Location,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is named with a sentence, the others are done, and the next request does the rest."""

    def fail(_: DataSubject) -> ErasureReport:
        raise RuntimeError("no paper left")

    populate(host, api, workspace, database)
    real = host.plugins.contributions["qr"]
    broken = PersonalData(export=lambda _: (), erase=fail)
    monkeypatch.setitem(host.plugins.contributions, "qr", replace(real, data_subject=broken))
    report = PersonalDataRequest(host, PERSON).erase()
    failed = {item.plugin: item.failed for item in report.outcomes if item.failed}
    assert list(failed) == ["qr"]
    assert "no paper left" in failed["qr"]
    assert {item.partition(".")[0] for item in traces(database)} == {"qr"}
    monkeypatch.undo()
    EventDeliveries(host)()
    assert list(traces(database)) == []


def test_a_feed_tells_of_an_erased_contact_only_that_it_is_gone(host: Host, api: Service) -> None:
    """Who keeps a copy learns from the changes feed to drop it, and nothing else."""
    kept = api.post("contacts", ZELDA)["id"]
    token = api.get("contacts/changes")["next"]
    erased(host)
    changes = api.get(f"contacts/changes?since={token}")
    assert [(item["id"], item["deleted"]) for item in changes["items"]] == [(kept, True)]
    assert "Zelda" not in str(changes)


#: Columns of our tables, and whether they hold octets.
_COLUMNS = """
    SELECT n.nspname, c.relname, a.attname, a.atttypid = 'bytea'::regtype
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
        AND n.nspname <> 'information_schema' AND left(n.nspname, 3) <> 'pg_'
"""
