"""Two workspaces beside each other: neither sees, changes or counts what the other has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg import sql

from crm_contacts.contract import (
    ColumnTarget,
    ImportFormat,
    ImportMapping,
    ImportMappings,
    Imports,
    KeptMappings,
    TargetField,
)
from crm_viral.contract import Arrival, Conversions
from meishi.sdk.context import service
from meishi.testing.conformance.acting import acting_as
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, Host, Location
from qr.consent import CURRENT_CONSENT
from qr.contract import Exchanges, Visit, VisitorDetails

MARY = {"address": "mary@example.com"}
#: What a resource may be without, until somebody asks for it: its own people are told so, too.
NOT_THERE_YET = frozenset({"dry-run-not-found", "import-undo-not-found", "photo-not-found"})
#: Parts of addresses that are the same everywhere, behind an id that is not.
PARTS = {"channel": "email"}
#: A JPEG of one pixel, as far as its first octets tell.
PICTURE = b"\xff\xd8\xff\xe0"
CARD = b"BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Grace Hopper\r\nEND:VCARD\r\n"

_TABLES = """
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull
    WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND NOT a.attisdropped AND c.relrowsecurity
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of the OpenAPI document, and its path's parameters."""

    method: str
    path: str
    parameters: tuple[str, ...]

    def at(self, ids: dict[str, str]) -> str:
        """Return the address of the resources with these ids."""
        return self.path.format_map(ids | PARTS)


@dataclass(frozen=True, slots=True)
class Tenant:
    """A workspace's people, and the ids of what they have, by the name of a path's parameter.

    `other` is a contact that may become one with the first.
    """

    client: FlaskClient
    workspace: WorkspaceUnderTest
    ids: dict[str, str]
    other: str

    def open(self, operation: Operation, ids: dict[str, str]) -> Any:
        """Send a request that lacks nothing but, perhaps, a right to what it names."""
        sent: dict[str, Any] = {"json": self._document(operation)}
        if operation.path.endswith("/photo"):
            sent = {"data": PICTURE, "content_type": "image/jpeg"}
        return self.client.open(
            operation.at(ids),
            method=operation.method,
            headers=self.workspace.headers | {"If-Match": "*"},
            buffered=True,
            **sent,
        )

    def _document(self, operation: Operation) -> Any:
        """Return what an operation wants to be told, by the end of its address."""
        tagged = "tag_id" in operation.parameters
        merged = {"merged_ids": [self.ids["tag_id"] if tagged else self.other]}
        documents: dict[tuple[str, str], Any] = {
            ("POST", "/merge"): merged,
            ("POST", "/merge/preview"): merged,
            ("POST", "/relationships"): {"target_id": self.ids["contact_id"], "type": "kin"},
            ("POST", "/members"): {"contact_ids": [self.ids["contact_id"]]},
            ("POST", "/notes"): {"text": "Seen."},
            ("POST", "/run"): {},
            ("POST", ":revert"): {},
            ("PUT", "/consents/{channel}"): {"state": "granted"},
            ("PUT", "/mapping"): {"columns": []},
            ("PUT", "/sharing"): {"owner_id": None, "visibility": "workspace"},
        }
        for (method, end), document in documents.items():
            if operation.method == method and operation.path.endswith(end):
                return document
        return {} if operation.method in {"PATCH", "PUT"} else None


