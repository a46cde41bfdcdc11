from __future__ import annotations

import codecs
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.crm_contacts.tests.csv_losses import losses
from plugins.crm_contacts.tests.csv_tables import FIXTURES, draft, read, rows, written

from crm_contacts.tables import TableShape, UnknownTable, is_table, open_table
from crm_contacts.tables.dates import DAY_FIRST, MONTH_FIRST, birthday
from crm_contacts.tables.headings import EMPTY, NO_HEADER, NOT_TEXT
from crm_contacts.tables.splitting import NUL, UNCLOSED

pytestmark = pytest.mark.no_calls

HEADER = ("Name", "Email", "Phone", "Street", "City", "Company", "Shoe size", "Notes")
CHARSETS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "windows-1252")
#: Letters of Windows-1252 that never make a character of UTF-8 together.
LATIN = "".join(map(chr, range(0xC0, 0x100)))
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
LATIN_TEXT = st.text(st.sampled_from("ab ,;\t\"\r\n'\\:" + LATIN), max_size=12)

GOOD_ROWS = st.sampled_from(["Ann,a@b.example,1", '"Bo, Jr.",b@b.example,"2\n3"', '"C",,", x"'])


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], dict[str, str]]:
    """A table of any texts, each row with a name, and how to write it."""
    charset = draw(st.sampled_from(CHARSETS))
    cell = LATIN_TEXT if charset == "windows-1252" else TEXT
    row = st.lists(cell, max_size=len(HEADER) + 1)
    table = [["Ann", *cells] for cells in draw(st.lists(row, max_size=5))]
    how = {
        "charset": charset,
        "delimiter": draw(st.sampled_from(",;\t")),
        "line_break": draw(st.sampled_from(("\r\n", "\n", "\r"))),
    }
    return table, how


def encoded(table: list[list[str]], how: dict[str, str]) -> bytes:
    """Write a table; with a mark where the charset has none of its own."""
    content = written([list(HEADER), *table], **how)
    return codecs.BOM_UTF16_BE + content if how["charset"] == "utf-16-be" else content


@settings(max_examples=100, deadline=None)
@given(tables())
def test_any_table_is_read_without_loss(case: tuple[list[list[str]], dict[str, str]]) -> None:
    """Whatever charset, delimiter and line breaks, every cell is found in the contacts."""
    table, how = case
    content = encoded(table, how)
    opened, found = read(content)
    assert opened.delimiter == how["delimiter"]
    assert len(found) == len(table)
    for row, cells in zip(found, table, strict=True):
        assert row.draft is not None
        assert losses(HEADER, cells, row.draft) == []
    assert opened.header + b"".join(row.content for row in found) == content


@settings(max_examples=50, deadline=None)
@given(tables(), st.data())
def test_reading_goes_on_behind_any_row(
    case: tuple[list[list[str]], dict[str, str]], data: st.DataObject
) -> None:
    """The header with the rest of the file from a row's end on gives the other rows."""
    content = encoded(*case)
    opened, found = read(content)
    if not found:
        return
    place = data.draw(st.integers(0, len(found) - 1))
    row = found[place]
    again = open_table(io.BytesIO(opened.header + content[row.end :]), max_row_bytes=10_000)
    rest = again.rows(first_index=place + 1, first_line=row.line + row.lines, offset=row.end)
    assert list(rest) == found[place + 1 :]
    assert again.shape == opened.shape


@settings(max_examples=50, deadline=None)
@given(
    st.lists(GOOD_ROWS, max_size=4),
    st.lists(GOOD_ROWS, max_size=4),
    st.sampled_from(['"Broken,x@b.example,9', 'Broken,"x@b.example,9', 'Broken,x@b.example,"9']),
)
def test_row_with_an_open_quotation_mark_hides_no_other(
    before: list[str], after: list[str], broken: str
) -> None:
    """A row whose cell is never closed is rejected alone, with its own text."""
    lines = [*before, broken, *after]
    found = rows("Name,Email,Phone\n" + "".join(f"{line}\n" for line in lines))
    assert [row.content.decode() for row in found] == [f"{line}\n" for line in lines]
    assert [row.fault for row in found if row.draft is None] == [UNCLOSED]


