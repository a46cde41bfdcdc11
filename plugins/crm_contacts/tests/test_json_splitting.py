"""Cutting a file of JSON into cards: one damaged card hides no other, and memory is bounded."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.json_splitting import CUT_OFF, STRAY, JsonSource, split_json
from crm_contacts.json_values import MAX_DEPTH, TOO_DEEP, JsonError, decode_json, depth_of

pytestmark = pytest.mark.no_calls

LIMIT = 400
ADA = b'{"@type": "Card", "name": {"full": "Ada"}}'
BO = b'["vcard", [["fn", {}, "text", "Bo \\" ]}"]]]'


def split(content: bytes, limit: int = LIMIT) -> list[JsonSource]:
    """Cut a file."""
    return list(split_json(io.BytesIO(content), max_card_bytes=limit))


def told(content: bytes) -> list[tuple[int, bytes, str | None]]:
    """Return line, octets and fault of each card."""
    return [(card.line, card.content, card.fault) for card in split(content)]


@pytest.mark.parametrize(
    "content",
    [
        b"[" + ADA + b"," + BO + b"]",
        b"[" + ADA + b"," + BO + b",]",
        b"[" + ADA + b" " + BO,
        ADA + BO,
        ADA + b" ," + BO + b"]",
        b'["vcardstream", ' + ADA + b"," + BO + b"]",
        b"\xef\xbb\xbf [" + ADA + b"," + BO + b"]  ",
    ],
)
def test_cards_are_found_whatever_is_around_them(content: bytes) -> None:
    """A list, a stream, values one after another, with commas too many or too few."""
    assert told(content) == [(1, ADA, None), (1, BO, None)]


@pytest.mark.parametrize("line_break", [b"\n", b"\r\n", b"\r"])
def test_lines_are_counted(line_break: bytes) -> None:
    """Every kind of line break is one line, within and between cards."""
    parts = [b"[", b"{", b'"@type": "Card"', b"}", b"", b", ", BO + b", [", b"]", b"{}", b"]"]
    found = told(line_break.join(parts))
    assert [line for line, _, _ in found] == [2, 7, 7, 9]
    assert found[0][1] == line_break.join([b"{", b'"@type": "Card"', b"}"])


def test_single_card_is_one() -> None:
    """A jCard is a list itself."""
    assert told(BO) == [(1, BO, None)]
    assert told(b" \n" + BO + b"\n") == [(2, BO, None)]
    assert told(b"") == told(b" \n ") == told(b"[]") == told(b"[\n]\n") == []


def test_text_between_cards_is_told() -> None:
    """What is no card is not passed over in silence."""
    assert told(b"[1, nul, " + ADA + b'"a]", x y]') == [
        (1, b"1", STRAY),
        (1, b"nul", STRAY),
        (1, ADA, None),
        (1, b'"a]"', STRAY),
        (1, b"x y", STRAY),
    ]


@pytest.mark.parametrize(
    "damaged",
    [b'{"@type": "Card", "name": {"full": "x"}', b'{"a": "no end}', b'["vcard", [[["', b'{"a\\'],
)
@pytest.mark.parametrize("indent", [b"", b"  ", b"\t"])
def test_damaged_card_hides_no_other(damaged: bytes, indent: bytes) -> None:
    """It ends where a line begins with the next card, as deep as itself."""
    lines = [b"[", indent + damaged, indent + ADA + b",", indent + damaged, indent + BO, b"]"]
    found = told(b"\n".join(lines))
    assert [fault for _, _, fault in found] == [CUT_OFF, None, CUT_OFF, None]
    assert [line for line, _, _ in found] == [2, 3, 4, 5]
    assert (found[1][1], found[3][1]) == (ADA, BO)
    assert found[0][1].startswith(damaged)


def test_nothing_in_a_card_is_taken_for_the_next_one() -> None:
    """What looks like a card stands deeper, in a text, or does not begin a line."""
    inner = {
        "@type": "Card",
        "list": [{"@type": "Card"}, ["vcard", []]],
        "text": '\n{"@type":"Card"',
    }
    for indent in (None, 1, 4):
        content = json.dumps([inner, inner], indent=indent).encode()
        assert [decode_json(card.content) for card in split(content)] == [inner, inner]


def test_card_that_is_cut_off_is_told() -> None:
    """At the end of a file nobody knows what is missing."""
    assert told(ADA + b'{"a": [') == [(1, ADA, None), (1, b'{"a": [', CUT_OFF)]


def test_card_over_the_limit_hides_no_other() -> None:
    """Its text is cut, and what follows is read."""
    large = b'{"note": "' + b"x" * 3 * LIMIT + b'"}'
    found = told(b"[" + large + b",\n" + ADA + b"]")
    assert found[0][1] == large[:LIMIT]
    assert found[0][2] == f"card is larger than {LIMIT} bytes; its text was cut after these"
    assert found[1:] == [(2, ADA, None)]


def test_card_that_is_nested_too_deep_is_told() -> None:
    """No recursion follows the brackets of a file."""
    deep = b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)
    assert told(b"[" + ADA + b"," + deep + b"," + BO + b"]")[1] == (1, deep, TOO_DEEP)
    with pytest.raises(JsonError, match=TOO_DEEP):
        decode_json(b'{"a":' * 100_000)


@pytest.mark.parametrize(
    "endless",
    [b'{"a": "', b"[" * 64, b'{"a": 1', b"x", b"[{}", b"\n", b"[\n", b'"', b"\\", b'{"a":"\\"'],
)
def test_endless_file_needs_no_more_memory_than_a_card(endless: bytes) -> None:
    """However long a text, a nesting or a line is, a few times the limit are in memory."""
    limit, size = 1 << 15, 1 << 18

    class Endless(io.RawIOBase):
        left = size

        def read(self, wanted: int = -1) -> bytes:
            piece = (endless * (wanted // len(endless) + 1))[: min(wanted, self.left)]
            self.left -= len(piece)
            return piece

    tracemalloc.start()
    try:
        for card in split_json(Endless(), max_card_bytes=limit):  # type: ignore[arg-type]
            assert len(card.content) <= limit
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 16 * limit


@pytest.mark.parametrize("blank", [b"\r", b"\n", b"\r\n", b" \r"])
@pytest.mark.parametrize("begin", [b"[" + ADA, b"[" + ADA + b', {"a": 1'])
def test_blank_lines_are_read_piece_by_piece(begin: bytes, blank: bytes) -> None:
    """A card is told before what is far behind it is read, however the lines there end."""
    file = io.BytesIO(begin + blank * (1 << 20))
    found = split_json(file, max_card_bytes=LIMIT)
    assert next(found).content == ADA
    assert file.tell() < 1 << 18
    rest = list(found)
    assert [card.fault for card in rest] == [
        f"card is larger than {LIMIT} bytes; its text was cut after these"
    ] * len(rest)
    assert len(rest) == begin.count(b'{"a"')


PIECES = st.lists(
    st.sampled_from(
        [
            *(ADA, BO, b"{}", b"[]", b"\n", b"\r\n", b"\r", b",", b"[", b"{", b"]", b"}", b'"'),
            *(b'"a b"', b"\\", b"  ", b"\t", b"12", b"nul", b'"\\"', b'{"a":', b'["vcard",'),
            *(b'\n{"@type":"Card"', b"\xef\xbb\xbf", b"\xff", b"{" * 70, b'"' + b"x" * LIMIT),
        ]
    ),
    max_size=25,
)


@settings(max_examples=400, deadline=None)
@given(PIECES, st.integers(1, 5))
def test_reading_goes_on_behind_any_card(pieces: list[bytes], turn: int) -> None:
    """Where chunks end makes no difference, nor does how much is read at once."""
    content = b"".join(pieces)
    at_once = split(content)
    assert [card.index for card in at_once] == list(range(len(at_once)))
    for place in range(0, len(at_once), turn):
        card = at_once[place]
        rest = split_json(
            io.BytesIO(content[card.end :]),
            max_card_bytes=LIMIT,
            first_index=place + 1,
            first_line=card.last_line,
            offset=card.end,
        )
        assert list(rest) == at_once[place + 1 :]


def octet_by_octet(content: bytes) -> Any:
    """Return a stream that hands out one octet at a time."""

    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 1, 1))

    return Slow(content)


@settings(max_examples=300, deadline=None)
@given(PIECES)
def test_size_of_the_reads_makes_no_difference_to_cards(pieces: list[bytes]) -> None:
    """Cards are the same however slowly a file comes."""
    content = b"".join(pieces)
    slowly = split_json(octet_by_octet(content), max_card_bytes=LIMIT)
    assert [card for card in slowly if card.fault != STRAY] == [
        card for card in split(content) if card.fault != STRAY
    ]


@pytest.mark.parametrize(
    ("content", "depth"),
    [
        (b"7", 0),
        (b'"[[[\\"[["', 0),
        (b'[{"a": [], "]": {}}, []]', 3),
        (b"[[]][[[]]]", 3),
        (b"[" * MAX_DEPTH + b"]" * MAX_DEPTH, MAX_DEPTH),
        (b"[" * 9999 + b"]" * 9999, MAX_DEPTH + 1),
        (b"[" * 9999, 9999),
    ],
)
def test_depth_is_told_before_anything_is_parsed(content: bytes, depth: int) -> None:
    """Brackets in texts do not count; beyond the limit nobody counts on."""
    assert depth_of(content) == depth
