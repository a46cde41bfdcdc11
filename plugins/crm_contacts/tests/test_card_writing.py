from __future__ import annotations

import io
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.crm_contacts.tests.custom_strategies import CUSTOM_VALUES, FIELDS

from crm_contacts.card_custom import with_custom
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.card_writing import card_from_draft, write_card
from crm_contacts.contract import (
    Address,
    ContactDraft,
    ContactKind,
    Email,
    Link,
    Name,
    Parameters,
    Phone,
    Position,
    RawProperty,
    VCardVersion,
)
from crm_contacts.tag_names import MAX_TAG_NAME, is_tag_name, tag_key
from crm_contacts.vcard import VCardError, read_card, split_cards
from crm_contacts.vcard.writing import LINE_OCTETS

pytestmark = pytest.mark.no_calls

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
CARDS = Path(__file__).parent / "cards"
FILES = [*sorted(CARDS.glob("*.vcf")), *sorted(CORPUS.glob("*.vcf"))]

Channel = TypeVar("Channel", Email, Phone, Address, Link)

versions = pytest.mark.parametrize("version", VCardVersion)


def again(draft: ContactDraft, version: VCardVersion) -> ContactDraft:
    """Write a contact and read it."""
    return with_custom(draft_from_card(read_card(write_card(draft, version))), FIELDS)[0]


def read(*lines: str, version: str = "4.0") -> ContactDraft:
    """Read a card of these lines."""
    text = "\n".join(["BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD"])
    return draft_from_card(read_card(text.encode()))


def written(draft: ContactDraft, version: VCardVersion) -> list[str]:
    """Return the content lines between VERSION and END, unfolded without the reader."""
    text = write_card(draft, version).decode().replace("\r\n ", "")
    return text.split("\r\n")[2:-2]


@versions
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cards_of_real_programs_come_back(file: Path, version: VCardVersion) -> None:
    """What was read from a file is read again from what is written, in either version."""
    with file.open("rb") as stream:
        for source in split_cards(stream, max_card_bytes=1 << 20):
            draft = draft_from_card(read_card(source.content))
            assert again(draft, version) == draft


BASE64 = ("ENCODING", ("b",))
ADA = ContactDraft(
    name=Name(full="Ada Lovelace", given="Ada", family="Lovelace"),
    kind=ContactKind.GROUP,
    organisation="Analytical; Engines",
    units=("Notes",),
    birthday="in winter",
    emails=(
        Email(address="ada@example.org", types=("home",), label="Letters", primary=True),
        Email(address="a@example.org"),
    ),
    phones=(Phone(number="+44 20;1", types=("cell",), parameters=(("VALUE", ("uri",)),)),),
    links=(Link(url="https://example.org/a;b,c"),),
    raw=(
        RawProperty(name="PHOTO", value="AAEC", parameters=(("TYPE", ("PNG",)), BASE64)),
        RawProperty(name="CATEGORIES", value="a,b\\;", group="item1"),
    ),
)


def test_card_of_version_3() -> None:
    """Version 3.0 says preference as a type, and binary values and kinds in its own way."""
    assert written(ADA, VCardVersion.V3) == [
        "X-ADDRESSBOOKSERVER-KIND:group",
        "FN:Ada Lovelace",
        "N:Lovelace;Ada;;;",
        "BDAY:in winter",
        "ORG:Analytical\\; Engines;Notes",
        "item2.EMAIL;TYPE=home,pref:ada@example.org",
        "item2.X-ABLabel:Letters",
        "EMAIL:a@example.org",
        "TEL;TYPE=cell;VALUE=uri:tel:+44 20;1",
        "URL:https://example.org/a;b,c",
        "PHOTO;TYPE=PNG;ENCODING=b:AAEC",
        "item1.CATEGORIES:a,b\\;",
    ]


def test_card_of_version_4() -> None:
    """Version 4.0 has PREF, KIND, data: URIs, and says where a birthday is no date."""
    changed = [
        "KIND:group",
        "BDAY;VALUE=text:in winter",
        "item2.EMAIL;TYPE=home;PREF=1:ada@example.org",
        "PHOTO:data:image/png;base64,AAEC",
    ]
    before = written(ADA, VCardVersion.V3)
    lines = written(ADA, VCardVersion.V4)
    assert [line for line in lines if line not in before] == changed
    assert len(lines) == len(before)