def test_text_behind_a_closing_quotation_mark_belongs_to_the_cell() -> None:
    """A name with quotation marks that nobody doubled is read as it was meant."""
    assert draft("Name,Email", '"Bob "The Builder" Smith",b@b.example').name.full == (
        'Bob The Builder" Smith"'
    )


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_row_over_the_limit_is_cut_and_hides_no_other(charset: str) -> None:
    """A row that is too long is rejected with its start; its end is known all the same."""
    table = [["Name", "Email"], ["Ann", "a@b.example"], ["x" * 300_000, ""], ["Bob", "b@b.example"]]
    content = written(table, charset=charset)
    ann, long, bob = rows(content, limit=1_000)
    assert [ann.fault, bob.fault] == [None, None]
    assert long.fault == "row is larger than 1000 bytes; its text was cut after these"
    assert long.content == content[ann.end :][: len(long.content)]
    assert 0 < len(long.content) <= 1_000
    assert content[long.end :] == bob.content
    assert bob.end == len(content)
    assert [row.line for row in (ann, long, bob)] == [2, 3, 4]


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("limit", range(8, 15))
def test_line_break_at_the_limit_stays_whole(limit: int, line_break: str) -> None:
    """Wherever the limit falls, a long row ends behind its line break."""
    lines = ["Name,Email", "x" * 12, "Bob,"]
    content = "".join(line + line_break for line in lines)
    found = rows(content, limit=limit)
    assert content.encode()[found[0].end :] == f"Bob,{line_break}".encode()
    assert [row.line for row in found] == [2, 3]
    assert found[1].draft is not None


def test_endless_quotation_ends_behind_the_limit() -> None:
    """Where no line looks like a row, reading goes on with the first line behind the limit."""
    prose = "so it goes\n" * 300
    found = rows(f'Name,Email,Phone\nAnn,"{prose}' + "Bob,b@b.example,1\n", limit=1_000)
    assert found[0].fault is not None
    assert len(found[0].content) <= 1_000
    assert found[-1].draft is not None
    assert found[-1].draft.name.full == "Bob"


def test_memory_does_not_grow_with_the_file() -> None:
    """Reading takes a few times the limit, however many rows and however long a line."""

    class Endless(io.BytesIO):
        def __init__(self) -> None:
            super().__init__()
            rows = [b"Ann,a@b.example\n" * 1024] * 8
            self.left = [b"Name,Email\n", *rows, *[b"x" * 65536] * 100]

        def read(self, size: int | None = -1) -> bytes:
            return self.left.pop(0) if self.left else b""

    stream = Endless()
    tracemalloc.start()
    count = len([row.end for row in open_table(stream, max_row_bytes=100_000).rows()])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 8 * 1024 + 1
    assert peak < 3_000_000


def test_every_row_is_told_apart_by_its_own_charset() -> None:
    """A row of Windows-1252 among rows of UTF-8 is read, and one that is neither rejected."""
    content = b"Name,Email\n" + "Jürgen,\n".encode() + "Zoë,\n".encode("cp1252") + b"\x81\xff,\n"
    first, second, third = rows(content)
    assert first.draft is not None
    assert second.draft is not None
    assert [first.draft.name.full, second.draft.name.full] == ["Jürgen", "Zoë"]
    assert third.fault == "the text is not written in utf-8 or windows-1252"
    assert third.content == b"\x81\xff,\n"


@pytest.mark.parametrize(
    ("content", "charset"),
    [
        ("Name,Email\nZoë,", "utf-8"),
        ("\ufeffName,Email\nZoë,", "utf-8"),
        ("Name,Email\nZoë,", "windows-1252"),
        ("\ufeffName,Email\nZoë,", "utf-16-le"),
        ("\ufeffName,Email\nZoë,", "utf-16-be"),
    ],
)
def test_charset_is_told_by_mark_or_decoding(content: str, charset: str) -> None:
    """The first bytes tell the charset, and a byte order mark is no part of a name."""
    table, (row,) = read(content.encode(charset))
    assert (table.charset, table.columns) == (charset, ("Name", "Email"))
    assert row.draft is not None
    assert row.draft.name.full == "Zoë"


def test_broken_utf_16_is_rejected_row_by_row() -> None:
    """Half a pair and half a character spoil their own rows only."""
    content = "\ufeffName,Email\n\ud800,\nAnn,\n".encode("utf-16-le", "surrogatepass") + b"x"
    broken, ann, half = rows(content)
    assert broken.fault == "the text is not written in utf-16-le"
    assert ann.draft is not None
    assert half.fault == "half a character ends the file"
    assert half.end == len(content)


def test_row_with_a_nul_is_rejected() -> None:
    """A NUL character spoils its row, which keeps its text."""
    ann, nul = rows(b"Name,Email\nAnn,\nB\0b,\n")
    assert ann.draft is not None
    assert (nul.fault, nul.content) == (NUL, b"B\0b,\n")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", EMPTY),
        (codecs.BOM_UTF8 + b"\r\n \r\n", EMPTY),
        (b"id,amount,name\n1,2,x\n", NO_HEADER),
        (b"Ann,a@b.example\nBob,b@b.example\n", NO_HEADER),
        (b"one\ntwo\nName\n", NO_HEADER),
        ("Name,Email\n".encode("utf-16-le"), NOT_TEXT),
        (b"\x81\xff,Email\n", NO_HEADER),
    ],
)
def test_file_without_a_known_header_is_refused_in_plain_words(content: bytes, reason: str) -> None:
    """What is no address book is refused as a whole, and the reason says why."""
    with pytest.raises(UnknownTable) as caught:
        open_table(io.BytesIO(content), max_row_bytes=1_000)
    assert str(caught.value) == reason
    assert not is_table(content)


