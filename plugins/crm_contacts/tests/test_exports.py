"""Contacts as files: all of them, or those that a list's query means."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from crm_contacts.csv_writing import header
from crm_contacts.service import exporting

from .conftest import ContactsClient, own

ANNA: dict[str, Any] = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "organisation": 'Ek, "AB"',
    "title": "Architect",
    "note": "two\nlines",
    "nicknames": ["Annie"],
    "birthday": "1980-04-03",
    "emails": [{"address": f"anna{number}@example.org", "types": ["work"]} for number in range(4)],
    "phones": [{"number": "+46 70-123 45 07", "types": ["cell"]}],
    "addresses": [
        {"street": "Storgatan 1", "locality": "Umeå", "types": ["home"]},
        {"locality": "Lund", "country": "Sweden"},
    ],
    "links": [{"url": "https://lindqvist.example/", "label": "Studio"}],
}


def exported(contacts: ContactsClient, name: str, **query: str) -> bytes:
    """Return the file of an export."""
    answer = contacts.client.get(
        f"/api/v1/exports/{name}", query_string=query, headers=contacts.headers
    )
    content: bytes = answer.data
    answer.close()
    assert answer.status_code == 200, content
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="{name}-20')
    return content


def table(contacts: ContactsClient, **query: str) -> list[dict[str, str]]:
    """Return the rows of the table."""
    written = exported(contacts, "contacts-csv", **query).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(written, newline="")))


def test_the_formats_of_contacts_are_listed(contacts: ContactsClient) -> None:
    """A caller learns what there is, and what kind of file it makes."""
    answer = contacts.client.get("/api/v1/exports", headers=contacts.headers)
    assert answer.json is not None
    assert {
        (item["name"], item["media_type"], item["suffix"]) for item in answer.json["items"]
    } == {
        ("contacts-vcard", "text/vcard", ".vcf"),
        ("contacts-csv", "text/csv", ".csv"),
        ("contacts-ndjson", "application/x-ndjson", ".ndjson"),
    }
    assert {item["resource"] for item in answer.json["items"]} == {"crm_contacts.Contact"}


@pytest.mark.parametrize("name", ["contacts-vcard", "contacts-csv"])
def test_an_export_comes_back_as_it_was(contacts: ContactsClient, name: str) -> None:
    """What is imported of it says the same: our own files are read without any loss."""
    before = contacts.create(ANNA)
    written = exported(contacts, name)
    gone = contacts.client.delete(
        f"/api/v1/contacts/{before['id']}", headers=contacts.headers | {"If-Match": "*"}
    )
    assert gone.status_code == 204
    media_type = "text/vcard" if name == "contacts-vcard" else "text/csv"
    assert contacts.upload(written, media_type)["counts"]["created"] == 1
    (after,) = contacts.all()
    assert {field: after[field] for field in ANNA} == {field: before[field] for field in ANNA}
    assert after["raw"] == []


def test_an_export_means_what_the_list_means(contacts: ContactsClient) -> None:
    """Filters, search and sort are those of the list; its pages are no matter."""
    for name in ("Anna Ek", "Bo Ek", "Carl Berg"):
        contacts.create({"name": {"full": name}})
    assert [row["Name"] for row in table(contacts, sort="-name")] == [
        "Carl Berg",
        "Bo Ek",
        "Anna Ek",
    ]
    assert [row["Name"] for row in table(contacts, **{"filter[name][prefix]": "bo"})] == ["Bo Ek"]
    assert {row["Name"] for row in table(contacts, q="ek")} == {"Anna Ek", "Bo Ek"}
    for query in ("limit=1", "after=x", "total=true", "filter[town][eq]=x", "colour=red"):
        answer = contacts.client.get(
            f"/api/v1/exports/contacts-csv?{query}", headers=contacts.headers
        )
        assert answer.status_code == 400, query


def test_all_pages_are_in_the_file(
    contacts: ContactsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file holds more than a list shows at once, each contact once, in the order asked for."""
    monkeypatch.setattr(exporting, "MAX_PAGE", 2)
    names = [f"Contact {number}" for number in range(5)]
    made = [contacts.create({"name": {"full": name}}) for name in names]
    lines = exported(contacts, "contacts-ndjson", sort="name").splitlines()
    assert [json.loads(line) for line in lines] == [own(contact) for contact in made]
    assert [row["Name"] for row in table(contacts, sort="name")] == names


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3+cmd", "'-2+3+cmd"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+46 70-123 45 07", "+46 70-123 45 07"),
        ("a=1", "a=1"),
    ],
)
def test_no_cell_is_a_formula(contacts: ContactsClient, text: str, cell: str) -> None:
    """A spreadsheet runs nothing that is written in a contact; numbers stay dialable."""
    contacts.create({"name": {"full": text}, "phones": [{"number": text}]})
    (row,) = table(contacts)
    assert (row["Name"], row["Phone 1 - Value"]) == (cell, cell)


def test_every_row_has_all_columns(contacts: ContactsClient) -> None:
    """Who has no address still has its columns, such that nothing moves."""
    contacts.create({"name": {"full": "Bo"}})
    contacts.create(ANNA)
    written = exported(contacts, "contacts-csv").decode("utf-8-sig")
    widths = {len(row) for row in csv.reader(io.StringIO(written, newline=""))}
    assert widths == {header().decode().count(",") + 1}