@versions
def test_name_that_is_not_in_parts_is_written_as_the_version_wants(version: VCardVersion) -> None:
    """N is required in 3.0 and optional in 4.0."""
    lines = written(ContactDraft(name=Name(full="Ada")), version)
    assert lines == (["FN:Ada", "N:;;;;"] if version is VCardVersion.V3 else ["FN:Ada"])


@versions
@pytest.mark.parametrize(
    "lines",
    [
        ["FN;LANGUAGE=en:Ada", "FN:Countess"],
        ["FN:Ada", "N;LANGUAGE=en:L;Ada;;;"],
        ["FN:Ada", "N:L;Ada;;;;more"],
        ["FN:Ada", "N:L;Ada;;;", "N:M;Ada;;;"],
        ["FN:Ada", "N;X=y:;;;;"],
        ["FN:Ada", "ORG;TYPE=work:Works;;Unit"],
        ["FN:Ada", "item1.ORG:Works", "item1.X-ABLabel:Old job"],
        ["FN:Ada", "item1.TITLE:a", "item1.ROLE:b"],
        ["FN:Ada", "TITLE;ALTID=1;LANGUAGE=fr:Patron", "TITLE;ALTID=1;LANGUAGE=en:Boss"],
        ["FN:Ada", "NICKNAME:a", "NICKNAME;X=y:b", "NICKNAME:c"],
        ["FN:Ada", "NICKNAME;X=y:b,c", "NICKNAME;X=z:c,a", "NICKNAME:d"],
        ["FN:Ada", "KIND;X=y:group"],
        ["FN:Ada", "KIND:individual", "KIND:org"],
        ["FN:Ada", "BDAY;VALUE=text:long ago"],
        ["FN:Ada", "ADR:;;;;;;UK;More", "ADR;PREF=1:;;a;;;;"],
        ["FN:Ada", "item1.ADR;TYPE=pref:;;;;;;UK;More", "item1.X-ABLabel:Old"],
        ["FN:Ada", "ADR:;;;;;;;h", "ADR:a"],
        ["FN:Ada", "VERSION:2.1"],
        ["FN:Ada", "a.VERSION:4.0"],
    ],
)
def test_raw_property_stands_for_the_field_that_it_says(
    lines: list[str], version: VCardVersion
) -> None:
    """No property is written twice because both a field and the raw bag hold it."""
    draft = read(*lines)
    assert again(draft, version) == draft
    named = [line for line in written(draft, version) if line != "N:;;;;"]
    assert len([line for line in named if not line.startswith("NICKNAME:")]) == len(
        [line for line in lines if not line.startswith("NICKNAME:")]
    )


@versions
@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["item1.ADR:;;a;;;;", "item1.X-ABADR:us", "item1.X-ABLabel:Home"], 3),
        (["g.EMAIL:a@b", "g.TEL:1", "g.X-ABLabel:Both"], 3),
        (["item1.X-ABLabel:", "item1.TEL:1"], 1),
        (["item1.EMAIL:a@b", "item1.X-ABLabel:a", "item1.X-ABLabel:b"], 1),
        (["item1.EMAIL:a@b", "item1.X-ABLabel:a", "item1.X-FOO:b"], 3),
        (["TEL;GROUP=x:1", "x.X-FOO:1"], 2),
        (["TEL;GROUP=x:1", "x.X-ABLabel:1"], 1),
    ],
)
def test_groups_come_back_and_new_ones_do_not_join_them(
    lines: list[str], kept: int, version: VCardVersion
) -> None:
    """A group that is shared keeps its name, and a label alone gets a group of its own."""
    draft = read("FN:Ada", *lines)
    assert again(draft, version) == draft
    group = lines[-1].partition(".")[0] + "."
    assert sum(line.startswith(group) for line in written(draft, version)) == kept