@pytest.fixture
def tenant_of(
    client: FlaskClient, deliver_events: EventDeliveries
) -> Callable[[WorkspaceUnderTest], Tenant]:
    """Fill a workspace with one of each thing that an address can name, and all that follows."""

    def fill(workspace: WorkspaceUnderTest) -> Tenant:
        def make(path: str, status: int = 201, **body: Any) -> Any:
            answer = client.post(f"/api/v1/{path}", headers=workspace.headers, **body)
            assert answer.status_code == status, answer.text
            return answer.json

        contact = make("contacts", json={"name": {"full": "Ada Lovelace"}, "title": "CEO"})["id"]
        changed = client.patch(
            f"/api/v1/contacts/{contact}",
            headers=workspace.headers | {"If-Match": "*"},
            json={"birthday": "1815-12-10"},
        )
        assert changed.status_code == 200, changed.text
        history = client.get(f"/api/v1/contacts/{contact}/history", headers=workspace.headers)
        assert history.json is not None
        other = make("contacts", json={"name": {"full": "Ada Byron"}})["id"]
        related = make("contacts", json={"name": {"full": "Annabella Milbanke"}})["id"]
        kin = {"target_id": contact, "type": "child"}
        relationship = make(f"contacts/{related}/relationships", json=kin)["id"]
        for _ in range(2):
            make("contacts", json={"name": {"full": "Mary Somerville"}, "emails": [MARY]})
        note = make(f"contacts/{contact}/notes", json={"text": "Met at the fair."})["id"]
        tag = make("contacts/tags", json={"name": "Friend"})["id"]
        guests = make("contacts/lists", json={"name": "Guests"})["id"]
        of_name = {"name": {"prefix": "ada"}}
        segment = make("contacts/segments", json={"name": "Ada", "filter": of_name})["id"]
        score = {"key": "score", "title": "Score", "type": "number"}
        field = make("contacts/custom-fields", json=score)["id"]
        shown = make("qr/cards", json={"contact_id": contact})
        card = shown["id"]
        code = make("qr/codes", json={"card_id": card})["id"]
        started = make("contacts/imports", data=CARD, content_type="text/vcard")["id"]
        operation = make(f"contacts/imports/{started}/run", status=202)["id"]
        file = make("imports", data=CARD, content_type="text/vcard")["id"]
        token = make("identity/tokens", json={"name": "second"})["id"]
        invitation = make("identity/invitations", json={"email": "new@example.com"})["id"]
        run = make("enrichment/runs", json={"contact_ids": [contact]})["id"]
        extraction = make("enrichment/extractions", json={"text": "Ada Lovelace"})["id"]
        proposals = client.get("/api/v1/enrichment/proposals", headers=workspace.headers)
        assert proposals.json is not None
        programme = make(
            "viral/programmes", json={"name": "Friends", "starts_at": "2026-01-01T00:00:00Z"}
        )["id"]
        link = make("viral/links", json={"programme_id": programme})["id"]
        entries = client.get("/api/v1/audit/entries", headers=workspace.headers)
        assert entries.json is not None
        ids = {
            "contact_id": contact,
            "source_id": related,
            "target_id": contact,
            "relationship_id": relationship,
            "subject_id": contact,
            "change_id": history.json["items"][0]["id"],
            "note_id": note,
            "tag_id": tag,
            "list_id": guests,
            "segment_id": segment,
            "field_id": field,
            "card_id": card,
            "code_id": code,
            "exchange_id": left_at(workspace, shown["slug"]),
            "import_id": started,
            "kept_mapping_id": mapped_at(workspace),
            "proposal_id": proposals.json["items"][0]["id"],
            "run_id": run,
            "extraction_id": extraction,
            "file_import_id": file,
            "operation_id": operation,
            "entry_id": entries.json["items"][0]["id"],
            "token_id": token,
            "invitation_id": invitation,
            "programme_id": programme,
            "link_id": link,
            "conversion_id": converted_at(workspace, link),
            "user_id": str(workspace.owner_id),
        }
        deliver_events()
        pairs = client.get("/api/v1/contacts/duplicates", headers=workspace.headers)
        assert pairs.json is not None
        ids["pair_id"] = pairs.json["items"][0]["id"]
        return Tenant(client, workspace, ids, other)

    return fill


def left_at(workspace: WorkspaceUnderTest, slug: str) -> str:
    """Leave a visitor's card at a card; return the id of the exchange."""
    with workspace.acting_as("qr"):
        exchanges = service(Exchanges)
        exchanges.leave_card(
            uuid4(),
            slug,
            VisitorDetails(name="Bo", email="bo@example.org"),
            consent_version=CURRENT_CONSENT.version,
            visit=Visit(),
        )
        return str(exchanges.list_exchanges().items[0].id)


def mapped_at(workspace: WorkspaceUnderTest) -> str:
    """Import a table with a mapping; return the id under which that is kept."""
    with workspace.acting_as("crm_contacts"):
        imports = service(Imports)
        import_id = imports.begin()
        imports.add_piece(import_id, 0, b"Name,Where\r\nAda Lovelace,London\r\n")
        imports.finish(import_id, ImportFormat.CSV)
        name = ColumnTarget(position=0, field=TargetField.NAME)
        service(ImportMappings).set(import_id, ImportMapping(columns=(name,)))
        imports.run(import_id)
        return str(service(KeptMappings).list().items[0].id)


def converted_at(workspace: WorkspaceUnderTest, link: str) -> str:
    """Let somebody sign up by a link; return the id of the conversion."""
    arrival = Arrival(
        user_id=uuid4(), link_id=UUID(link), visitor=None, at=datetime(2026, 6, 1, tzinfo=UTC)
    )
    with workspace.acting_as("crm_viral"):
        conversions = service(Conversions)
        conversions.convert((arrival,))
        return str(conversions.list().items[0].id)


