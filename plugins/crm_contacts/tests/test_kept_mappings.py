"""Mappings that are kept for the next file with the same columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from crm_contacts.contract import KeptMappings
from crm_contacts.contract.kept_mappings import MAX_KEPT_MAPPINGS
from crm_contacts.repository import kept_mappings
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient
from .test_import_mappings import columns_of, field, put

KEPT = "/api/v1/contacts/import-mappings"
TABLE = "Wer,Woher,Punkte,Seit\r\nAda,London,7,3/4/2020\r\n"
MAPPING = {
    "columns": [
        {"position": 0, "field": "name"},
        {"position": 1, "field": "address.locality", "types": ["home"]},
        {"position": 2, "field": "custom", "key": "points"},
    ],
    "date_order": "day_first",
}


def imported(contacts: ContactsClient, table: str = TABLE, mapping: Any = MAPPING) -> str:
    """Import a table with a mapping, and return the import."""
    found: str = contacts.send(table, "text/csv")["id"]
    answer = put(contacts, found, "mapping", mapping)
    assert answer.status_code == 200, answer.text
    assert contacts.run(found)["counts"]["rejected"] == 0
    return found


def kept(contacts: ContactsClient) -> list[dict[str, Any]]:
    """Return the kept mappings."""
    answer = contacts.client.get(KEPT, headers=contacts.headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]  # type: ignore[index]
    return items


def proposed(columns: dict[str, Any]) -> list[str]:
    """Return the fields that are proposed."""
    return [item["proposed"]["field"] for item in columns["items"]]


def test_next_file_with_the_same_columns_is_proposed_the_same(contacts: ContactsClient) -> None:
    """Whatever the case and white space of the headings; nothing happens by itself."""
    field(contacts, "points", "number")
    first = imported(contacts)
    (mapping,) = kept(contacts)
    assert mapping["headings"] == ["Wer", "Woher", "Punkte", "Seit"]
    assert [item["field"] for item in mapping["mapping"]["columns"]] == [
        "name", "address.locality", "custom",
    ]  # fmt: skip
    assert columns_of(contacts, first)["mapped"] is True
    table = TABLE.replace("Wer,Woher", "WER;  woher ").replace(",", ";").replace("Ada", "Bob")
    found = contacts.send(table, "text/csv")
    columns = columns_of(contacts, found["id"])
    assert (columns["mapped"], columns["kept_mapping_id"]) == (False, mapping["id"])
    assert proposed(columns) == ["name", "address.locality", "custom", "raw"]
    assert columns["items"][1]["proposed"]["types"] == ["home"]
    assert (columns["date_order"], columns["proposed_date_order"]) == (None, "day_first")
    refused = contacts.client.post(
        f"/api/v1/contacts/imports/{found['id']}/run", headers=contacts.headers
    )
    assert refused.status_code == 409
    sent = {
        "columns": [item["proposed"] for item in columns["items"]],
        "date_order": columns["proposed_date_order"],
    }
    assert put(contacts, found["id"], "mapping", sent).status_code == 200
    contacts.run(found["id"])
    assert [item["custom"] for item in contacts.all()] == [{"points": 7}, {"points": 7}]
    (again,) = kept(contacts)
    assert (again["id"], again["headings"][0]) == (mapping["id"], "WER")


def test_other_columns_have_mappings_of_their_own(contacts: ContactsClient) -> None:
    """Another order, another column, or no header at all: nothing is proposed of it."""
    field(contacts, "points", "number")
    imported(contacts)
    for header in ("Woher,Wer,Punkte,Seit", "Wer,Woher,Punkte", "Wer,Woher,Punkte,Seit,Bis"):
        found = contacts.send(TABLE.replace("Wer,Woher,Punkte,Seit", header), "text/csv")
        assert columns_of(contacts, found["id"])["kept_mapping_id"] is None
    by_place = {"columns": [{"position": 0, "field": "name"}]}
    imported(contacts, "Bob,bob@x.example\r\n", by_place)
    assert len(kept(contacts)) == 1
    imported(contacts, "Who,Where\r\nBob,Bonn\r\n", by_place)
    assert len(kept(contacts)) == 2


def test_only_what_was_run_is_kept(contacts: ContactsClient) -> None:
    """What somebody only tries out, or takes back, is no habit."""
    found = contacts.send("Name,Email\r\nAda,a@x.example\r\n", "text/csv")
    put(contacts, found["id"], "mapping", {"columns": [{"position": 0, "field": "nicknames"}]})
    assert kept(contacts) == []
    contacts.client.delete(
        f"/api/v1/contacts/imports/{found['id']}/mapping", headers=contacts.headers
    )
    contacts.run(found["id"])
    assert kept(contacts) == []


def test_custom_field_that_is_gone_is_not_proposed(contacts: ContactsClient) -> None:
    """The column is proposed what it would be without the kept mapping."""
    field(contacts, "points", "number")
    imported(contacts)
    listed = contacts.client.get("/api/v1/contacts/custom-fields", headers=contacts.headers)
    (points,) = listed.json["items"]  # type: ignore[index]
    gone = contacts.client.delete(
        f"/api/v1/contacts/custom-fields/{points['id']}",
        headers=contacts.headers | {"If-Match": "*"},
    )
    assert gone.status_code == 200, gone.text
    found = contacts.send(TABLE, "text/csv")
    assert proposed(columns_of(contacts, found["id"]))[:3] == ["name", "address.locality", "raw"]


def test_kept_mapping_is_forgotten(contacts: ContactsClient) -> None:
    """Once, and without touching the imports that have it."""
    field(contacts, "points", "number")
    first = imported(contacts)
    (mapping,) = kept(contacts)
    path = f"{KEPT}/{mapping['id']}"
    assert contacts.client.delete(path, headers=contacts.headers).status_code == 204
    again = contacts.client.delete(path, headers=contacts.headers)
    assert (again.status_code, again.json["type"]) == (  # type: ignore[index]
        404,
        "urn:meishi:problem:kept-mapping-not-found",
    )
    assert kept(contacts) == []
    assert columns_of(contacts, first)["mapped"] is True
    found = contacts.send(TABLE, "text/csv")
    assert columns_of(contacts, found["id"])["kept_mapping_id"] is None


def test_mappings_of_another_workspace_are_neither_proposed_nor_forgotten(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """They are not there."""
    field(contacts, "points", "number")
    imported(contacts)
    (mapping,) = kept(contacts)
    other = contacts.of(other_workspace)
    assert kept(other) == []
    found = other.send(TABLE, "text/csv")
    assert columns_of(other, found["id"])["kept_mapping_id"] is None
    gone = other.client.delete(f"{KEPT}/{mapping['id']}", headers=other.headers)
    assert gone.status_code == 404
    assert len(kept(contacts)) == 1


@pytest.mark.once
def test_only_so_many_are_kept(contacts: ContactsClient, workspace: WorkspaceUnderTest) -> None:
    """Those that were used longest ago go, and pages have all that stay."""
    by_place = {"columns": [{"position": 0, "field": "name"}]}
    for number in (0, 1):
        imported(contacts, f"Wer,Odd {number}\r\nAda,x\r\n", by_place)
    with workspace.acting_as("crm_contacts"):
        mapping = service(KeptMappings).list().items[0].mapping
        for number in range(2, MAX_KEPT_MAPPINGS):
            new_id, at = workspace.host.new_id(), datetime.now(UTC)
            kept_mappings.put(new_id, ("Wer", f"Odd {number}"), mapping, at)
    for number in (0, 1):
        imported(contacts, f"Wer,Odd {MAX_KEPT_MAPPINGS + number}\r\nAda,x\r\n", by_place)
    found: list[str] = []
    after: UUID | None = None
    with workspace.acting_as("crm_contacts"):
        while True:
            page = service(KeptMappings).list(after=after, limit=30)
            found += [item.headings[1] for item in page.items]
            after = page.next_after
            if after is None:
                break
    assert found == [f"Odd {number}" for number in range(2, MAX_KEPT_MAPPINGS + 2)]
