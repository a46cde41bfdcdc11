from __future__ import annotations

import csv
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
from plugins.crm_contacts.tests.csv_losses import cells_of, losses
from plugins.crm_contacts.tests.csv_tables import FIXTURES, read

from crm_contacts.contract import Address, ContactKind, Email, Link, Name, Phone
from crm_contacts.tables import TableShape
from crm_contacts.validation import draft_errors

pytestmark = pytest.mark.no_calls

REPOSITORY = Path(__file__).parents[3]
REAL = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "csv"
REAL_FILES = sorted(REAL.glob("*.csv"))
LANGUAGES = ("german", "french", "spanish", "dutch", "italian")


def lossless(file: Path, header: str) -> None:
    """Read a file and make sure that every row is accounted for and nothing of it is lost."""
    content = file.read_bytes()
    table, found = read(content, limit=100_000)
    columns, expected = cells_of(content.decode(), table.delimiter, header)
    assert table.columns == tuple(columns)
    assert len(found) == len(expected)
    for row, cells in zip(found, expected, strict=True):
        assert (row.draft is None) != (row.fault is None)
        if row.draft is not None:
            assert losses(columns, cells, row.draft) == []
            assert list(draft_errors(row.draft)) == []


@pytest.mark.parametrize(
    ("name", "header", "shape"),
    [
        ("google", "Given Name", TableShape.GOOGLE),
        ("google_new", "Labels", TableShape.GOOGLE_NEW),
        ("outlook", "First Name", TableShape.OUTLOOK),
        ("outlook_german", "Vorname", TableShape.OUTLOOK),
        ("outlook_french", "Prénom", TableShape.OUTLOOK),
        ("outlook_spanish", "Nombre", TableShape.OUTLOOK),
        ("outlook_dutch", "Voornaam", TableShape.OUTLOOK),
        ("outlook_italian", "Cognome", TableShape.OUTLOOK),
        ("linkedin", "Connected On", TableShape.LINKEDIN),
        ("thunderbird", "Primary Email", TableShape.THUNDERBIRD),
        ("thunderbird_german", "Vorname", TableShape.THUNDERBIRD),
        ("thunderbird_french", "Prénom", TableShape.THUNDERBIRD),
        ("generic", "Vorname", TableShape.GENERIC),
    ],
)
def test_export_of_a_known_program_is_read_without_loss(
    name: str, header: str, shape: TableShape
) -> None:
    """The shape is recognised by the header, and every value is found in the contacts."""
    file = FIXTURES / f"{name}.csv"
    assert read(file.read_bytes())[0].shape == shape
    lossless(file, header)


@pytest.mark.skipif(not REAL_FILES, reason=f"no tables in {REAL}")
@pytest.mark.parametrize("file", REAL_FILES, ids=lambda file: file.stem)
def test_table_of_a_real_program_is_read_without_loss(file: Path) -> None:
    """Every row becomes a contact that holds all of its values."""
    header = "Given Name" if "google" in file.stem.lower() else "First Name"
    lossless(file, header)
    assert all(row.fault is None for row in read(file.read_bytes())[1])


def test_google_contact_has_kinds_and_all_of_several_values() -> None:
    """Stars mark the primary one, words become types or labels, `:::` stands between values."""
    person, company, unnamed, mailbox = read((FIXTURES / "google.csv").read_bytes())[1]
    assert person.draft is not None
    assert person.draft.emails == (
        Email(address="ilse@lab.example", types=("work",), primary=True),
        Email(address="winter@lab.example", types=("work",), parameters=(("PREF", ("1",)),)),
        Email(address="isi@home.example", types=("home",)),
    )
    assert person.draft.phones == (
        Phone(number="+44 7700 900001", types=("cell",)),
        Phone(number="+44 1632 960001", types=("work", "fax")),
        Phone(number="+44 1632 960002", label="Boat"),
    )
    assert person.draft.addresses == (
        Address(
            street="1 Mill Lane",
            extended="Flat 2",
            locality="Ambridge",
            country="UK",
            types=("home",),
            parameters=(("LABEL", ("1 Mill Lane\nFlat 2\nAmbridge\nUK",)),),
        ),
    )
    assert person.draft.nicknames == ("Isi", "Wintermaus")
    assert (person.draft.birthday, person.draft.role) == ("--0404", "Chemist")
    assert company.draft is not None
    assert company.draft.kind is ContactKind.ORG
    assert [raw.value for raw in company.draft.raw] == ["Work"]
    assert unnamed.draft is None
    assert mailbox.draft is not None
    assert mailbox.draft.name.full == "nobody@mail.example"


def test_new_google_contact_is_named_by_its_parts() -> None:
    """Where no column has the whole name, its parts make it; labels work as types did."""
    person, company = read((FIXTURES / "google_new.csv").read_bytes())[1]
    assert person.draft is not None
    assert person.draft.name == Name(
        full="Tomás J. Quiroga Jr.",
        given="Tomás",
        additional="J.",
        family="Quiroga",
        suffix="Jr.",
    )
    assert [(phone.number, phone.types) for phone in person.draft.phones] == [
        ("+34 600 000 001", ("cell",)),
        ("+34 910 000 001", ("home",)),
        ("+34 910 000 002", ("home",)),
    ]
    assert person.draft.units == ("Cuentas",)
    assert company.draft is not None
    assert (company.draft.name.full, company.draft.kind) == ("Taller Sur", ContactKind.ORG)


