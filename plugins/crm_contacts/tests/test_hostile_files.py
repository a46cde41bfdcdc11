"""Files that are meant to hurt: limits, a reason for each row, and memory that stays bounded."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Callable
from typing import BinaryIO

import pytest

from crm_contacts.contract import ContactDraft, EmptyAddressBook, ImportFormat
from crm_contacts.importing import ContactBatch
from crm_contacts.recognition import recognise
from crm_contacts.settings import ContactsSettingsSchema
from crm_contacts.sources import (
    Chunk,
    OpenAt,
    Position,
    ReadSource,
    card_chunk,
    json_chunk,
    row_chunk,
)
from crm_contacts.validation import MAX_RAW_VALUES, draft_errors

pytestmark = pytest.mark.no_calls

LIMIT = 1 << 18

ADA = b"BEGIN:VCARD\nFN:Ada\nEND:VCARD\n"


def opened(content: bytes) -> OpenAt:
    """Return what opens a file in memory."""

    def open_at(offset: int) -> BinaryIO:
        return io.BytesIO(content[offset:])

    return open_at


def cards(content: bytes) -> tuple[ReadSource, ...]:
    """Read the cards of a file."""
    found = card_chunk(opened(content), Position(), max_card_bytes=LIMIT)
    assert found.following is None
    return found.sources


def rows(content: bytes) -> tuple[ReadSource, ...]:
    """Read the rows of a table."""
    open_at = opened(content)
    told = recognise(open_at, None, max_row_bytes=LIMIT)
    assert told.format is ImportFormat.CSV
    return row_chunk(open_at, Position(), header=told.header, max_row_bytes=LIMIT).sources


def drafts(found: tuple[ReadSource, ...]) -> list[ContactDraft]:
    """Return the contacts of rows that all can be read."""
    assert [item.fault for item in found] == [None] * len(found)
    return [item.draft for item in found if item.draft is not None]


def most_memory(work: Callable[[], object]) -> int:
    """Return how many octets are in use at most while something is done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "inside",
    [
        b"NOTE:" + b"x" * LIMIT,
        b"X-A:1\n" * (LIMIT // 6),
        b"NOTE:x\n" + b" x\n" * (LIMIT // 3),
        b"NOTE;ENCODING=QUOTED-PRINTABLE:" + b"=\n" * (LIMIT // 2),
        b"PHOTO;ENCODING=b:" + b"AAAA\n" * (LIMIT // 5),
        b"item1." * (LIMIT // 6) + b"TEL:1",
        b"TEL;TYPE=" + b"a," * (LIMIT // 2) + b":1",
        b"TEL;" + b"A;" * (LIMIT // 2) + b":1",
        b'TEL;X="' + b"a;" * (LIMIT // 2),
        b"\0" * LIMIT,
        b"N:" + b";" * LIMIT,
        b"\\" * LIMIT,
    ],
)
def test_card_over_the_limit_is_one_row_with_a_reason(inside: bytes) -> None:
    """Whatever fills it; the card behind it comes in, and a few times the limit is in memory."""
    content = b"BEGIN:VCARD\nFN:Bo\n" + inside + b"\nEND:VCARD\n" + ADA
    found = cards(content)
    assert found[0].fault == f"card is larger than {LIMIT} bytes; its text was cut after these"
    assert len(found[0].content) == LIMIT
    assert found[-1].draft is not None
    assert found[-1].draft.name.full == "Ada"
    assert most_memory(lambda: cards(content)) < 12 * LIMIT + len(content)


def test_card_of_very_many_properties_is_rejected() -> None:
    """Under the limit of octets, too: a contact has so many raw properties and no more."""
    content = b"BEGIN:VCARD\nFN:Bo\n" + b"X:1\n" * (LIMIT // 5) + b"END:VCARD\n" + ADA
    many, _ = drafts(cards(content))
    assert len(many.raw) == LIMIT // 5
    assert [(error.pointer, error.code) for error in draft_errors(many)] == [("/raw", "too-many")]
    sources = cards(content)
    batch = ContactBatch(sources, None, lambda: pytest.fail("nothing is stored"))
    first, _ = batch._candidates  # what is decided before the database is asked
    assert getattr(first, "reason", None) == f"/raw: At most {MAX_RAW_VALUES} properties."


def test_card_of_a_million_properties_is_over_the_limit() -> None:
    """The shortest there are do not fit: it is rejected unread, and the card behind it comes in."""
    limit = ContactsSettingsSchema().load({})["max_card_bytes"]
    content = b"BEGIN:VCARD\nFN:Bo\n" + b"X:1\n" * 1_000_000 + b"END:VCARD\n" + ADA
    found = card_chunk(opened(content), Position(), max_card_bytes=limit).sources
    assert [item.fault for item in found] == [
        f"card is larger than {limit} bytes; its text was cut after these", None,
    ]  # fmt: skip
    assert found[0].draft is None
    assert len(found[0].content) == limit
    assert found[1].draft is not None


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"FN:A\0da", "Ada"),
        (b"FN;CHARSET=x-unknown:Ada", "Ada"),
        (b"FN;CHARSET=utf-16:Ada", "Ada"),
        (b"FN;CHARSET=punycode:Ada", "Ada"),
        (b"FN;CHARSET=shift_jis:\x83\x41\x83\x5f", "アダ"),
        (b"FN;CHARSET=utf-8:Ad\xe5", "Adå"),
        (b"FN:\xed\xa0\x80Ada", "í\xa0€Ada"),
        (b"FN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=ED=A0=80Ada", "í\xa0€Ada"),
        (b"FN:Ada\xff\xfe", "Adaÿþ"),
    ],
)
def test_wrong_charsets_and_halves_of_characters_are_text(line: bytes, text: str) -> None:
    """Nothing is dropped but NUL, and what is read can be stored."""
    (draft,) = drafts(cards(b"BEGIN:VCARD\nVERSION:3.0\n" + line + b"\nEND:VCARD\n"))
    assert draft.name.full == text
    assert list(draft_errors(draft)) == []


@pytest.mark.parametrize("columns", [500, 5_000])
def test_table_of_very_many_columns_keeps_them_all(columns: int) -> None:
    """Those that nobody knows go to the raw bag, under their own names."""
    names = ["First Name", "Last Name", *(f"Field {place}" for place in range(columns))]
    cells = ["Ada", "Lovelace", *(str(place) for place in range(columns))]
    (draft,) = drafts(rows(table(names, cells)))
    assert draft.name.full == "Ada Lovelace"
    assert {raw.value for raw in draft.raw} == set(cells[2:])
    fits = columns <= MAX_RAW_VALUES
    assert [error.pointer for error in draft_errors(draft)] == ([] if fits else ["/raw"])


def test_ragged_rows_lose_nothing() -> None:
    """A short row has empty cells at its end, and what is beyond the header is kept."""
    content = table(["First Name", "E-mail"], ["Ada"], ["Bo", "b@example.org", "more", "", "x"], [])
    ada, bo = drafts(rows(content))
    assert (ada.name.full, ada.emails, ada.raw) == ("Ada", (), ())
    assert [(raw.parameters, raw.value) for raw in bo.raw] == [
        ((("NAME", ("Column 3",)),), "more"),
        ((("NAME", ("Column 5",)),), "x"),
    ]


def test_columns_of_one_name_each_keep_their_value() -> None:
    """Emails become two emails; of two titles one is the title, and the other is kept."""
    names = ["Name", "E-mail", "E-mail", "Title", "Title", "X", "X"]
    content = table(names, ["Ada", "a@b", "c@d", "Dr", "Boss", "1", "2"])
    (draft,) = drafts(rows(content))
    assert [email.address for email in draft.emails] == ["a@b", "c@d"]
    assert {raw.value for raw in draft.raw} >= {"1", "2"}


def test_row_over_the_limit_is_one_row_with_a_reason() -> None:
    """A cell that does not end, and a row of nothing but commas, hide no other."""
    header = b"Name,E-mail\n"
    for inside in (b"x" * LIMIT * 2, b"," * LIMIT * 2, b'"' + b"\n" * LIMIT * 2):
        found = rows(header + inside + b"\nAda,a@b\n")
        assert found[0].fault is not None
        assert len(found[0].content) <= LIMIT
        assert any(item.draft and item.draft.name.full == "Ada" for item in found)


def test_zip_of_cards_is_no_address_book() -> None:
    """Nothing is unpacked, so nothing can grow by it."""
    for content in (b"PK\x03\x04" + b"\0" * 100, b"\x1f\x8b\x08" + b"\0" * 100):
        with pytest.raises(EmptyAddressBook):
            recognise(opened(content), None, max_row_bytes=LIMIT)


@pytest.mark.parametrize("content", [b"{", b"[[[[", b'{"a', b'["', b"[" * 1000])
def test_json_that_breaks_off_is_one_row_with_a_reason(content: bytes) -> None:
    """The beginning of a card is no card."""
    found: Chunk = json_chunk(opened(content), Position(), max_card_bytes=LIMIT)
    assert [item.draft for item in found.sources] == [None]
    assert found.sources[0].fault


def table(*lines: list[str]) -> bytes:
    """Write a table."""
    written = io.StringIO(newline="")
    csv.writer(written).writerows(lines)
    return written.getvalue().encode()
