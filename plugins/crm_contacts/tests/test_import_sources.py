"""Reading files chunk by chunk, without a database."""

from __future__ import annotations

from io import BytesIO
from typing import BinaryIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crm_contacts.contract import EmptyAddressBook, ImportFormat
from crm_contacts.recognition import recognise
from crm_contacts.sources import (
    OpenAt,
    Position,
    ReadSource,
    card_chunk,
    joined,
    row_chunk,
)

from .conftest import vcard

pytestmark = pytest.mark.no_calls

LIMIT = 300
LINES = st.lists(
    st.sampled_from(
        [
            *(b"BEGIN:VCARD", b"END:VCARD", b"FN:Ada", b"NOTE:" + b"x" * LIMIT, b"", b"stray"),
            *(b"AGENT:", b"AGENT:BEGIN:VCARD", b"  folded"),
        ]
    ),
    max_size=25,
)
BREAKS = st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n", b"\r\r\r\n"])


def opened(content: bytes) -> OpenAt:
    """Return what opens a file in memory."""

    def open_at(offset: int) -> BinaryIO:
        return BytesIO(content[offset:])

    return open_at


def cards_of(content: bytes, rows: int) -> list[ReadSource]:
    """Read all cards, as many at a time."""
    found: list[ReadSource] = []
    position: Position | None = Position()
    while position is not None:
        chunk = card_chunk(opened(content), position, max_card_bytes=LIMIT, rows=rows)
        found += chunk.sources
        position = chunk.following
    return found


NESTED = (
    *(b"BEGIN:VCARD", b"FN:Crusoe", b"AGENT:", b"BEGIN:VCARD", b"FN:Friday", b"END:VCARD"),
    *(b"TEL:1", b"END:VCARD"),
)


@settings(max_examples=200)
@example([*NESTED, *NESTED], [b"\r\n"] * 25, 1)
@example([*NESTED, *NESTED], [b"\r\n"] * 25, 2)
@given(LINES, st.lists(BREAKS, min_size=25, max_size=25), st.integers(1, 4))
def test_cards_are_the_same_wherever_chunks_end(
    lines: list[bytes], breaks: list[bytes], rows: int
) -> None:
    """Index, line, content and fault of each card do not depend on the size of chunks."""
    book = [vcard("FN:First").encode(), *map(bytes.__add__, lines, breaks)]
    content = b"".join(book)
    at_once = card_chunk(opened(content), Position(), max_card_bytes=LIMIT)
    assert at_once.following is None
    parts = cards_of(content, rows)
    assert parts == list(at_once.sources)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_text_goes_on_in_the_middle(charset: str) -> None:
    """Offsets are those of the text as UTF-8, whatever the file is written in."""
    names = [f"Žofie {n} 山田" for n in range(7)]
    found = cards_of("".join(vcard(f"FN:{name}") for name in names).encode(charset), 3)
    assert [item.draft.name.full for item in found if item.draft] == names
    assert [item.line for item in found] == [1 + 4 * n for n in range(7)]


def test_lines_far_apart_are_found(subtests: pytest.Subtests) -> None:
    """Line breaks that fall on the borders of what is read at a time count once."""
    for line_break in ("\r\n", "\r\r\n", "\n"):
        ada = vcard("FN:Ada").replace("\r\n", line_break)
        for end in range(65_530, 65_545):
            with subtests.test(end=end, line_break=line_break):
                text = ada + "x" * (end - len(ada)) + line_break
                content = (text + vcard("FN:Bob") + vcard("FN:Cy")).encode()
                found = cards_of(content, 1)
                names = [item.draft.name.full for item in found if item.draft]
                assert names == ["Ada", "Bob", "Cy"]
                assert [item.line for item in found] == [1, 6, 10]


ROWS = st.lists(st.sampled_from(["Ada,1", 'B"o"b,2', '"C\r\ny",3', "", ",", ',"open', "é,4"]))


@settings(max_examples=100)
@given(ROWS, st.integers(1, 3), st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_rows_are_the_same_wherever_chunks_end(rows: list[str], size: int, charset: str) -> None:
    """A table in parts has the rows that it has as a whole."""
    content = "\r\n".join(["Name,Phone", *rows]).encode(charset)
    header = recognise(opened(content), ImportFormat.CSV, max_row_bytes=LIMIT).header
    whole = row_chunk(opened(content), Position(), header=header, max_row_bytes=LIMIT)
    assert whole.following is None
    found: list[ReadSource] = []
    position: Position | None = Position()
    while position is not None:
        chunk = row_chunk(opened(content), position, header=header, max_row_bytes=LIMIT, rows=size)
        found += chunk.sources
        position = chunk.following
    assert found == list(whole.sources)


def test_format_is_told_by_the_content() -> None:
    """Without a media type cards are cards, and what has a header of a table is one."""
    table = b"First Name,Email\r\nAda,ada@example.org\r\n"
    for content, expected in [
        (vcard("FN:Ada").encode(), ImportFormat.VCARD),
        (vcard("FN:Ada").encode("utf-16"), ImportFormat.VCARD),
        (table, ImportFormat.CSV),
        (table.decode().encode("utf-16"), ImportFormat.CSV),
    ]:
        assert recognise(opened(content), None, max_row_bytes=LIMIT).format is expected
    with pytest.raises(EmptyAddressBook):
        recognise(opened(b"\x89PNG\r\n\x1a\n\x00"), None, max_row_bytes=LIMIT)


def test_only_what_was_cut_gets_a_line_break() -> None:
    """Rows are put together as they were, in the charset of their header."""
    assert joined([b"a\r", b"b\n", b"c", b"d"], b"") == b"a\rb\nc\r\nd\r\n"
    mark = "\ufeff".encode("utf-16-be")
    wide = ["a\n".encode("utf-16-be"), "b".encode("utf-16-be")]
    assert joined(wide, mark) == "a\nb\r\n".encode("utf-16-be")
