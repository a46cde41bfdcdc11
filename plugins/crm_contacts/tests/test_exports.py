"""Contacts as files: all of them, or those that a list's query means."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from crm_contacts import file_formats
from crm_contacts.csv_writing import header

from .conftest import ContactsClient, own

ANNA: dict[str, Any] = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "organisation": 'Ek, "AB"',
    "title": "Architect",
    "note": "two\nlines",
    "nicknames": ["Annie"],
    "birthday": "1980-04-03",
    "emails": [
        {"address": f"anna{number}@example.org", "types": ["work"], "primary": number == 3}
        for number in range(4)
    ],
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
        ("contacts-vcard3", "text/vcard", ".vcf"),
        ("contacts-jcard", "application/vcard+json", ".json"),
        ("contacts-jscontact", "application/jscontact+json", ".json"),
        ("contacts-csv", "text/csv", ".csv"),
        ("contacts-google", "text/csv", ".csv"),
        ("contacts-outlook", "text/csv", ".csv"),
        ("contacts-ndjson", "application/x-ndjson", ".ndjson"),
    }
    assert {item["resource"] for item in answer.json["items"]} == {"crm_contacts.Contact"}


MEDIA_TYPES = {
    "contacts-vcard": "text/vcard",
    "contacts-vcard3": "text/vcard",
    "contacts-jcard": "application/vcard+json",
    "contacts-jscontact": "application/jscontact+json",
    "contacts-csv": "text/csv",
    "contacts-google": "text/csv",
}


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_an_export_comes_back_as_it_was(contacts: ContactsClient, name: str) -> None:
    """What is imported of it says the same: our own files are read without any loss."""
    before = contacts.create(ANNA)
    written = exported(contacts, name)
    gone = contacts.client.delete(
        f"/api/v1/contacts/{before['id']}", headers=contacts.headers | {"If-Match": "*"}
    )
    assert gone.status_code == 204
    assert contacts.upload(written, MEDIA_TYPES[name])["counts"]["created"] == 1
    (after,) = contacts.all()
    assert {field: after[field] for field in ANNA} == {field: before[field] for field in ANNA}
    assert after["raw"] == []


#: What a table of ours says besides what Google's does.
TEAM: dict[str, Any] = {
    "name": {"full": "Ek AB"},
    "organisation": "Ek AB",
    "kind": "group",
    "uid": "urn:uuid:00000000-0000-4000-8000-000000000007",
    "tags": ["=vip", "Fair, 2026", "North; South"],
}


def test_our_own_table_says_who_is_meant_and_under_which_tags(contacts: ContactsClient) -> None:
    """Kind, UID and tags come back as they were, whatever stands in them."""
    before = contacts.create(TEAM)
    written = exported(contacts, "contacts-csv")
    again = contacts.upload(written, "text/csv")
    assert (again["counts"]["unchanged"], again["unmapped_columns"]) == (1, [])
    gone = contacts.client.delete(
        f"/api/v1/contacts/{before['id']}", headers=contacts.headers | {"If-Match": "*"}
    )
    assert gone.status_code == 204
    assert contacts.upload(written, "text/csv")["counts"]["created"] == 1
    (after,) = contacts.all()
    assert {field: after[field] for field in TEAM} == {field: before[field] for field in TEAM}


def test_kind_and_tags_of_other_tables_are_left_to_a_mapping(contacts: ContactsClient) -> None:
    """What another program means by these words nobody knows, and no row is refused for it."""
    content = "First Name,Labels,Organization Department,Kind,Tags\nAnna,x,y,VIP,z\n"
    found = contacts.upload(content, "text/csv")
    assert found["counts"]["created"] == 1
    assert found["unmapped_columns"] == ["Labels", "Kind", "Tags"]


@pytest.mark.parametrize(
    ("name", "column", "cell"),
    [
        ("contacts-google", "Labels", "'=vip ::: Fair, 2026 ::: North; South"),
        ("contacts-outlook", "Categories", "'=vip;Fair, 2026;North; South"),
    ],
)
def test_tags_stand_where_other_programs_look_for_them(
    contacts: ContactsClient, name: str, column: str, cell: str
) -> None:
    """Each program has a column for them, and a sign that parts them."""
    contacts.create(TEAM)
    written = exported(contacts, name).decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert row[column] == cell


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
    monkeypatch.setattr(file_formats, "MAX_PAGE", 2)
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
        ("Anna;=1+1", "Anna;'=1+1"),
        ("Anna\t@SUM(A1)", "Anna\t'@SUM(A1)"),
        ("Anna;+cmd|' /C calc'!A0", "Anna;'+cmd|' /C calc'!A0"),
        ("Anna;'-HYPERLINK(A1)", "Anna;''-HYPERLINK(A1)"),
        ("Anna ;-) and; - so on", "Anna ;-) and; - so on"),
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


def test_list_of_cards_is_json(contacts: ContactsClient) -> None:
    """A file of JSON is one list, however many cards are in it."""
    for name in ("contacts-jcard", "contacts-jscontact"):
        assert json.loads(exported(contacts, name)) == []
    for name in ("Anna", "Bo"):
        contacts.create({"name": {"full": name}})
    anna, bo = json.loads(exported(contacts, "contacts-jcard", sort="name"))
    assert anna[1][1] == ["fn", {}, "text", "Anna"]
    assert bo[1][1] == ["fn", {}, "text", "Bo"]
    names = [card["name"] for card in json.loads(exported(contacts, "contacts-jscontact"))]
    assert names == [{"full": "Anna"}, {"full": "Bo"}]


def test_formula_comes_back_without_the_apostrophe(contacts: ContactsClient) -> None:
    """What protects spreadsheets is no part of a contact."""
    names = ["=1+1", "'=1+1", "\uff1dx", "-2+3+cmd", "'x", "x;=1", "x;'=1;@b", "x;'-1", "x;'"]
    for name in names:
        contacts.create({"name": {"full": name}})
    written = exported(contacts, "contacts-csv")
    assert contacts.upload(written, "text/csv")["counts"]["unchanged"] == len(names)


def test_outlook_gets_what_it_has_columns_for_and_the_rest_as_notes(
    contacts: ContactsClient,
) -> None:
    """Nothing is left out: what no column is for is a line of the notes."""
    contacts.create(ANNA)
    written = exported(contacts, "contacts-outlook").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    filled = {name: cell for name, cell in row.items() if cell}
    assert filled == {
        "First Name": "Anna",
        "Last Name": "Lindqvist",
        "Company": 'Ek, "AB"',
        "Job Title": "Architect",
        "Home Street": "Storgatan 1",
        "Home City": "Umeå",
        "Other City": "Lund",
        "Other Country/Region": "Sweden",
        "Mobile Phone": "+46 70-123 45 07",
        "Birthday": "4/3/1980",
        "E-mail Address": "anna3@example.org",
        "E-mail 2 Address": "anna0@example.org",
        "E-mail 3 Address": "anna1@example.org",
        "Web Page": "https://lindqvist.example/",
        "Notes": "two\nlines\nE-mail (Work): anna2@example.org\nNickname: Annie",
    }
    found = contacts.upload(written, "text/csv")
    # As in every table of Outlook: the import proposes them for tags.
    assert (found["shape"], found["unmapped_columns"]) == ("outlook", ["Categories"])


def test_outlook_gets_numbers_and_addresses_by_their_kind(contacts: ContactsClient) -> None:
    """The second of a kind has a column of its own, or is a line of the notes."""
    phones = [
        {"number": f"+46 8 {number}", "types": types}
        for number, types in enumerate(
            [["work"], ["work"], ["work"], ["work", "fax"], ["home", "voice"], ["pager"], []]
        )
    ]
    home = {"street": "1 Main\n2nd floor\nleft\nback", "types": ["home"]}
    addresses = [home, home | {"street": "other", "po_box": "7"}]
    contacts.create(
        {
            "name": {"full": "Works AB"}, "organisation": "Works AB", "kind": "org",
            "birthday": "--0404", "phones": phones, "addresses": addresses,
            "positions": [
                {"organisation": "Works AB", "start_date": "2020", "current": True},
                {"organisation": "Ek", "title": "Lead", "start_date": "2017", "end_date": "2019"},
            ],
        }
    )  # fmt: skip
    written = exported(contacts, "contacts-outlook").decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(written, newline=""))
    assert {name: cell for name, cell in row.items() if cell} == {
        "Company": "Works AB",
        "Business Phone": "+46 8 0",
        "Business Phone 2": "+46 8 1",
        "Business Fax": "+46 8 3",
        "Home Phone": "+46 8 4",
        "Pager": "+46 8 5",
        "Other Phone": "+46 8 6",
        "Home Street": "1 Main",
        "Home Street 2": "2nd floor",
        "Home Street 3": "left back",
        "Notes": "Birthday: --0404\nAddress (Home): 7, other\nPhone (Work): +46 8 2"
        "\nJob: Lead, Ek (2017/2019)",
    }


def test_a_table_of_ours_brings_the_job_history_back(contacts: ContactsClient) -> None:
    """A job is a line of its cell; one that is none is kept as it was written."""
    jobs = [
        {"organisation": "=Ek; AB", "units": ["A", "B"], "title": "Lead\nand more", "role": None,
         "start_date": "2019-03", "end_date": None, "current": True, "note": "::: x"},
        {"organisation": None, "units": [], "title": "Intern", "role": "Help",
         "start_date": None, "end_date": "2018", "current": False, "note": None},
    ]  # fmt: skip
    anna = contacts.create({"name": {"full": "Anna"}, "positions": jobs})
    written = exported(contacts, "contacts-csv").decode("utf-8-sig")
    assert contacts.upload(written, "text/csv")["counts"]["unchanged"] == 1
    assert contacts.get(anna["id"])["positions"] == jobs
    changed = written.replace("Anna", "Berta")
    assert contacts.upload(changed, "text/csv")["counts"]["created"] == 1
    [berta] = contacts.page(q="berta")["items"]
    assert (berta["positions"], berta["organisation"]) == (jobs, "=Ek; AB")
    wrong = changed.replace("Berta", "Cora").replace("2018", "20x8")
    contacts.upload(wrong, "text/csv")
    [cora] = contacts.page(q="cora")["items"]
    assert cora["positions"] == []
    assert [item["name"] for item in cora["raw"]] == ["X-MEISHI-COLUMN"]


def test_google_gets_its_own_columns(contacts: ContactsClient) -> None:
    """A name without parts is the given one, and a role, for which it has no place, is custom."""
    contacts.create({"name": {"full": "Ada Lovelace"}, "role": "Author"})
    contacts.create(ANNA)
    written = exported(contacts, "contacts-google", sort="name").decode("utf-8-sig")
    ada, anna = csv.DictReader(io.StringIO(written, newline=""))
    assert {name: cell for name, cell in ada.items() if cell} == {
        "First Name": "Ada Lovelace",
        "Custom Field 1 - Label": "Role",
        "Custom Field 1 - Value": "Author",
    }
    assert anna["E-mail 3 - Value"] == "anna2@example.org ::: anna3@example.org"
    assert anna["E-mail 3 - Label"] == "Work ::: * Work"
    assert contacts.upload(written, "text/csv")["shape"] == "google_new"