def test_outlook_contact_has_types_by_its_columns() -> None:
    """The name of a column tells the type; a date that is none is left out."""
    person, company, nobody = read((FIXTURES / "outlook.csv").read_bytes())[1]
    assert person.draft is not None
    assert person.draft.birthday == "1981-01-20"
    assert person.draft.addresses[0].street == "9 High Street\nRear Building\nFloor 3"
    assert {(phone.types, phone.label, phone.primary) for phone in person.draft.phones} == {
        ((), "Assistant", False),
        (("work", "fax"), None, False),
        (("work",), None, False),
        (("work",), "Company Main", False),
        (("home",), None, False),
        (("cell",), None, False),
        ((), "Other", False),
        (("pager",), None, False),
        ((), None, True),
    }
    assert company.draft is not None
    assert (company.draft.kind, company.draft.birthday) == (ContactKind.ORG, None)
    assert nobody.draft is None
    assert nobody.fault is not None


def test_outlook_says_the_same_in_every_language() -> None:
    """The same contact is read from the headers of five languages."""
    found = [read((FIXTURES / f"outlook_{name}.csv").read_bytes())[1] for name in LANGUAGES]
    drafts = [only.draft for (only,) in found]
    first = drafts[0]
    assert first is not None
    assert first.title == "Chief"
    assert [address.locality for address in first.addresses] == [
        "Worktown",
        "Hometown",
        "Othertown",
    ]
    dates = []
    for draft in drafts:
        assert draft is not None
        dates.append(draft.birthday)
        assert (draft.name, draft.title, draft.note) == (first.name, first.title, first.note)
        assert (draft.emails, draft.phones) == (first.emails, first.phones)
        assert (draft.addresses, draft.links) == (first.addresses, first.links)
    assert dates == ["1981-01-20", "1981-01-20", "1981-02-03", "1981-02-03", "1981-02-03"]


def test_linkedin_connections_stand_behind_notes() -> None:
    """The preamble is part of the header, and rows keep the lines that they stand on."""
    content = (FIXTURES / "linkedin.csv").read_bytes()
    table, (maud, piet) = read(content)
    assert table.header == content[: content.index(b"Maud")]
    assert (maud.line, piet.line) == (5, 6)
    assert table.unmapped_columns() == ("Connected On",)
    assert maud.draft is not None
    assert maud.draft.organisation == "Bridge Farm, Ltd"
    assert maud.draft.links == (
        Link(url="https://www.linkedin.com/in/maud-archer-invented", label="LinkedIn"),
    )


def test_generic_table_is_read_by_the_names_of_its_columns() -> None:
    """`Name` beside a first name is the last one; cells beyond the header are kept, too."""
    person, company, nobody, extra = read((FIXTURES / "generic.csv").read_bytes())[1]
    assert person.draft is not None
    assert (person.draft.name.given, person.draft.name.family) == ("Käthe", "Böhm")
    assert person.draft.birthday == "1950-03-07"
    assert [email.address for email in person.draft.emails] == [
        "kaethe@boehm.example",
        "kb@mail.example",
    ]
    assert company.draft is not None
    assert company.draft.kind is ContactKind.ORG
    assert nobody.fault == "the row has neither a name nor anything else to call a contact by"
    assert extra.draft is not None
    assert extra.draft.raw[-1].parameters == (("NAME", ("Column 15",)),)


def test_thunderbird_addresses_belong_together() -> None:
    """Columns with the same qualifier make one address, with the second line of its street."""
    (row,) = read((FIXTURES / "thunderbird.csv").read_bytes())[1]
    assert row.draft is not None
    assert [(item.types, item.street, item.locality) for item in row.draft.addresses] == [
        (("home",), "Brook Farm\nAnnexe", "Ambridge"),
        (("work",), None, "Borchester"),
    ]
    assert [email.primary for email in row.draft.emails] == [True, False]


@pytest.mark.parametrize("language", ["german", "french"])
def test_thunderbird_says_the_same_in_every_language(language: str) -> None:
    """Its columns are known by their places; what has no field is told, and kept as it is."""
    own, (english,) = read((FIXTURES / "thunderbird.csv").read_bytes())
    table, (row,) = read((FIXTURES / f"thunderbird_{language}.csv").read_bytes())
    assert row.draft is not None
    assert english.draft is not None
    assert replace(row.draft, raw=()) == replace(english.draft, raw=())
    assert [item.value for item in row.draft.raw] == ["1968", "6", "16", "Vet"]
    assert row.draft.birthday is None
    places = [table.columns.index(name) for name in table.unmapped_columns() if name != "Jour"]
    assert len(table.unmapped_columns()) == len(own.unmapped_columns()) == 8
    assert places[0] == 6


def test_thunderbird_of_old_has_no_name_in_chats() -> None:
    """All else stands a column earlier; what has lost more is a table like any other."""
    rows = csv.reader((FIXTURES / "thunderbird.csv").read_text().splitlines())
    short = [row[:6] + row[7:] for row in rows]
    table, (old,) = read(written(short))
    (now,) = read((FIXTURES / "thunderbird.csv").read_bytes())[1]
    assert (table.shape, old.draft) == (TableShape.THUNDERBIRD, now.draft)
    table, _ = read(written([row[:6] + row[8:] for row in short]))
    assert table.shape == TableShape.GENERIC


def written(rows: list[list[str]]) -> bytes:
    """Return a table of rows."""
    file = io.StringIO()
    csv.writer(file).writerows(rows)
    return file.getvalue().encode()