@versions
@pytest.mark.parametrize("label", ["", " a ", "_$!<Home>!$_", "a\nb;c,d", "_$!<_$!<x>!$_>!$_"])
def test_label_of_any_kind_comes_back(label: str, version: VCardVersion) -> None:
    """Labels that look like one of Apple's own are told from those."""
    draft = ContactDraft(name=Name(full="Ada"), phones=(Phone(number="1", label=label),))
    assert again(draft, version) == draft


@versions
@pytest.mark.parametrize(
    "ranks", [["1", "1"], ["2", "5"], ["5", "2"], ["100", ""], ["x", "3"], ["0", "101"]]
)
def test_preference_comes_back(ranks: list[str], version: VCardVersion) -> None:
    """The primary one stays the primary one, and every PREF is kept."""
    draft = read("FN:Ada", "EMAIL;TYPE=work:0@b", *(f"EMAIL;PREF={rank}:a@b" for rank in ranks))
    assert again(draft, version) == draft


@versions
def test_primary_wins_over_what_others_prefer(version: VCardVersion) -> None:
    """That one is primary is written even where parameters say something else."""
    phones = (
        Phone(number="1", parameters=(("PREF", ("1",)),)),
        Phone(number="2", parameters=(("PREF", ("50",)),), primary=True),
    )
    draft = ContactDraft(name=Name(full="Ada"), phones=phones)
    assert again(draft, version) == draft


@versions
@pytest.mark.parametrize(
    "line",
    [
        "PHOTO;ENCODING=b;TYPE=JPEG:AAEC",
        "PHOTO;ENCODING=b;TYPE=jpeg:AAEC",
        "PHOTO;TYPE=image/png;X-A=b;ENCODING=b:AAEC",
        "PHOTO;ENCODING=b:",
        "PHOTO;VALUE=uri;ENCODING=b:AAEC",
        "PHOTO;TYPE=a b;ENCODING=b:AAEC",
        "PHOTO:data:image/svg+xml;base64,AAEC",
        "PHOTO;VALUE=uri:data:image/png;base64,AAEC",
        "PHOTO;TYPE=home:data:image/png;base64,AAEC",
        "LOGO:data:text/plain;base64,AAEC",
        "KEY:data:application/octet-stream;base64,AAEC",
        "KEY;TYPE=OCTET-STREAM;ENCODING=b:AAEC",
        "X-KEY;ENCODING=b:AAEC",
        "PHOTO;ENCODING=b:http://example.org/a.png",
        "PHOTO;VALUE=uri:http://example.org/a.png",
        'NOTE;ENCODING="QUOTED-PRINTABLE":=41=',
        "FN;ENCODING=b:AAE",
        "NOTE;CHARSET=x-klingon:a",
        'NOTE;X="a;QUOTED-PRINTABLE;b":=41=',
        "X-MEISHI-UNPARSED:a",
        "X-MEISHI-NAME-5645:a",
        "X-Ü.x:a",
        "no property",
        "a.b.TEL:1",
        "TEL;Ü X=1:1",
        "AGENT:BEGIN:VCARD",
        "AGENT:",
    ],
)
def test_odd_property_comes_back(line: str, version: VCardVersion) -> None:
    """Binary values, encodings, names and stray text stay what they were."""
    draft = read("FN:Ada", "NOTE:x", line, version="3.0")
    assert again(draft, version) == draft


@versions
@pytest.mark.parametrize("said", ["0:1", ":1", "first:1", "101,2:1"])
def test_primary_channel_with_a_preference_that_is_none_stays_primary(
    said: str, version: VCardVersion
) -> None:
    """Beside a PREF that no reader understands, a second one would not be understood either."""
    draft = read(f"TEL;TYPE=pref;PREF={said}", "TEL:2", "FN:Ada")
    assert [phone.primary for phone in draft.phones] == [True, False]
    assert again(draft, version) == draft
    assert "".join(written(draft, version)).count("PREF=") == 1