@pytest.fixture
def operations(host: Host, client: FlaskClient) -> list[Operation]:
    """What the document has for people in workspaces; operators look after all of them at once."""
    of_operators = {
        name
        for item in host.plugins.active()
        for name, permission in zip(item.permission_names(), item.permissions, strict=True)
        if permission.operators
    }
    document = client.get("/api/openapi.json").json
    assert document is not None
    return [
        Operation(method=method.upper(), path=path, parameters=tuple(_parameters(path)))
        for path, item in document["paths"].items()
        for method, said in item.items()
        if isinstance(said, dict) and "x-permission" in said
        if said["x-permission"] not in of_operators
    ]


def _parameters(path: str) -> Iterator[str]:
    for part in path.split("{")[1:]:
        yield part.partition("}")[0]


#: What is named alike in all workspaces, and belongs to none.
_OF_ALL = (("plugin",), ("name",), ("metric",))


def test_address_of_anothers_resource_is_not_found(
    operations: list[Operation],
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    tenant_of: Callable[[WorkspaceUnderTest], Tenant],
) -> None:
    """An id of another workspace is 404, whatever is asked of it; to its own it is there."""
    ours, theirs = tenant_of(workspace), tenant_of(other_workspace)
    named = [item for item in operations if item.parameters and item.parameters not in _OF_ALL]
    found = {name for item in named for name in item.parameters}
    assert found == theirs.ids.keys() | PARTS.keys()
    answers = {f"{item.method} {item.path}": ours.open(item, theirs.ids) for item in named}
    assert {name: found.text for name, found in answers.items() if found.status_code != 404} == {}
    # What is deleted is not found afterwards, by its own people either, nor is what hangs on it.
    for item in sorted(named, key=lambda it: (it.method == "DELETE", -len(it.path))):
        answer = theirs.open(item, theirs.ids)
        problem = answer.json["type"] if answer.status_code == 404 and answer.json else ""
        if problem.removeprefix("urn:meishi:problem:") not in NOT_THERE_YET:
            assert answer.status_code not in {401, 403, 404}, (item, answer.text)


def test_list_shows_nothing_of_another_workspace(
    operations: list[Operation],
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    tenant_of: Callable[[WorkspaceUnderTest], Tenant],
) -> None:
    """No list, feed or document of a workspace has an id of another; each is in some of its own."""
    ours, theirs = tenant_of(workspace), tenant_of(other_workspace)
    lists = [item for item in operations if item.method == "GET" and not item.parameters]
    seen_by_owners = ""
    for item in lists:
        answer = ours.open(item, {})
        assert not [name for name, value in theirs.ids.items() if value in answer.text], item
        seen_by_owners += theirs.open(item, {}).text
    # Notes and changes are listed by the contact that they are on.
    for kind in ("notes", "history"):
        path = f"/api/v1/contacts/{{subject_id}}/{kind}"
        listed = Operation(method="GET", path=path, parameters=("subject_id",))
        seen_by_owners += theirs.open(listed, theirs.ids).text
    assert [name for name, value in theirs.ids.items() if value not in seen_by_owners] == []


def test_role_of_a_plugin_reads_rows_of_the_current_workspace_alone(
    host: Host,
    database: Location,
    workspace: WorkspaceUnderTest,
    other_workspace: WorkspaceUnderTest,
    tenant_of: Callable[[WorkspaceUnderTest], Tenant],
) -> None:
    """Raw SQL as a plugin's run role finds no row without a workspace, and only one's with it."""
    for item in (workspace, other_workspace):
        tenant_of(item)
    filled: set[str] = set()
    with psycopg.connect(database.administrator_url()) as administrator:
        for contribution in host.plugins.active():
            plugin = contribution.plugin
            for (table,) in administrator.execute(_TABLES, [plugin]).fetchall():
                name = sql.Identifier(plugin, table)
                owners = sql.SQL("SELECT DISTINCT workspace_id FROM {}").format(name)
                if len(administrator.execute(owners).fetchall()) < 2:
                    continue
                filled.add(plugin)
                seen: dict[UUID | None, set[UUID]] = {}
                for current in (None, workspace.id):
                    with acting_as(administrator, host.roles.run(plugin), current):
                        seen[current] = {row[0] for row in administrator.execute(owners)}
                assert seen == {None: set(), workspace.id: {workspace.id}}, f"{plugin}.{table}"
    assert filled >= {"crm_contacts", "identity", "qr"}
