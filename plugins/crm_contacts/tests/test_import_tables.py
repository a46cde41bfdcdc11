"""Imports of tables."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_contacts.contract import ImportFormat, Imports
from crm_contacts.sources import CHUNK_ROWS
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import IMPORTS, ContactsClient, vcard

GENERIC = "Name,Email,Phone,Shoe size\r\n"
ADA = "Ada Lovelace,ada@example.org,+44 20 7946 0018,37\r\n"
BOB = '"Bob ""B"" Builder",bob@example.org,,44\r\n'
EMPTY = ",,,12\r\n"
TABLE_TYPES = ("text/csv", "application/csv", "application/vnd.ms-excel", "text/csv; charset=utf-8")


@pytest.mark.parametrize("media_type", TABLE_TYPES)
def test_table_comes_in_like_cards(contacts: ContactsClient, media_type: str) -> None:
    """Each row has its outcome, under every media type that browsers have for tables."""
    result = contacts.upload(GENERIC + ADA + EMPTY + BOB + ADA, media_type)
    assert (result["format"], result["shape"]) == ("csv", "generic")
    assert result["unmapped_columns"] == ["Shoe size"]
    assert [(row["index"], row["line"], row["status"]) for row in result["results"]] == [
        (0, 2, "created"),
        (1, 3, "rejected"),
        (2, 4, "created"),
        (3, 5, "unchanged"),
    ]
    ada, bob = contacts.all()
    assert ada["emails"][0]["normalised"] == "ada@example.org"
    assert ada["phones"][0]["normalised"] == "+442079460018"
    assert bob["name"]["full"] == 'Bob "B" Builder'
    assert "37" in {found["value"] for found in ada["raw"]}


def test_table_again_changes_nothing_and_finds_cards(contacts: ContactsClient) -> None:
    """A row is matched with what came in before, be it from a table or from a card."""
    contacts.upload(vcard("FN:Ada Lovelace", "EMAIL:ada@example.org", "TEL:+442079460018"))
    book = "Name,Email,Phone\nAda Lovelace,Ada@example.org,+44 20 7946 0018\nBob,b@x.example,\n"
    assert contacts.upload(book, "text/csv")["counts"]["created"] == 1
    before = contacts.all()
    again = contacts.upload(book, "text/csv")
    assert [row["status"] for row in again["results"]] == ["unchanged", "unchanged"]
    assert contacts.all() == before


PREAMBLE = 'Notes:\r\n"When exporting, some may be missing"\r\n\r\n'
LINKEDIN = "First Name,Last Name,URL,Email Address,Company,Position,Connected On\r\n"


def test_preamble_and_shape_are_recognised(contacts: ContactsClient) -> None:
    """LinkedIn's export is known by its header, behind its notes."""
    row = "Ada,Lovelace,https://x.example/ada,ada@example.org,Analytical,Analyst,01 Jan 2024\r\n"
    found = contacts.upload(PREAMBLE + LINKEDIN + row, "text/csv")
    assert (found["shape"], found["counts"]["created"]) == ("linkedin", 1)
    assert found["results"][0]["line"] == 5


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_rejects_are_a_table_of_the_same_kind(contacts: ContactsClient, charset: str) -> None:
    """Header, preamble, charset and dialect are those of the file, and it can be mended."""
    head = "sep=;\r\nName;Email;Ort\r\n"
    good, bad = "Žofie;a@b.example;Köln\r\n", ';;"Mö;lln\r\nzwei"\r\n'
    if charset == "cp1252":
        good = good.replace("Ž", "Z")
    table = (head + bad + good + bad).encode(charset)
    found = contacts.upload(table, "text/csv")
    assert [row["status"] for row in found["results"]] == ["rejected", "created", "rejected"]
    rejects = contacts.rejects(found["id"])
    assert rejects == (head + bad + bad).encode(charset)
    mended = rejects.decode(charset).replace('\r\n;;"', '\r\nMax;;"').encode(charset)
    assert contacts.upload(mended, "text/csv")["counts"]["rejected"] == 0


def test_last_row_without_a_line_break_is_a_reject_like_others(contacts: ContactsClient) -> None:
    """What was cut off ends with a line break among the rejects, in the charset of the file."""
    table = (GENERIC + ADA + EMPTY.rstrip()).encode("utf-16-le")
    found = contacts.upload("\ufeff".encode("utf-16-le") + table, "text/csv")
    rejects = contacts.rejects(found["id"])
    assert rejects == ("\ufeff" + GENERIC + EMPTY).encode("utf-16-le")


def test_table_goes_on_in_the_middle(contacts: ContactsClient) -> None:
    """A table of several chunks has every row once, with its own line, wherever chunks end."""
    rows = 2 * CHUNK_ROWS + 1
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["Name", "Email", "Notes"])
    for n in range(rows):
        writer.writerow([f"Person {n}", f"p{n}@x.example", "two\nlines" if n % 3 else "one, line"])
    found = contacts.upload(text.getvalue(), "text/csv")
    assert found["counts"]["created"] == rows
    assert [row["name"] for row in found["results"]] == [f"Person {n}" for n in range(rows)]
    lines = [2]
    for n in range(rows - 1):
        lines.append(lines[-1] + (2 if n % 3 else 1))
    assert [row["line"] for row in found["results"]] == lines


def test_table_that_says_it_is_cards_is_refused(contacts: ContactsClient) -> None:
    """The media type decides; nothing of the other kind is recognised in the file."""
    for media_type, body in [("text/vcard", GENERIC + ADA), ("text/csv", vcard("FN:Ada"))]:
        answer = contacts.client.post(
            IMPORTS, data=body, content_type=media_type, headers=contacts.headers
        )
        assert answer.status_code == 422, media_type


CELLS = st.text(st.sampled_from('ab";,\n é'), max_size=6)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6))
def test_every_row_is_accounted_for(
    workspace: WorkspaceUnderTest, rows: list[tuple[str, str]]
) -> None:
    """Whatever the cells hold, a row with any value has an outcome."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["Name", "Notes"])
    writer.writerows(rows)
    with workspace.acting_as("crm_contacts"):
        imports = service(Imports)
        import_id = imports.begin()
        imports.add_piece(import_id, 0, text.getvalue().encode())
        imports.finish(import_id, ImportFormat.CSV)
    with workspace.acting_as("crm_contacts"):
        done = service(Imports).run(import_id)
    assert done.counts.rows == sum(any(cell.strip() for cell in row) for row in rows)
