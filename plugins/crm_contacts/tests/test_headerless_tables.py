"""Tables of which no row names the columns."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_contacts.contract import EmptyAddressBook, ImportFormat
from crm_contacts.recognition import recognise
from crm_contacts.sources import Position, ReadSource, row_chunk
from crm_contacts.tables import Headerless, TableReading

from .conftest import IMPORTS, ContactsClient
from .test_import_mappings import columns_of, put

ROWS = (
    "Ada;Lovelace;ada@example.org;+44 20 7946 0018;37\r\n"
    "Bob;Builder;bob@example.org;;44\r\n"
    "Cyd;Charisse;cyd@example.org;030 1234567;38\r\n"
)
NAMED = {
    "columns": [
        {"position": 0, "field": "name.given"},
        {"position": 1, "field": "name.family"},
        {"position": 2, "field": "email"},
        {"position": 4, "field": "skip"},
    ]
}
LIMIT = 10_000


def test_first_row_with_values_is_a_contact(contacts: ContactsClient) -> None:
    """The table is told to have no header, its columns are proposed, and no row is lost."""
    found = contacts.send(ROWS, "text/csv")
    assert (found["shape"], found["has_header"], found["mapped"]) == ("unknown", False, False)
    columns = columns_of(contacts, found["id"])
    assert (columns["has_header"], columns["delimiter"]) == (False, ";")
    assert [item["heading"] for item in columns["items"]] == [f"Column {n}" for n in range(1, 6)]
    assert columns["items"][0]["samples"] == ["Ada", "Bob", "Cyd"]
    proposed = [item["proposed"]["field"] for item in columns["items"]]
    assert proposed == ["name.given", "name.family", "email", "phone", "raw"]
    refused = contacts.client.post(f"{IMPORTS}/{found['id']}/run", headers=contacts.headers)
    assert refused.status_code == 409
    assert put(contacts, found["id"], "mapping", NAMED).status_code == 200
    done = contacts.run(found["id"])
    assert done["counts"]["created"] == 3
    assert [row["line"] for row in contacts.rows(found["id"])] == [1, 2, 3]
    ada = contacts.all()[0]
    assert (ada["name"]["full"], ada["emails"][0]["address"]) == ("Ada Lovelace", "ada@example.org")
    assert {item["value"] for item in ada["raw"]} == {"+44 20 7946 0018"}


def test_one_column_of_addresses_is_a_table(contacts: ContactsClient) -> None:
    """What has been refused for want of a header comes in."""
    found = contacts.send("ada@example.org\nbob@example.org\n", "text/csv")
    assert found["has_header"] is False
    (column,) = columns_of(contacts, found["id"])["items"]
    assert column["proposed"]["field"] == "email"


@pytest.mark.parametrize(
    ("table", "has_header"),
    [
        ("Wer,Woher\nAda,London\n", True),
        ("Name,Email\nada,ada@example.org\n", True),
        ("exported for boss@example.org\nName,Email\nada,ada@example.org\n", True),
        ("Ada,London,https://ada.example\n", False),
        ("sep=;\r\nAda;+49 30 1234567\r\n", False),
        ("\n\nAda;1980-12-10;x\n", False),
    ],
)
def test_header_is_told_by_the_first_row(
    contacts: ContactsClient, table: str, has_header: bool
) -> None:
    """Addresses, links, numbers and dates name no column; words may."""
    assert contacts.send(table, "text/csv")["has_header"] is has_header


def test_people_say_whether_there_is_a_header(contacts: ContactsClient) -> None:
    """Either way, and back to what can be told."""
    found = contacts.send("Ada,London\nBob,Bonn\n", "text/csv")
    assert found["has_header"] is True
    answer = put(contacts, found["id"], "dialect", {"has_header": False})
    assert (answer.status_code, answer.json["has_header"]) == (200, False)
    columns = columns_of(contacts, found["id"])["items"]
    assert [item["samples"] for item in columns] == [["Ada", "Bob"], ["London", "Bonn"]]
    put(contacts, found["id"], "mapping", {"columns": [{"position": 0, "field": "name"}]})
    assert contacts.run(found["id"])["counts"]["created"] == 2

    other = contacts.send("c@x.example,Town\nd@x.example,Bonn\n", "text/csv")
    assert other["has_header"] is False
    told = put(contacts, other["id"], "dialect", {"has_header": True})
    assert told.json["has_header"] is True
    assert [item["heading"] for item in columns_of(contacts, other["id"])["items"]] == [
        "c@x.example", "Town",
    ]  # fmt: skip
    again = put(contacts, other["id"], "dialect", {})
    assert again.json["has_header"] is False


def test_known_header_can_be_said_to_be_a_row(contacts: ContactsClient) -> None:
    """Then it is one, whatever it says."""
    found = contacts.send("Name,Email\nAda,ada@example.org\n", "text/csv")
    put(contacts, found["id"], "dialect", {"has_header": False})
    put(contacts, found["id"], "mapping", {"columns": [{"position": 0, "field": "name"}]})
    assert contacts.run(found["id"])["counts"]["created"] == 2
    assert [item["name"]["full"] for item in contacts.all()] == ["Name", "Ada"]


@pytest.mark.parametrize("value", ["no", 1, []])
def test_header_is_a_truth_value(contacts: ContactsClient, value: Any) -> None:
    """Anything else is refused."""
    found = contacts.send(ROWS, "text/csv")
    assert put(contacts, found["id"], "dialect", {"has_header": value}).status_code == 422


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "cp1252"])
def test_rejects_are_rows_of_the_same_kind(contacts: ContactsClient, charset: str) -> None:
    """Without a header of which there was none, in the charset of the file."""
    table = f"sep=;\r\n{ROWS};;;Köln;1\r\n".encode(charset)
    found = contacts.send(table, "text/csv")
    put(contacts, found["id"], "mapping", NAMED)
    done = contacts.run(found["id"])
    assert (done["counts"]["created"], done["counts"]["rejected"]) == (3, 1)
    assert contacts.rejects(found["id"]) == "sep=;\r\n;;;Köln;1\r\n".encode(charset)


def test_nothing_is_no_table() -> None:
    """Neither white space nor what is no text."""
    for content in (b"", b" \r\n\n", b"\0\0\0"):
        with pytest.raises(EmptyAddressBook):
            recognise(opened(content), ImportFormat.CSV, max_row_bytes=LIMIT, has_header=False)


def opened(content: bytes) -> Any:
    """Return what opens a file."""
    return lambda offset: io.BytesIO(content[offset:])


CELLS = st.lists(
    st.sampled_from(["", "Ada", "a@x.example", '"q""1"', "sep=", '"x\ny"']), max_size=4
)


@given(
    rows=st.lists(CELLS.map(",".join), max_size=12),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    size=st.integers(1, 5),
    mark=st.sampled_from(["", "\ufeff", "sep=,\n"]),
)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_rows_are_the_same_wherever_the_file_is_opened(
    rows: list[str], ending: str, size: int, mark: str
) -> None:
    """Blank rows and those that look like what stands before a header come in the middle, too."""
    content = (mark + ending.join(["a@x.example,b", *rows])).encode()
    told = recognise(opened(content), ImportFormat.CSV, max_row_bytes=LIMIT)
    assert told.headerless_columns is not None
    reading = TableReading(
        delimiter=told.delimiter,
        known=False,
        headerless=Headerless(told.headerless_columns, len(told.header)),
    )
    whole = row_chunk(
        opened(content), Position(), header=told.header, max_row_bytes=LIMIT, reading=reading
    )
    parts: list[ReadSource] = []
    position = Position()
    while True:
        chunk = row_chunk(
            opened(content), position, header=told.header, max_row_bytes=LIMIT, rows=size,
            reading=reading,
        )  # fmt: skip
        parts += chunk.sources
        if chunk.following is None:
            break
        position = chunk.following
    assert tuple(parts) == whole.sources
    assert len(parts) >= 1