def test_table_is_told_from_cards_by_its_first_bytes() -> None:
    """Every export is a table, however early it is cut off behind its header; cards are not."""
    for file in FIXTURES.glob("*.csv"):
        content = file.read_bytes()
        header = len(read(content)[0].header)
        assert is_table(content)
        assert is_table(content[: header + 3])
        assert is_table(b"\xff\xfe" + content.decode().encode("utf-16-le")[:-1])
    assert not is_table(b"BEGIN:VCARD\nVERSION:3.0\nNOTE:x\nName,Email\nEND:VCARD\n")
    assert not is_table(b'[["vcard", [["fn", {}, "text", "Ann"]]]]')


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_excel_names_the_delimiter_before_the_header(delimiter: str) -> None:
    """A line `sep=;` is passed over, and blank lines are no rows."""
    content = f"sep={delimiter}\r\nName{delimiter}Email\r\n\r\nAnn{delimiter}\r\n{delimiter}\r\n"
    table, (ann,) = read(content.encode())
    assert (table.delimiter, ann.line, ann.index) == (delimiter, 4, 0)


def test_table_of_one_column_is_a_list_of_contacts() -> None:
    """A header of one telling word is enough where it comes first."""
    table, found = read(b"E-Mail\na@b.example\nb@b.example")
    assert (table.shape, len(found)) == (TableShape.GENERIC, 2)
    assert [row.draft.name.full for row in found if row.draft] == ["a@b.example", "b@b.example"]


def test_short_row_has_empty_cells_at_its_end() -> None:
    """A row with fewer cells than the header is a contact all the same."""
    assert draft("First Name,Last Name,Email", "Ann").name.full == "Ann"


def test_second_value_for_one_field_is_kept_in_the_raw_bag() -> None:
    """The first of two titles fills the field; the other one is kept with its column's name."""
    mapped = draft("Name,Job Title,Position", "Ann,Baker,Head; of all")
    assert mapped.title == "Baker"
    (kept,) = mapped.raw
    assert (kept.name, kept.value) == ("X-MEISHI-COLUMN", "Head\\; of all")
    assert kept.parameters == (("NAME", ("Position",)),)


def test_columns_of_the_same_name_make_values_of_their_own() -> None:
    """Two columns called alike are two emails."""
    mapped = draft("Name,Email,Email", "Ann,a@b.example,b@b.example")
    assert [email.address for email in mapped.emails] == ["a@b.example", "b@b.example"]


def test_unmapped_columns_are_known_after_the_header() -> None:
    """Columns that no field stands for are reported, with the place of a nameless one."""
    table, (ann,) = read(b"Name,Email,,Shoe size\nAnn,,left,39\n")
    assert table.unmapped_columns() == ("Column 3", "Shoe size")
    assert ann.draft is not None
    assert [raw.parameters[0][1] for raw in ann.draft.raw] == [("Column 3",), ("Shoe size",)]


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("firstName,lastName,emailAddress", "given"),
        ("first_name,last_name,e_mail", "given"),
        ("FIRST NAME,SURNAME,E-MAIL ADDRESS", "given"),
        ("Voornaam,Achternaam,E-mailadres", "given"),
        ("Prénom,Nom,Adresse e-mail", "given"),
        ("Nombre,Apellidos,Correo electrónico", "given"),
    ],
)
def test_generic_names_are_known_in_many_spellings(header: str, part: str) -> None:
    """Capitals, underscores and language make no difference."""
    mapped = draft(header, "Ann,Lee,a@b.example")
    assert (getattr(mapped.name, part), mapped.name.family) == ("Ann", "Lee")
    assert [email.address for email in mapped.emails] == ["a@b.example"]


@pytest.mark.parametrize(
    ("text", "first", "date"),
    [
        ("1/20/1981", MONTH_FIRST, "1981-01-20"),
        ("1/20/1981", DAY_FIRST, "1981-01-20"),
        ("20/1/1981", MONTH_FIRST, "1981-01-20"),
        ("3/4/1981", MONTH_FIRST, "1981-03-04"),
        ("3/4/1981", DAY_FIRST, "1981-04-03"),
        ("3/4/1981", None, "3/4/1981"),
        ("4/4/1981", None, "1981-04-04"),
        ("3.4.1981", MONTH_FIRST, "1981-04-03"),
        ("3-4-1981", DAY_FIRST, "1981-04-03"),
        (" --04-04", None, "--0404"),
        ("1981-01-20", None, "1981-01-20"),
        ("31/31/1981", None, "31/31/1981"),
        ("31.2.1981", None, "31.2.1981"),
        ("1/20/81", MONTH_FIRST, "1/20/81"),
        ("spring 1981", None, "spring 1981"),
    ],
)
def test_birthday_is_rewritten_only_if_it_is_clear(text: str, first: str | None, date: str) -> None:
    """A date that can be read in one way only is written as vCard does, any other stays."""
    assert birthday(text, first) == date
