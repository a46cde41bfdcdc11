from __future__ import annotations

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.vcard import CUT_OFF, NO_CARD, CardSource, VCardError, split_cards
from crm_contacts.vcard.splitting import NOT_BEGUN

pytestmark = pytest.mark.no_calls

LIMIT = 10_000


def split(content: bytes, limit: int = LIMIT) -> list[CardSource]:
    """Split a whole file."""
    return list(split_cards(io.BytesIO(content), max_card_bytes=limit))


def card(name: str) -> bytes:
    """Write a small card."""
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{name}\r\nEND:VCARD\r\n".encode()


def test_cards_come_with_index_line_and_their_own_text() -> None:
    """Each card carries its place in the file and exactly its own octets."""
    ada, bob = split(card("Ada") + b"\r\n" + card("Bob"))
    assert (ada.index, ada.line, ada.content, ada.fault) == (0, 1, card("Ada"), None)
    assert (bob.index, bob.line, bob.content, bob.fault) == (1, 6, card("Bob"), None)


@pytest.mark.parametrize("line_break", [b"\n", b"\r", b"\r\n", b"\r\r\n"])
def test_every_kind_of_line_break_is_one_line(line_break: bytes) -> None:
    """Lines are counted alike however they end."""
    content = (card("Ada") + card("Bob")).replace(b"\r\n", line_break)
    assert [source.line for source in split(content)] == [1, 5]


@pytest.mark.parametrize(
    "begin", [b"begin:vcard", b"BEGIN:VCARD  ", b"\t BEGIN:VCARD", b"BEGIN: vCard"]
)
def test_begin_may_be_written_in_any_case_and_between_blanks(begin: bytes) -> None:
    """A BEGIN line is known by its words alone."""
    sources = split(card("Ada").replace(b"BEGIN:VCARD", begin) + card("Bob"))
    assert [source.fault for source in sources] == [None, None]


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_encodings_are_read_with_and_without_mark(mark: str) -> None:
    """Text in UTF-16 or with a byte order mark comes out as plain UTF-8."""
    text = "BEGIN:VCARD\r\nFN:Žofie 山田\r\nEND:VCARD\r\n"
    assert [source.content for source in split(text.encode(mark))] == [text.encode()]


def test_missing_end_before_the_next_card_loses_neither() -> None:
    """A card without END ends where the next one begins."""
    first, second = split(b"BEGIN:VCARD\nFN:Ada\n" + card("Bob"))
    assert (first.content, first.fault) == (b"BEGIN:VCARD\nFN:Ada\n", None)
    assert second.content == card("Bob")


@pytest.mark.parametrize("tail", [b"", b"\r\nTEL:12", b"\r\nEND:VCAR"])
def test_card_cut_off_by_the_end_of_the_file_is_a_fault(tail: bytes) -> None:
    """A last card without END is reported with all there is of its text."""
    _, last = split(card("Ada") + b"BEGIN:VCARD\r\nFN:Bob" + tail)
    assert (last.fault, last.content) == (CUT_OFF, b"BEGIN:VCARD\r\nFN:Bob" + tail)


def test_nested_card_counts_and_stays_in_the_card_around_it() -> None:
    """An AGENT written as a card of its own is the second card, inside the first."""
    agent = b"AGENT:\r\n" + card("Friday") + b"TEL:1\r\n"
    content = card("Crusoe").replace(b"END", agent + b"END")
    outer, inner, after = split(content + card("Bob"))
    assert (outer.index, outer.content, outer.nested) == (0, content, False)
    assert (inner.index, inner.content, inner.nested, inner.line) == (1, card("Friday"), True, 5)
    assert (after.index, after.nested) == (2, False)


@pytest.mark.parametrize(
    "agent", [b"AGENT:", b"agent; CHARSET=UTF-8 : ", b"item1.AGENT;ENCODING=8BIT;TYPE=x:"]
)
def test_card_begun_on_the_line_of_agent_is_nested(agent: bytes) -> None:
    """The form of 2.1, `AGENT:BEGIN:VCARD`, is a card inside a card as well."""
    content = card("Crusoe").replace(b"END", agent + card("Friday") + b"TEL:1\r\nEND")
    outer, inner, after = split(content + card("Bob"))
    assert (outer.content, outer.nested) == (content, False)
    assert (inner.content, inner.nested, inner.line) == (card("Friday"), True, 4)
    assert (after.content, after.index) == (card("Bob"), 2)


