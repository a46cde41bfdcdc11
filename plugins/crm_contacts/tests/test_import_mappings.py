"""What becomes of the columns of a table: proposed, chosen, tried and run."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

import pytest
from plugins.crm_contacts.tests.csv_tables import FIXTURES

from crm_contacts.contract import (
    ColumnTarget,
    ImportColumns,
    ImportMapping,
    ImportMappings,
    Imports,
    InvalidImportMapping,
    TargetField,
)
from crm_contacts.sources import CHUNK_ROWS
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import IMPORTS, ContactsClient, own, vcard

ODD = "Wer,Woher,Punkte,Notiz,Wer\r\nAda,Marylebone,7,one,The Countess\r\nBob,Bonn,many,two,\r\n"


def columns_of(contacts: ContactsClient, import_id: str) -> dict[str, Any]:
    """Return the columns of an import."""
    answer = contacts.client.get(f"{IMPORTS}/{import_id}/columns", headers=contacts.headers)
    assert answer.status_code == 200, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


def put(contacts: ContactsClient, import_id: str, what: str, document: Any) -> Any:
    """Send a mapping or dialect."""
    return contacts.client.put(
        f"{IMPORTS}/{import_id}/{what}", json=document, headers=contacts.headers
    )


def field(contacts: ContactsClient, key: str, kind: str, **more: Any) -> None:
    """Make a custom field."""
    answer = contacts.client.post(
        "/api/v1/contacts/custom-fields",
        json={"key": key, "title": key.title(), "type": kind, **more},
        headers=contacts.headers,
    )
    assert answer.status_code == 201, answer.text


def try_out(contacts: ContactsClient, import_id: str) -> Any:
    """Ask for a dry run, and return the operation."""
    contacts.register()
    answer = contacts.client.post(f"{IMPORTS}/{import_id}/dry-run", headers=contacts.headers)
    assert answer.status_code == 202, answer.text
    return answer.json


def test_columns_are_shown_with_samples_and_what_is_proposed(contacts: ContactsClient) -> None:
    """Each column has its heading, up to five different values, and where they go best."""
    field(contacts, "score", "number")
    table = "Name;Work E-Mail;Score;Tags;Shoe size\r\n" + "".join(
        f"Person {n};p{n}@example.org;{n};;{40 + n % 2}\r\n" for n in range(9)
    )
    found = columns_of(contacts, contacts.send(table, "text/csv")["id"])
    assert (found["shape"], found["charset"], found["delimiter"]) == ("generic", "utf-8", ";")
    assert found["mapped"] is False
    proposed = [(item["heading"], item["proposed"]["field"]) for item in found["items"]]
    assert proposed == [
        ("Name", "name"), ("Work E-Mail", "email"), ("Score", "custom"), ("Tags", "tags"),
        ("Shoe size", "raw"),
    ]  # fmt: skip
    assert found["items"][1]["proposed"]["types"] == ["work"]
    assert found["items"][2]["proposed"]["key"] == "score"
    assert found["items"][2]["target"]["field"] == "raw"
    assert found["items"][0]["samples"] == [f"Person {n}" for n in range(5)]
    assert found["items"][4]["samples"] == ["40", "41"]


def test_mapping_decides_what_rows_become(contacts: ContactsClient) -> None:
    """A table that nobody knows comes in as it was chosen; equal headings are two columns."""
    field(contacts, "points", "number")
    found = contacts.send(ODD, "text/csv")
    assert (found["shape"], found["mapped"]) == ("unknown", False)
    refused = contacts.client.post(f"{IMPORTS}/{found['id']}/run", headers=contacts.headers)
    assert (refused.status_code, refused.json["type"]) == (  # type: ignore[index]
        409,
        "urn:meishi:problem:import-mapping-needed",
    )
    answer = put(contacts, found["id"], "mapping", {
        "columns": [
            {"position": 0, "field": "name"},
            {"position": 1, "field": "address.locality", "types": ["home"]},
            {"position": 2, "field": "custom", "key": "points"},
            {"position": 3, "field": "skip"},
            {"position": 4, "field": "nicknames"},
        ]
    })  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert answer.json["mapped"] is True
    done = contacts.run(found["id"])
    assert (done["counts"]["created"], done["counts"]["rejected"]) == (2, 0)
    ada, bob = contacts.all()
    assert (ada["name"]["full"], ada["nicknames"]) == ("Ada", ["The Countess"])
    assert [(item["locality"], item["types"]) for item in ada["addresses"]] == [
        ("Marylebone", ["home"])
    ]
    assert (ada["custom"], ada["raw"], ada["note"]) == ({"points": 7}, [], None)
    assert (bob["custom"], [item["value"] for item in bob["raw"]]) == ({}, ["many"])
    _, row = contacts.rows(found["id"])
    assert row["reason"].startswith("Punkte: A number, with a point before its decimals. What")


def test_tags_and_lists_are_split_as_it_is_said(contacts: ContactsClient) -> None:
    """Tags by commas and semicolons, or by what is named; emails too."""
    table = 'Name,Groups,Marks,Mails\r\nAda,"vip; Press,VIP",a/b,a@x.example|b@x.example\r\n'
    found = contacts.send(table, "text/csv")
    answer = put(contacts, found["id"], "mapping", {
        "columns": [
            {"position": 0, "field": "name"},
            {"position": 1, "field": "tags"},
            {"position": 2, "field": "tags", "separator": "/"},
            {"position": 3, "field": "email", "types": ["work"], "separator": "|"},
        ]
    })  # fmt: skip
    assert answer.status_code == 200, answer.text
    contacts.run(found["id"])
    (ada,) = contacts.all()
    assert ada["tags"] == ["a", "b", "Press", "vip"]
    assert [item["address"] for item in ada["emails"]] == ["a@x.example", "b@x.example"]


@pytest.mark.parametrize(
    "more",
    [
        ({"separator": ";"}, {}, {}),
        ({"separator": ";"}, {}, {"separator": "/"}),
        ({"group": "1"}, {"group": "1"}, {"group": "1 2"}),
    ],
)
def test_columns_of_the_same_become_values_of_their_own(
    contacts: ContactsClient, more: tuple[dict[str, Any], ...]
) -> None:
    """However they are split and grouped, no column takes the place of another."""
    found = contacts.send("Wer,Post A,Post B,Post C\r\nAda,a@x.org,b@x.org,c@x.org\r\n", "text/csv")
    answer = put(contacts, found["id"], "mapping", {
        "columns": [
            {"position": 0, "field": "name"},
            *({"position": place, "field": "email", **said} for place, said in enumerate(more, 1)),
        ]
    })  # fmt: skip
    assert answer.status_code == 200, answer.text
    contacts.run(found["id"])
    (ada,) = contacts.all()
    assert sorted(item["address"] for item in ada["emails"]) == ["a@x.org", "b@x.org", "c@x.org"]
    assert ada["raw"] == []


@pytest.mark.parametrize("file", sorted(FIXTURES.glob("*.csv")), ids=lambda file: str(file.stem))
def test_mapping_that_says_what_is_told_changes_nothing(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, file: Any
) -> None:
    """Whoever sends the targets of a known table back gets the same contacts."""
    found = contacts.send(file.read_bytes(), "text/csv")
    import_id = UUID(found["id"])
    with workspace.acting_as("crm_contacts"):
        plain = service(ImportMappings).preview(import_id)
        told = service(ImportMappings).columns(import_id)
        assert isinstance(told, ImportColumns)
        mapping = ImportMapping(columns=tuple(item.target for item in told.items))
        service(ImportMappings).set(import_id, mapping)
        again = service(ImportMappings).columns(import_id)
        assert service(ImportMappings).preview(import_id) == plain
        assert service(Imports).get(import_id).unmapped_columns == tuple(found["unmapped_columns"])
    assert plain
    assert isinstance(again, ImportColumns)
    assert [item.target for item in again.items] == [item.target for item in told.items]
    assert again.mapped


BAD_MAPPINGS: list[tuple[list[dict[str, Any]], str]] = [
    ([], "/columns"),
    ([{"position": 0, "field": "note"}, {"position": 1, "field": "email.label"}], "/columns"),
    ([{"position": 0, "field": "name"}, {"position": 9, "field": "note"}], "/columns/1/position"),
    ([{"position": 0, "field": "name"}, {"position": 0, "field": "raw"}], "/columns/1/position"),
    ([{"position": 0, "field": "name"}, {"position": 1, "field": "custom", "key": "x"}],
     "/columns/1/key"),
    ([{"position": 0, "field": "name"}, {"position": 1, "field": "custom"}], "/columns/1/key"),
    ([{"position": 0, "field": "name", "key": "x"}], "/columns/0/key"),
    ([{"position": 0, "field": "name", "types": ["work"]}], "/columns/0/types"),
    ([{"position": 0, "field": "name", "separator": ";"}], "/columns/0/separator"),
    ([{"position": 0, "field": "email", "separator": ""}], "/columns/0/separator"),
    ([{"position": 0, "field": "email", "label": "x" * 101}], "/columns/0/label"),
    ([{"position": 0, "field": "shoes"}], "/columns/0/field"),
    ([{"position": -1, "field": "name"}], "/columns/0/position"),
]  # fmt: skip


def test_mapping_that_makes_no_contacts_is_refused(
    contacts: ContactsClient, subtests: pytest.Subtests
) -> None:
    """What is wrong is named by a pointer, and nothing is changed."""
    import_id = contacts.send(ODD, "text/csv")["id"]
    for columns, pointer in BAD_MAPPINGS:
        with subtests.test(pointer=pointer, columns=str(columns)):
            answer = put(contacts, import_id, "mapping", {"columns": columns})
            assert answer.status_code == 422, answer.text
            assert pointer in {item["pointer"] for item in answer.json["errors"]}, answer.json
    assert columns_of(contacts, import_id)["mapped"] is False


def test_cards_have_no_columns(contacts: ContactsClient) -> None:
    """They say by themselves what they are."""
    import_id = contacts.send(vcard("FN:Ada"))["id"]
    path = f"{IMPORTS}/{import_id}"
    answers = [
        contacts.client.get(f"{path}/columns", headers=contacts.headers),
        put(contacts, import_id, "mapping", {"columns": [{"position": 0, "field": "name"}]}),
        put(contacts, import_id, "dialect", {"delimiter": ";"}),
    ]
    assert [answer.status_code for answer in answers] == [422, 422, 422]


def test_nothing_is_chosen_once_it_has_begun(contacts: ContactsClient) -> None:
    """From the request for the run on, mapping and dialect stay; so for a dry run."""
    import_id = contacts.send("Name,Email\r\nAda,a@x.example\r\n", "text/csv")["id"]
    mapping = {"columns": [{"position": 0, "field": "name"}]}
    assert put(contacts, import_id, "mapping", mapping).status_code == 200
    contacts.start(import_id)
    for _ in range(2):
        path = f"{IMPORTS}/{import_id}"
        answers = [
            put(contacts, import_id, "mapping", mapping),
            contacts.client.delete(f"{path}/mapping", headers=contacts.headers),
            put(contacts, import_id, "dialect", {}),
            contacts.client.post(f"{path}/dry-run", headers=contacts.headers),
        ]
        assert [answer.status_code for answer in answers] == [409] * 4
        contacts.run_jobs()
    assert columns_of(contacts, import_id)["items"][0]["samples"] == []


def test_mapping_can_be_taken_back(contacts: ContactsClient) -> None:
    """Then the headings decide again."""
    import_id = contacts.send("Name,Email,x\r\nAda,a@x.example,1\r\n", "text/csv")["id"]
    put(contacts, import_id, "mapping", {"columns": [{"position": 1, "field": "email"}]})
    assert contacts.get_import(import_id)["unmapped_columns"] == ["Name", "x"]
    path = f"{IMPORTS}/{import_id}/mapping"
    assert contacts.client.delete(path, headers=contacts.headers).status_code == 204
    assert contacts.get_import(import_id)["unmapped_columns"] == ["x"]
    contacts.run(import_id)
    assert contacts.all()[0]["name"]["full"] == "Ada"


def test_table_is_read_in_the_charset_that_is_said(contacts: ContactsClient) -> None:
    """What was told wrongly is read anew, with its other columns; so are rejects written."""
    body = "Имя|Почта\r\nИван|i@x.example\r\n|\r\n|x\r\n".encode("windows-1251")  # noqa: RUF001 (meant)
    import_id = contacts.send(body.replace(b"|", b";"), "text/csv")["id"]
    assert columns_of(contacts, import_id)["charset"] == "windows-1252"
    answer = put(contacts, import_id, "dialect", {"charset": "windows-1251"})
    assert answer.status_code == 200, answer.text
    found = columns_of(contacts, import_id)
    assert [item["heading"] for item in found["items"]] == ["Имя", "Почта"]
    assert (found["charset"], found["delimiter"]) == ("windows-1251", ";")
    columns = [{"position": 0, "field": "name"}]
    assert put(contacts, import_id, "mapping", {"columns": columns}).status_code == 200
    assert contacts.run(import_id)["counts"]["created"] == 1
    assert contacts.all()[0]["name"]["full"] == "Иван"
    assert contacts.rejects(import_id) == "Имя;Почта\r\n;x\r\n".encode("windows-1251")


@pytest.mark.parametrize(("header", "shape"), [("Name|Mail", "generic"), ("Wer|Wo", "unknown")])
def test_bars_between_cells_are_told(contacts: ContactsClient, header: str, shape: str) -> None:
    """Nobody can say so before the file is in."""
    found = contacts.send(f"{header}\r\nAda|a, b; c\r\n", "text/csv")
    assert (found["shape"], found["delimiter"]) == (shape, "|")
    names = header.split("|")
    assert [item["heading"] for item in columns_of(contacts, found["id"])["items"]] == names


def test_dialect_in_which_there_is_no_header_is_refused(contacts: ContactsClient) -> None:
    """The table stays as it was told, with its mapping."""
    import_id = contacts.send("Name,Email\r\nAda,a@x.example\r\n", "text/csv")["id"]
    put(contacts, import_id, "mapping", {"columns": [{"position": 0, "field": "name"}]})
    for dialect in (
        {"delimiter": "|"}, {"delimiter": "x"}, {"charset": "utf-9"},
        {"charset": "big5", "delimiter": "|"}, {"charset": "utf-16-le"},
    ):  # fmt: skip
        assert put(contacts, import_id, "dialect", dialect).status_code == 422, dialect
    found = columns_of(contacts, import_id)
    assert (found["delimiter"], found["mapped"]) == (",", True)


def test_wide_and_ragged_tables_are_mapped(contacts: ContactsClient) -> None:
    """Five hundred columns, rows of fewer and of more cells: every value has its place."""
    headings = [f"c{n}" for n in range(500)]
    rows = [["Ada"], ["Bob", *map(str, range(1, 502))], ["Cy", *[""] * 498, "last"]]
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    import_id = contacts.send(text.getvalue(), "text/csv")["id"]
    columns = [{"position": 0, "field": "name"}, {"position": 499, "field": "note"}]
    columns += [{"position": n, "field": "skip"} for n in range(2, 499)]
    assert put(contacts, import_id, "mapping", {"columns": columns}).status_code == 200
    contacts.run(import_id)
    ada, bob, cy = contacts.all()
    assert (ada["note"], bob["note"], cy["note"]) == (None, "499", "last")
    kept = [(item["parameters"]["NAME"], item["value"]) for item in bob["raw"]]
    assert kept == [(["c1"], "1"), (["Column 501"], "500"), (["Column 502"], "501")]


def test_day_or_month_comes_first_as_it_is_said(contacts: ContactsClient) -> None:
    """A date that can be read in two ways is read in the one that was chosen."""
    for order, expected in (("day_first", "1980-04-03"), ("month_first", "1980-03-04")):
        table = f"Name,Birthday,x\r\n{order},3/4/1980,\r\n"
        import_id = contacts.send(table, "text/csv")["id"]
        columns = [{"position": 0, "field": "name"}, {"position": 1, "field": "birthday"}]
        answer = put(contacts, import_id, "mapping", {"columns": columns, "date_order": order})
        assert answer.json["date_order"] == order
        contacts.run(import_id)
        assert contacts.all()[-1]["birthday"] == expected


def test_field_that_goes_before_the_run_loses_nothing(contacts: ContactsClient) -> None:
    """Values of a custom field that is gone are kept as raw properties."""
    field(contacts, "points", "number")
    import_id = contacts.send("Name,Points\r\nAda,7\r\n", "text/csv")["id"]
    columns = [
        {"position": 0, "field": "name"},
        {"position": 1, "field": "custom", "key": "points"},
    ]
    assert put(contacts, import_id, "mapping", {"columns": columns}).status_code == 200
    fields = contacts.client.get("/api/v1/contacts/custom-fields", headers=contacts.headers).json
    assert fields is not None
    path = f"/api/v1/contacts/custom-fields/{fields['items'][0]['id']}"
    gone = contacts.client.delete(path, headers=contacts.headers | {"If-Match": "*"})
    assert gone.status_code == 200, gone.text
    contacts.run(import_id)
    (ada,) = contacts.all()
    assert (ada["custom"], [item["value"] for item in ada["raw"]]) == ({}, ["7"])


def test_custom_values_of_known_contacts_are_completed(contacts: ContactsClient) -> None:
    """A value that was missing is added, another one stays what it was, and is kept as raw."""
    field(contacts, "points", "number")
    field(contacts, "colour", "text")
    contacts.create({"name": {"full": "Ada"}, "uid": "u1", "custom": {"points": 1}})
    import_id = contacts.send("Who,ID,P,C\r\nAda,u1,2,red\r\n", "text/csv")["id"]
    columns = [
        {"position": 0, "field": "name"}, {"position": 1, "field": "uid"},
        {"position": 2, "field": "custom", "key": "points"},
        {"position": 3, "field": "custom", "key": "colour"},
    ]  # fmt: skip
    assert put(contacts, import_id, "mapping", {"columns": columns}).status_code == 200
    assert contacts.run(import_id)["counts"]["updated"] == 1
    (ada,) = contacts.all()
    assert ada["custom"] == {"colour": "red", "points": 1}
    assert [(item["name"], item["value"]) for item in ada["raw"]] == [("X-CUSTOM-POINTS", "2")]


def test_kind_is_told_by_words(contacts: ContactsClient) -> None:
    """What is no kind is named."""
    import_id = contacts.send("Who,What\r\nA,Company\r\nB,ship\r\n", "text/csv")["id"]
    columns = [{"position": 0, "field": "name"}, {"position": 1, "field": "kind"}]
    assert put(contacts, import_id, "mapping", {"columns": columns}).status_code == 200
    contacts.run(import_id)
    assert [item["kind"] for item in contacts.all()] == ["org"]
    (rejected,) = contacts.rows(import_id, status="rejected")
    assert rejected["reason"].startswith("What: One of: individual, org")


def test_mapping_of_another_workspace_is_not_there(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither seen nor chosen."""
    import_id = contacts.send(ODD, "text/csv")["id"]
    other = contacts.of(other_workspace)
    path = f"{IMPORTS}/{import_id}"
    answers = [
        other.client.get(f"{path}/columns", headers=other.headers),
        put(other, import_id, "mapping", {"columns": [{"position": 0, "field": "name"}]}),
        other.client.post(f"{path}/dry-run", headers=other.headers),
        other.client.get(f"{path}/dry-run", headers=other.headers),
    ]
    assert [answer.status_code for answer in answers] == [404] * 4


