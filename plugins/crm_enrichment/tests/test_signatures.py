from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from crm_enrichment.signatures import Part, Passage, read_signature
from crm_enrichment.signatures.reading import LONGEST_TEXT

pytestmark = pytest.mark.no_calls

SIGNATURES = [
    json.loads(line)
    for file in (Path(__file__).parent / "gold").glob("*.jsonl")
    for line in file.read_text("utf-8").splitlines()
]
#: What signatures are made of, to be put together at random.
PARTS = [
    "Anna Lindqvist", "Head of Product", "株式会社みなと", "Tel.: +49 30 23125-110", "Fax", "--",
    "\n", " | ", "anna (at) northwind (dot) example", "a@b.example", "https://b.example/?a=(1)",
    "12 Harbour St, ", "E1 6AN", "> ", "On Monday the 4th somebody wrote:", "Regards,", "((((",
    "0 0 0 0 ", "HRB 123456",
]  # fmt: skip


def values(note: str, part: Part) -> list[str]:
    """Return what is read of one part."""
    return [item.value for item in read_signature(note) if item.part is part]


def quoted(note: str, item: Passage) -> str:
    """Return the passage that an item stands for."""
    assert 0 <= item.start < item.end <= len(note)
    return note[item.start : item.end]


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda item: item["text"][:20])
def test_value_is_what_its_passage_says(signature: dict[str, str]) -> None:
    """Whoever looks at the quoted passage sees the value, letter for letter but for its form."""
    note = signature["text"]
    for item in read_signature(note):
        letters = re.sub(r"[\W_]", "", item.value.casefold()).removeprefix("https")
        passage = re.sub(r"[\W_]", "", quoted(note, item).casefold()).removeprefix("https")
        spelt = re.sub(r"(at|dot)", "", passage) == re.sub(r"(at|dot)", "", letters)
        assert letters == passage or (item.part is Part.EMAIL and spelt)


@given(lists(sampled_from(PARTS), max_size=30).map("".join) | text(max_size=300))
def test_any_text_can_be_read(note: str) -> None:
    """Whatever is written in a note, reading it ends, with passages of it and fair confidences."""
    found = read_signature(note)
    assert all(quoted(note, item) and 0 < item.confidence <= 1 for item in found)
    single = [item.part for item in found if item.part.value in {"name", "title", "organisation"}]
    assert len(single) == len(set(single))


def test_no_more_than_a_signatures_length_is_read() -> None:
    """A note as long as a book costs no more than a long mail."""
    assert values("x" * LONGEST_TEXT + " a@b.example", Part.EMAIL) == []


@pytest.mark.parametrize(
    "line",
    [
        "Fax: +49 30 23125-119",
        "Telefax +49 30 23125119",
        "F +49 30 23125-119",
        "IBAN: DE02 1203 0000 0000 2020 51",
        "USt-IdNr. DE123456789",
        "HRB 123456",
        "VAT GB 123 4567 89",
        "SIRET 123 456 789 00012",
        "P.IVA 01234567890",
        "Order no. 0123456789",
        "12.05.2026",
        "2026-03-14",
        "PLZ 01067",
        "1.234.567,89 EUR",
        "version 10.4.2.1",
    ],
)
def test_number_that_is_no_phone_is_not_one(line: str) -> None:
    """Fax machines, accounts, taxes, registers, orders and dates are not called."""
    assert values(f"Anna Lindqvist\n{line}\nanna@northwind.example", Part.PHONE) == []


def test_two_numbers_of_one_line_are_two() -> None:
    """A slash parts numbers, and does not where it stands behind an area code."""
    assert values("Tel. 0341/55 50 123", Part.PHONE) == ["0341/55 50 123"]
    assert values("+43 512 555 10 / +43 664 555 0102", Part.PHONE) == [
        "+43 512 555 10",
        "+43 664 555 0102",
    ]


@pytest.mark.parametrize(
    "before",
    [
        "On Mon, 4 May 2026 at 10:12, Alice Wu <alice@other.example> wrote:\n",
        "Am 03.02.2026 schrieb Karl Otto:\n",
        "-----Original Message-----\n",
        "From: Leo <leo@other.example>\nSent: Monday\nTo: George\n",
    ],
)
def test_answered_mail_is_not_the_authors(before: str) -> None:
    """What stands behind the announcement of a quotation, or behind `>`, was written by others."""
    note = f"Tom O'Brien\ntom@example.com\n{before}> call +1 617 555 0142\nor mo@other.example"
    assert values(note, Part.EMAIL) == ["tom@example.com"]
    assert values(note, Part.PHONE) == []


def test_quotation_above_the_answer_is_not_the_authors() -> None:
    """Lines behind `>` were written by others, announced or not."""
    note = "> Regards, Mo (mo@other.example)\n> +1 617 555 0142\n\nTom O'Brien\ntom@example.com"
    assert [item.value for item in read_signature(note)] == ["Tom O'Brien", "tom@example.com"]


def test_obfuscated_address_is_read_with_its_quote() -> None:
    """An address that hides from robots is read, and quoted as it stands there."""
    note = "Bob Lee\nbob [at] lee-consulting [dot] example"
    (item,) = [item for item in read_signature(note) if item.part is Part.EMAIL]
    assert item.value == "bob@lee-consulting.example"
    assert quoted(note, item) == "bob [at] lee-consulting [dot] example"


def test_address_that_confirms_the_name_makes_it_surer() -> None:
    """Two places that say the same are better than one."""
    notes = ("Anna Lindqvist\nx9@b.example", "Anna Lindqvist\na.lindqvist@b.example")
    alone, both = (next(i for i in read_signature(n) if i.part is Part.NAME) for n in notes)
    assert alone.confidence < 0.9 < both.confidence


def test_region_decides_whether_a_number_is_one_of_a_country() -> None:
    """A national number is surer where it is known which nation's."""
    note = "Tel. 030 23125110"
    (abroad,), (home,) = read_signature(note), read_signature(note, "DE")
    assert abroad.value == home.value
    assert abroad.confidence < home.confidence