def test_card_whose_begin_is_damaged_is_a_fault() -> None:
    """Text that ends like a card is one, with its place and all there is of it."""
    damaged = card("Bob").replace(b"VCARD", b"VCRD", 1)
    first, second, third = split(card("Ada") + b"\r\n" + damaged + card("Eve"))
    assert (first.fault, third.fault, third.index) == (None, None, 2)
    assert second == CardSource(1, 6, damaged, NOT_BEGUN)
    (only,) = split(damaged)
    assert (only.index, only.line, only.content) == (0, 1, damaged)


def test_text_around_cards_is_no_card() -> None:
    """Neither a letter around the cards nor an END too many is taken for a card."""
    assert len(split(b"Dear all\n" + card("Ada") + b"END:VCARD\n\nEND:VCARD\nRegards\n")) == 1


def test_text_that_ends_like_a_card_is_kept_up_to_the_limit() -> None:
    """However much stands before an END, no more than the limit is held."""
    (only,) = split(b"x" * 500 + b"\nEND:VCARD\n", limit=100)
    assert (only.content, only.fault) == (b"x" * 100, NOT_BEGUN)


def test_indented_begin_inside_a_card_continues_the_line_before() -> None:
    """A folded value may read BEGIN:VCARD without being a card."""
    (only,) = split(b"BEGIN:VCARD\nNOTE:see\n BEGIN:VCARD\nEND:VCARD\n")
    assert only.fault is None


def test_card_pasted_with_indentation_is_one_card() -> None:
    """Lines that are all indented alike are lines, not folds."""
    text = b"".join(b"    " + line for line in card("Ada").splitlines(keepends=True))
    assert [source.content for source in split(text + text)] == [text, text]


def test_too_large_a_card_does_not_hide_the_next() -> None:
    """A card above the limit is cut and reported; the one after it is whole."""
    large = card("x" * 500)
    first, second = split(large + card("Bob"), limit=100)
    assert first.content == large[:100]
    assert first.fault == "card is larger than 100 bytes; its text was cut after these"
    assert (second.content, second.line, second.fault) == (card("Bob"), 5, None)


class Endless(io.BytesIO):
    """A card of one line that goes on for a hundred megabytes."""

    def __init__(self) -> None:
        super().__init__(b"BEGIN:VCARD\nNOTE:")
        self.left = 100_000_000

    def read(self, size: int | None = -1) -> bytes:
        """Return the next octets, which are all alike once the line has begun."""
        taken = min(self.left, size or 0)
        self.left -= taken
        return super().read(size) or b"x" * taken


def test_endless_line_needs_no_more_memory_than_a_card() -> None:
    """What is kept of a line without end is the limit, and what is held is a few chunks."""
    tracemalloc.start()
    try:
        (only,) = split_cards(Endless(), max_card_bytes=1_000)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(only.content) == 1_000
    assert peak < 2_000_000


def test_text_without_a_card_is_an_error_and_blank_text_is_not() -> None:
    """A file that holds something, but no card, is told from an empty one."""
    with pytest.raises(VCardError, match=NO_CARD):
        split(b"\x89PNG\r\n\x1a\n\x00\x00")
    assert split(b"") == split(b"\r\n \r\n") == []


@given(
    st.lists(
        st.sampled_from(
            [
                b"BEGIN:VCARD",
                b"END:VCARD",
                b"AGENT:",
                b"AGENT:BEGIN:VCARD",
                b"FN:Ada",
                b" folded",
                b"",
                b"TEL:" + b"1" * 90,
            ]
        )
    ),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.integers(min_value=1, max_value=200),
)
def test_no_arrangement_of_lines_loses_a_card(
    lines: list[bytes], line_break: bytes, limit: int
) -> None:
    """There are as many cards as BEGINs, numbered in order, and no other text with an END."""
    content = line_break.join(lines)
    begun = sum(line.endswith(b"BEGIN:VCARD") for line in lines)
    if not begun and (b"END:VCARD" not in content) and content.strip():
        with pytest.raises(VCardError, match=NO_CARD):
            split(content, limit)
        return
    sources = split(card("First") + content, limit)[1:]
    assert [source.index for source in sources] == list(range(1, len(sources) + 1))
    assert sum(source.fault != NOT_BEGUN for source in sources) == begun
    assert all(len(source.content) <= limit for source in sources)


class Drops(io.BytesIO):
    """A stream that hands out a few octets at a time."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self.size = size

    def read(self, _: int | None = -1) -> bytes:
        """Return the next few octets."""
        return super().read(self.size)


@given(st.binary(max_size=300), st.integers(min_value=1, max_value=7))
def test_size_of_the_reads_makes_no_difference(content: bytes, size: int) -> None:
    """The same cards come out of a stream however it is read."""
    whole = card("Ada") + content + b"\n" + card("Bob")
    assert list(split_cards(Drops(whole, size), max_card_bytes=LIMIT)) == split(whole)