@versions
def test_note_that_only_a_later_raw_property_says_is_written(version: VCardVersion) -> None:
    """The first of several is the one that is read; what stands behind it says nothing."""
    notes = (
        RawProperty(name="NOTE", value="a", parameters=(("X", ("1",)),)),
        RawProperty(name="NOTE", value="b", parameters=(("X", ("2",)),)),
    )
    draft = ContactDraft(name=Name(full="Ada"), note="b", raw=notes)
    assert again(draft, version).note == "b"
    assert again(draft, version) == draft
    first = replace(draft, note="a")
    assert sum(line.startswith("NOTE") for line in written(first, version)) == len(notes)


@versions
def test_what_no_card_can_say_is_written_as_it_is_read(version: VCardVersion) -> None:
    """White space, upper case, types of preference and empty values leave nothing behind."""
    draft = ContactDraft(
        name=Name(full=" Ada ", given=""),
        title=" ",
        note="a\r\nb\rc\0",
        emails=(Email(address=" a@b ", types=("Work,Home", "PREF"), normalised="a@b"),),
        addresses=(Address(types=("home",), label="Empty"), Address(street=" s ")),
        raw=(RawProperty(name="x-a", value="1\r\n2", parameters=(("x", ()),)),),
    )
    assert again(draft, version) == ContactDraft(
        name=Name(full="Ada"),
        note="a\nb\nc",
        emails=(Email(address="a@b", types=("work", "home")),),
        addresses=(Address(street="s"),),
        raw=(RawProperty(name="X-A", value="1\\n2"),),
    )


SEPARATORS = " ;,:\\\"^=\n\t.'nN\x0b\x0c\x1c\x85\u2028\ufeff\u200d"
CHARACTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")
FREE = st.text(st.one_of(CHARACTERS, st.sampled_from(SEPARATORS + "éß日😀")), max_size=90)
TEXT = FREE.map(str.strip).filter(bool)
OPTIONAL = st.none() | TEXT
TYPE = TEXT.map(str.lower).filter(lambda text: "," not in text and text not in {"", "pref"})
NAMES = st.sampled_from(["X-A", "LANGUAGE", "CHARSET", "ENCODING", "MEDIATYPE"]) | TEXT.map(
    str.upper
).filter(lambda name: name not in {"TYPE", "PREF", "GROUP", "VALUE", "ALTID"})
VALUES = st.lists(FREE, min_size=1, max_size=3).map(tuple)
PARAMETERS = st.dictionaries(NAMES, VALUES, max_size=3).map(lambda found: tuple(found.items()))
RAW = st.builds(
    RawProperty,
    name=st.sampled_from(["VERSION", "BEGIN", "END", "REV", "AGENT", "KEY", "X-A"])
    | TEXT.map(lambda text: f"X-{text.upper()}"),
    value=FREE.map(lambda text: text.replace("\n", "\\n"))
    | st.sampled_from(["BEGIN:VCARD", "3.0", "VCARD", "AAEC", "=41="]),
    group=st.none() | TEXT | st.sampled_from(["item1", "item2"]),
    parameters=PARAMETERS,
)


@st.composite
def parameters(draw: st.DrawFn) -> Parameters:
    """Return parameters of a channel, whose group may be one that others share."""
    group = draw(st.none() | st.sampled_from(["item1", "ITEM2", "a b"]))
    return draw(PARAMETERS) + ((("GROUP", (group,)),) if group else ())


QUALIFIERS = {
    "types": st.lists(TYPE, max_size=3, unique=True).map(tuple),
    "label": st.none() | FREE,
    "parameters": parameters(),
}
EMAILS = st.builds(Email, address=TEXT, **QUALIFIERS)
PHONES = st.builds(Phone, number=TEXT, **QUALIFIERS)
LINKS = st.builds(Link, url=TEXT, **QUALIFIERS)
ADDRESSES = st.builds(
    Address,
    street=TEXT,
    **dict.fromkeys(
        ("po_box", "extended", "locality", "region", "postal_code", "country"), OPTIONAL
    ),
    **QUALIFIERS,
)


def channels(items: st.SearchStrategy[Channel]) -> st.SearchStrategy[tuple[Channel, ...]]:
    """Return lists in which one is primary at most."""
    return st.builds(with_primary, st.lists(items, max_size=3), st.integers(0, 3))