def test_contract_refuses_what_the_web_would(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Who calls the service directly is told the same."""
    import_id = UUID(contacts.send(ODD, "text/csv")["id"])
    wrong = ColumnTarget(position=0, field=TargetField.NOTE)
    with workspace.acting_as("crm_contacts"), pytest.raises(InvalidImportMapping):
        service(ImportMappings).set(import_id, ImportMapping(columns=(wrong,)))


BOOK = "Name,Email\r\n" + "".join(
    f"Person {n % (CHUNK_ROWS + 5)},p{n % (CHUNK_ROWS + 5)}@x.example\r\n"
    for n in range(CHUNK_ROWS + 25)
)


@pytest.mark.usefixtures("one_chunk_a_step")
def test_dry_run_says_what_the_run_does(contacts: ContactsClient) -> None:
    """Across chunks, and without a contact, tag or event; then the run does the same."""
    contacts.create({"name": {"full": "Person 1"}, "uid": "u"})
    table = BOOK + ",\r\n" + ",,x\r\n" + "Person 3,other@x.example\r\n"
    import_id = contacts.send(table, "text/csv")["id"]
    before = contacts.all()
    assert try_out(contacts, import_id)["id"] == try_out(contacts, import_id)["id"]
    contacts.run_jobs()
    found = contacts.client.get(f"{IMPORTS}/{import_id}/dry-run", headers=contacts.headers).json
    assert found is not None
    assert contacts.all() == before
    assert found["progress"] == 1
    assert found["completed_at"] is not None
    assert [item["line"] for item in found["rejected"]] == [CHUNK_ROWS + 28]
    operation = contacts.operation(found["operation_id"])
    assert (operation["state"], operation["result"]) == ("succeeded", found["counts"])
    assert contacts.get_import(import_id)["state"] == "uploaded"
    done = contacts.run(import_id)
    assert done["counts"] == found["counts"]
    assert found["counts"]["created"] == CHUNK_ROWS + 6
    assert found["counts"]["unchanged"] == 20
    gone = contacts.client.get(f"{IMPORTS}/{import_id}/dry-run", headers=contacts.headers)
    assert gone.status_code == 404


def test_dry_run_sees_what_rows_before_have_added(contacts: ContactsClient) -> None:
    """The second card of a UID completes what the first one would have made."""
    cards = vcard("UID:1", "FN:Ada") + vcard("UID:1", "FN:Ada", "TITLE:Countess")
    filler = "".join(vcard(f"FN:Person {n}") for n in range(CHUNK_ROWS))
    book = vcard("UID:1", "FN:Ada") + filler + cards
    import_id = contacts.send(book)["id"]
    try_out(contacts, import_id)
    contacts.run_jobs()
    found = contacts.client.get(f"{IMPORTS}/{import_id}/dry-run", headers=contacts.headers).json
    assert found is not None
    assert found["counts"] == {
        "rows": CHUNK_ROWS + 3, "created": CHUNK_ROWS + 1, "updated": 1, "unchanged": 1,
        "duplicates": 2, "rejected": 0,
    }  # fmt: skip
    assert contacts.all() == []
    assert contacts.run(import_id)["counts"] == found["counts"]


def test_choosing_forgets_a_dry_run(contacts: ContactsClient) -> None:
    """What was tried is not what would be done now; who was at it ends."""
    import_id = contacts.send("Name,Email\r\nAda,a@x.example\r\n", "text/csv")["id"]
    path = f"{IMPORTS}/{import_id}/dry-run"
    operation = try_out(contacts, import_id)
    put(contacts, import_id, "mapping", {"columns": [{"position": 1, "field": "email"}]})
    assert contacts.client.get(path, headers=contacts.headers).status_code == 404
    contacts.run_jobs()
    assert contacts.operation(operation["id"])["state"] == "succeeded"
    assert own(contacts.get_import(import_id))["state"] == "uploaded"