def with_primary(items: list[Channel], primary: int) -> tuple[Channel, ...]:
    """Make one of these the primary one, if it is there."""
    return tuple(replace(item, primary=place == primary) for place, item in enumerate(items))


DATES = st.none() | st.sampled_from(["2019", "2019-03", "2019-03-31", "2024-02-29", "1899"])


def position(start: str | None, end: str | None, *, current: bool, **texts: Any) -> Position:
    """Make a job that can be stored of what was drawn."""
    if current or (start and end and end < start):
        end = None
    said = texts | (
        {} if any(texts[name] for name in ("organisation", "title", "role")) else {"title": "x"}
    )
    return Position(start_date=start, end_date=end, current=current, **said)


POSITIONS = st.builds(
    position,
    start=DATES,
    end=DATES,
    current=st.booleans(),
    units=st.lists(TEXT, max_size=2).map(tuple),
    **dict.fromkeys(("organisation", "title", "role", "note"), OPTIONAL),
)

TAGS = TEXT.map(lambda text: text[:MAX_TAG_NAME].strip()).filter(is_tag_name)

#: Contacts whose texts are as a card can say them, of any characters.
DRAFTS = st.builds(
    ContactDraft,
    name=st.builds(
        Name,
        full=TEXT,
        **dict.fromkeys(("given", "family", "additional", "prefix", "suffix"), OPTIONAL),
    ),
    kind=st.sampled_from(ContactKind),
    nicknames=st.lists(TEXT, max_size=3, unique=True).map(tuple),
    units=st.lists(TEXT, max_size=2).map(tuple),
    note=st.none() | FREE.filter(str.strip),
    emails=channels(EMAILS),
    phones=channels(PHONES),
    addresses=channels(ADDRESSES),
    links=channels(LINKS),
    positions=st.lists(POSITIONS, max_size=3).map(tuple),
    tags=st.lists(TAGS, max_size=3, unique_by=tag_key).map(tuple),
    custom=CUSTOM_VALUES,
    raw=st.lists(RAW, max_size=4).map(tuple),
    **dict.fromkeys(("uid", "organisation", "title", "role", "birthday"), OPTIONAL),
)


@settings(deadline=None)
@given(DRAFTS, st.sampled_from(VCardVersion))
def test_any_contact_comes_back(draft: ContactDraft, version: VCardVersion) -> None:
    """Whatever characters a contact is made of, it is read as it was written."""
    assert again(draft, version) == draft


ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.sampled_from(
    [
        "a\r\nEND:VCARD\r\nBEGIN:VCARD\r\nX-EVIL:1",
        "a\nX-EVIL:1",
        "a\rX-EVIL:1",
        "a\u2028END:VCARD\u2028X-EVIL:1",
        "a\x85X-EVIL:1\x0bEND:VCARD\x0cEND:VCARD\0",
        'a";X-EVIL=1:b\nX-EVIL:1',
        "END",
        "X-EVIL:1\r\nX",
        "BEGIN:VCARD",
        "=0D=0AX-EVIL:1=",
    ]
)
ANY_PARAMETERS = st.lists(
    st.tuples(ANY | st.sampled_from(["ENCODING", "CHARSET", "TYPE"]), st.just(("b",)) | VALUES),
    max_size=2,
).map(tuple)
ANY_RAW = st.builds(
    RawProperty,
    name=ANY | st.just("AGENT"),
    value=ANY,
    group=st.none() | ANY,
    parameters=ANY_PARAMETERS,
)


@settings(deadline=None)
@given(
    DRAFTS,
    st.builds(Email, address=ANY, label=ANY, types=st.tuples(ANY), parameters=ANY_PARAMETERS),
    ANY_RAW,
    ANY,
    st.sampled_from(VCardVersion),
)
def test_no_text_adds_a_property_or_ends_the_card(
    draft: ContactDraft, email: Email, raw: RawProperty, text: str, version: VCardVersion
) -> None:
    """As many lines come out as properties go in, for any program that cuts text into lines."""
    name = replace(draft.name, full=f"x{text}", family=text)
    address = Address(street=f"x{text}", locality=text)
    draft = replace(draft, name=name, note=text, title=text, addresses=(address,))
    draft = replace(draft, emails=(email,), raw=(*draft.raw, raw), organisation=text)
    properties = card_from_draft(draft, version).properties
    content = write_card(draft, version)
    for text_lines in (content.decode().split("\r\n"), content.decode().splitlines()):
        starts = [line for line in text_lines if line and not line.startswith(" ")]
        assert len(starts) == len(properties) + 3
        heads = [line.partition(":")[0].partition(";")[0].upper() for line in starts]
        names = [head.rpartition(".")[2] for head in heads]
        assert (names[0], names[1], names[-1]) == ("BEGIN", "VERSION", "END")
        assert not {"BEGIN", "VERSION", "END", "X-EVIL"} & set(names[2:-1])
    assert all(len(line) <= LINE_OCTETS for line in content.split(b"\r\n"))
    assert len(list(split_cards(io.BytesIO(content * 2), max_card_bytes=1 << 20))) == 2
    assert again(again(draft, version), version) == again(draft, version)


LINE_NAMES = [
    *("FN", "N", "ORG", "TITLE", "NICKNAME", "NOTE", "BDAY", "UID", "KIND", "VERSION", "MEMBER"),
    *("EMAIL", "TEL", "ADR", "URL", "EMAIL", "TEL", "ADR", "PHOTO", "AGENT", "X-ABLabel", "X-A"),
    *("X-ABShowAs", "X-ADDRESSBOOKSERVER-KIND", "x_y", "X-MEISHI-UNPARSED", "LABEL"),
    *("ORG", "TITLE", "ROLE", "X-MEISHI-POSITION"),
]
LINES = st.builds(
    "{}{}{}:{}".format,
    st.sampled_from(["", "", "item1.", "ITEM1.", "item2.", "a.b."]),
    st.sampled_from(LINE_NAMES),
    st.sampled_from(
        [
            *("", "", "", ";PREF", ";TYPE=work,Pref", ";PREF=1;X-A=b", ";VALUE=text", ";PREF=7"),
            *(";PREF=2;TYPE=pref", ";ALTID=1;LANGUAGE=de", ";ALTID=1;LANGUAGE=en", ";GROUP=item1"),
            *(";ENCODING=b", ";BASE64;JPEG", ";QUOTED-PRINTABLE", ";CHARSET=latin1", ";X y=^^^n"),
            *(';X="a;b:c,d"', ";TYPE=JPEG", ";VALUE=uri", ";VALUE=date", ";X=", ';"a;b"=c'),
        ]
    ),
    st.sampled_from(
        [
            *("", ";", "a", "a;b,c", "tel:", "mailto:x", "TEL:tel:1", ";;;;;;;h", ";;s;;;;;h"),
            *(
                "2019;;current;a;b;;;c",
                "2019-02;2018;;a;;;",
                "2019-02;2020;;a;;;",
                ";;;;;;",
                ";;current;;;;x",
            ),
            *("\\n", "group", "org", ",", "a,b", "b", " a ", "\\;", "a\\;b\\,c\\\\", "AAEC", "AA="),
            *("data:image/png;base64,AAEC", "_$!<Home>!$_", "_$!<>!$_", "2.1", "3.0", "1990-01-01"),
            *("COMPANY", "=41=", "é", "BEGIN:VCARD", "stray\nline", "\u2028x", ";b;;;", "1,;2"),
        ]
    ),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(LINES, max_size=9),
    st.sampled_from(["2.1", "3.0", "4.0"]),
    st.sampled_from(VCardVersion),
)
def test_any_card_that_can_be_read_comes_back(
    lines: list[str], source: str, version: VCardVersion
) -> None:
    """Whatever a card consists of, what it was read as is read again."""
    draft = read("EMAIL:first@resort", *lines, version=source)
    assert again(draft, version) == draft


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(VCardVersion))
def test_any_octets_that_can_be_read_come_back(content: bytes, version: VCardVersion) -> None:
    """Damaged text is written such that it is read as the same."""
    with suppress(VCardError):
        draft = draft_from_card(read_card(b"BEGIN:VCARD\nFN:Ada\n" + content))
        assert again(draft, version) == draft
