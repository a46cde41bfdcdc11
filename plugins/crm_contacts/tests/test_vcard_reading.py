from __future__ import annotations

import base64
from collections.abc import Sequence
from contextlib import suppress
from typing import overload

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.vcard import (
    UNPARSED,
    Property,
    VCard,
    VCardError,
    read_card,
    unescape,
)
from crm_contacts.vcard.content_lines import begins_card
from crm_contacts.vcard.reading import NOT_A_CARD, NOTHING_USABLE

pytestmark = pytest.mark.no_calls


def card(*lines: str | bytes, version: str = "3.0") -> bytes:
    """Write a card that starts with these lines."""
    written = [line.encode() if isinstance(line, str) else line for line in lines]
    head = [b"BEGIN:VCARD", b"VERSION:" + version.encode()]
    return b"\r\n".join([*head, *written, b"FN:Ada", b"END:VCARD", b""])


def first(*lines: str | bytes, version: str = "3.0") -> Property:
    """Read such a card and return its first property."""
    return read_card(card(*lines, version=version)).properties[0]


def value(*lines: str | bytes, version: str = "3.0") -> str:
    """Read such a card and return its first value."""
    return first(*lines, version=version).value


def test_group_name_parameters_and_value() -> None:
    """A content line is read into its four parts, names in upper case."""
    assert first('item1.tel;type=WORK,Voice;X-Y="a:b;c,d":+1 555') == Property(
        "TEL", "+1 555", "item1", (("TYPE", ("WORK", "Voice")), ("X-Y", ("a:b;c,d",)))
    )


@pytest.mark.parametrize(
    ("line", "parameters"),
    [
        ("TEL;WORK;VOICE:1", (("TYPE", ("WORK", "VOICE")),)),
        ("TEL; WORK ; PREF:1", (("TYPE", ("WORK", "PREF")),)),
        ("TEL;type=WORK;type=pref:1", (("TYPE", ("WORK", "pref")),)),
        ('TEL;TYPE="work,voice":1', (("TYPE", ("work", "voice")),)),
        ("PHOTO;URL:http://a/b", (("VALUE", ("URL",)),)),
        ("TEL;;WORK:1", (("TYPE", ("WORK",)),)),
        ('TEL;X="open:1', (("X", ("open",)),)),
    ],
)
def test_parameters_of_every_version(
    line: str, parameters: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    """Bare, repeated, listed, quoted and broken parameters are all understood."""
    assert first(line).parameters == parameters


def test_carets_stand_for_what_a_parameter_cannot_hold() -> None:
    """RFC 6868 escapes are decoded, but not in 2.1, which is older."""
    line = "ADR;LABEL=a^nb^^c^'d:;;x"
    assert first(line, version="4.0").parameter("LABEL") == ('a\nb^c"d',)
    assert first(line, version="2.1").parameter("LABEL") == ("a^nb^^c^'d",)


def test_folding_takes_away_one_blank_but_none_in_2_1() -> None:
    """Version 2.1 folds before a blank that is text, later ones insert a blank."""
    lines = ("NOTE:long", " er", "\t text")
    assert value(*lines) == "longer text"
    assert value(*lines, version="2.1") == "long er\t text"


def test_fold_within_a_character_is_mended() -> None:
    """Lines are joined before their octets are decoded."""
    assert value(b"NOTE:caf\xc3", b" \xa9") == "café"


@pytest.mark.parametrize("line_break", [b"\n", b"\r", b"\r\r\n"])
def test_line_breaks_of_every_kind_separate_properties(line_break: bytes) -> None:
    """A card is the same whatever its lines end with."""
    content = card("NOTE:a", " b", "TEL:1")
    assert read_card(content.replace(b"\r\n", line_break)) == read_card(content)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["NOTE;QUOTED-PRINTABLE:caf=C3=A9"], "café"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:one=0D=0A=", "two"], "one\\ntwo"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:a=C3=", "=A9b=", "c"], "aébc"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:States=", " of A"], "States of A"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:New States=", " of A"], "New States of A"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:=41=20=", "  =42=", " =43"], "A BC"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:=41", " =42"], "AB"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:=41=", "", "TEL:1"], "A"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:50% = =ZZ"], "50% = =ZZ"),
        (["NOTE;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:caf=E9"], "café"),
        (["NOTE;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:=8E=52=93=63"], "山田"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:a=00b"], "ab"),
    ],
)
def test_quoted_printable_with_soft_breaks_folds_and_charsets(lines: list[str], text: str) -> None:
    """Quoted-printable comes out as one line of text, however it was broken."""
    assert value(*lines, version="2.1") == text


def test_dangling_soft_break_does_not_swallow_the_end() -> None:
    """END:VCARD ends the card even if the line before wants to go on."""
    content = b"BEGIN:VCARD\nVERSION:2.1\nFN;QUOTED-PRINTABLE:Ada=\nEND:VCARD\nTEL:1\n"
    assert read_card(content) == VCard("2.1", (Property("FN", "Ada"),))


@pytest.mark.parametrize(
    "head", ["PHOTO;ENCODING=b", "PHOTO;BASE64", "PHOTO;ENCODING=BASE64", 'PHOTO;ENCODING="B"']
)
@pytest.mark.parametrize(
    "lines",
    [
        [":AAEC", " AwQF", ""],
        [":", "  AAEC", "  AwQF", ""],
        [":AAEC", "AwQF"],
        [":AAEC", "", "AwQF"],
    ],
)
def test_base64_is_joined_however_it_was_broken(head: str, lines: list[str]) -> None:
    """Binary values stay base64, without white space and with one name for the encoding."""
    photo, telephone, _ = read_card(card(head + lines[0], *lines[1:], "TEL:1")).properties
    assert photo == Property("PHOTO", "AAECAwQF", None, (("ENCODING", ("b",)),))
    assert telephone.name == "TEL"


def test_text_in_base64_is_text() -> None:
    """A name that was written as base64 is decoded with its charset."""
    written = base64.b64encode("Doe;Žofie".encode("cp1250")).decode()
    assert first(f"N;CHARSET=windows-1250;ENCODING=BASE64:{written}") == Property("N", "Doe;Žofie")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"NOTE:caf\xe9", "café"),
        (b"NOTE:\x80 5", "€ 5"),
        (b"NOTE:\x81", "\x81"),
        (b"NOTE;CHARSET=X-KLINGON:caf\xc3\xa9", "café"),
        (b"NOTE;CHARSET=UTF-8:caf\xe9", "café"),
        (b"NOTE;CHARSET=punycode:abc-", "abc-"),
        (b"NOTE;CHARSET=GB2312:\xd5\xc5", "张"),
        (b"NOTE;CHARSET=SHIFT_JIS:\x87\x40", "\u2460"),
        (b"NOTE;CHARSET=GB2312:\xe9F", "镕"),
        (b"NOTE;CHARSET=GBK:\x810\x811", "\x81"),
        (b"NOTE;CHARSET=EUC-KR:\x8cc", "똠"),
        (b"NOTE;CHARSET=KS_C_5601-1987:\x8cc", "똠"),
        (b"NOTE;CHARSET=ISO-8859-1:\x93a\x94", "\u201ca\u201d"),
        (b"NOTE;CHARSET=US-ASCII:\x80", "€"),
        (b"NOTE;CHARSET=latin1:\x81\x93", "\x81\x93"),
        (b"NOTE;CHARSET=TIS-620:\xa1\x80", "ก€"),
        (b"NOTE;CHARSET=ISO-8859-9:\xfe\x80", "ş€"),
        (b"NOTE;CHARSET=BIG5:\xf9\xfe", "\uffed"),
        (b"NOTE;CHARSET=BIG5:\x8b\xc3", "\U0002f878"),
        (b"NOTE;CHARSET=ISO-2022-JP:\x1b$B;3ED\x1b(B", "山田"),
        ("NOTE:ÑÑÑ".encode() + b"\xc3", "ÑÑÑÃ"),
        (b"NOTE:a\x00b", "ab"),
    ],
)
def test_octets_become_text_whatever_they_are(line: bytes, text: str) -> None:
    """Declared charset, UTF-8, Windows and Latin-1 are tried in turn, and NUL is dropped."""
    assert value(line) == text


def test_lines_that_are_no_properties_are_kept() -> None:
    """Stray text continues a note, and is a property of its own elsewhere."""
    lines = ("NOTE:one", "two; 2", "TITLE:x", "stray, text", "see also: y")
    properties = read_card(card(*lines)).properties
    assert [(found.name, unescape(found.value)) for found in properties] == [
        ("NOTE", "one\ntwo; 2"),
        ("TITLE", "x"),
        (UNPARSED, "stray, text"),
        (UNPARSED, "see also: y"),
        ("FN", "Ada"),
    ]


def test_property_named_like_stray_text_is_a_property() -> None:
    """What was kept as stray text once does not continue the note before it when read again."""
    _, stray, _ = read_card(card("NOTE:one", f"{UNPARSED}:two")).properties
    assert stray == Property(UNPARSED, "two")


def test_quoted_parameter_claims_no_encoding() -> None:
    """What stands in quotes is text, whatever it looks like."""
    note = first('NOTE;X="a;QUOTED-PRINTABLE;b":=41=', "TEL:1")
    assert note == Property("NOTE", "=41=", None, (("X", ("a;QUOTED-PRINTABLE;b",)),))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("PHOTO:data:image/png;base64,AAEC", ("AAEC", "PNG")),
        ("PHOTO:DATA:image/JPEG\\;base64\\,AAEC", ("AAEC", "JPEG")),
        ("PHOTO;TYPE=png:data:image/png;base64,AAEC", ("AAEC", "png")),
    ],
)
def test_data_uri_is_read_like_the_base64_of_version_3(line: str, found: tuple[str, str]) -> None:
    """A picture in the card looks the same whatever the version."""
    assert first(line, version="4.0") == Property(
        "PHOTO", found[0], None, (("TYPE", (found[1],)), ("ENCODING", ("b",)))
    )


@pytest.mark.parametrize(
    "value", ["data:text/plain;base64,AAEC", "data:image/png,%00", "data:image/png;x=y;base64,AAEC"]
)
def test_data_uri_that_says_more_stays(value: str) -> None:
    """A URI for which version 3.0 has no words is kept as it is."""
    assert first(f"PHOTO:{value}", version="4.0") == Property("PHOTO", value)


def test_nested_card_is_the_value_of_agent() -> None:
    """A card written into AGENT stays whole, and the properties after it are the outer card's."""
    inner = ["BEGIN:VCARD", "VERSION:2.1", "N:Friday;Fred", "END:VCARD"]
    agent, telephone, _ = read_card(card("AGENT:", *inner, "TEL:1", version="2.1")).properties
    assert unescape(agent.value) == "\n".join(inner)
    assert telephone == Property("TEL", "1")


@pytest.mark.parametrize("head", ["AGENT", "item1.AGENT;ENCODING=QUOTED-PRINTABLE"])
def test_card_on_the_line_of_agent_is_its_value(head: str) -> None:
    """The inner card of `AGENT:BEGIN:VCARD`, and one within that, stay out of the outer one."""
    inner = ["BEGIN:VCARD", "N:Friday", "TEL:2", "AGENT:BEGIN:VCARD", "TEL:3", "END:VCARD"]
    lines = [f"{head}:{inner[0]}", *inner[1:], "END:VCARD", "TEL:1"]
    agent, telephone, name = read_card(card(*lines, version="2.1")).properties
    assert unescape(agent.value) == "\n".join([*inner, "END:VCARD"])
    assert (telephone, name) == (Property("TEL", "1"), Property("FN", "Ada"))


@pytest.mark.parametrize(
    ("content", "kept"),
    [
        (b"BEGIN:VCARD\n folded\nVERSION:3.0", [Property(UNPARSED, "folded")]),
        (b"BEGIN:VCARD\nVERSION:3.0\n folded", [Property("VERSION", "3.0folded")]),
        (b"BEGIN:VCARD\nVERSION:3.0\nVERSION:3.0", []),
        (b"BEGIN:VCARD\nVERSION:3.0\nVERSION:2.1", [Property("VERSION", "2.1")]),
        (b"BEGIN:VCARD\nVERSION:3", [Property("VERSION", "3")]),
        (b"BEGIN:VCARD\nVERSION: 3.0 ", []),
        (b"BEGIN:VCARD\na.VERSION:3.0", [Property("VERSION", "3.0", "a")]),
        (b"BEGIN:VCARD\nx.END:VCARD", [Property(UNPARSED, "x.END:VCARD")]),
        (b"BEGIN:VCARD\nBEGIN:x", [Property(UNPARSED, "BEGIN:x")]),
    ],
)
def test_text_behind_begin_version_and_end_is_kept(content: bytes, kept: list[Property]) -> None:
    """What frames a card is used up only if it says nothing else."""
    properties = read_card(content + b"\nFN:Ada\nEND:VCARD\n").properties
    assert list(properties) == [*kept, Property("FN", "Ada")]


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ("PHOTO;ENCODING=b", "b"),
        ("FN;ENCODING=BASE64", "BASE64"),
        ('NOTE;ENCODING="QUOTED-PRINTABLE"', "QUOTED-PRINTABLE"),
    ],
)
def test_encoding_that_is_not_decoded_stays(head: str, encoding: str) -> None:
    """A value that is not written as its encoding says keeps both."""
    assert first(f"{head}:http://a") == Property(
        head.partition(";")[0], "http://a", None, (("ENCODING", (encoding,)),)
    )


@pytest.mark.parametrize(
    ("content", "version"),
    [
        (b"BEGIN:VCARD\nFN:Ada\nVERSION:4.0\nEND:VCARD", "4.0"),
        (b"BEGIN:VCARD\nFN:Ada\nEND:VCARD", "3.0"),
        (b"BEGIN:VCARD\nFN;QUOTED-PRINTABLE:Ada\nEND:VCARD", "2.1"),
    ],
)
def test_version_is_found_anywhere_or_guessed(content: bytes, version: str) -> None:
    """VERSION need not be second, nor be there."""
    assert read_card(content).version == version


@pytest.mark.parametrize(
    "line",
    ["N:;;;;Jr.", "ORG:;Dept", "EMAIL:a@b", "TEL:1", "NICKNAME:x", "URL:a.b", "FN:Ada"],
)
def test_one_thing_to_know_a_contact_by_is_enough(line: str) -> None:
    """A card may lack any property as long as something identifies it."""
    assert read_card(f"BEGIN:VCARD\n{line}\nEND:VCARD".encode()).properties


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"FN:Ada\nEND:VCARD", NOT_A_CARD),
        (b"BEGIN:VCARD\nN:;;;;\nFN: \nORG:;\nBDAY:--0404\nEND:VCARD", NOTHING_USABLE),
        (b"BEGIN:VCARD\n\x89PNG\x00\x01\nEND:VCARD", NOTHING_USABLE),
    ],
)
def test_card_without_use_is_refused_with_the_reason(content: bytes, reason: str) -> None:
    """A refusal says in words what is wrong."""
    with pytest.raises(VCardError) as caught:
        read_card(content)
    assert caught.value.reason == reason


@given(st.sampled_from(["3.0", "4.0"]), st.lists(st.integers(min_value=1, max_value=75)))
def test_folding_anywhere_gives_the_same_card(version: str, places: list[int]) -> None:
    """A fold may stand in the name, in a parameter, in a value and within a character."""
    line = (
        'item1.ADR;TYPE="home,work";X-A=ü:;;Straße 1\\, Hof;Köln;;50667;Déutschland 日本'.encode()
    )
    folded = (
        b"".join(
            line[start:end] + b"\r\n "
            for start, end in zip([0, *sorted(set(places))], sorted(set(places)), strict=False)
        )
        + line[max(places, default=0) :]
    )
    assert read_card(card(folded, version=version)) == read_card(card(line, version=version))


@given(st.binary(max_size=400))
def test_no_octets_break_the_reader(content: bytes) -> None:
    """Whatever stands in a card, it is read or refused, and comes out as storable text."""
    with suppress(VCardError):
        read = read_card(b"BEGIN:VCARD\nFN:Ada\n" + content)
        text = "".join(
            part
            for found in read.properties
            for part in (found.name, found.value, found.group or "", repr(found.parameters))
        )
        assert "\0" not in text
        assert text.encode()


@given(
    st.lists(
        st.sampled_from(
            [
                "NOTE;ENCODING=QUOTED-PRINTABLE:a=",
                "PHOTO;BASE64:AAAA",
                "AGENT:",
                "BEGIN:VCARD",
                "END:VCARD",
                "stray",
                " fold",
                "",
                "TEL;;=;X=:1",
                'TEL;"a;b":1',
                ":",
                ";:",
                ".:",
                "x.:",
                "NOTE;CHARSET=:é",
                "AAAA",
            ]
        ),
        max_size=12,
    )
)
def test_no_arrangement_of_odd_lines_breaks_the_reader(lines: list[str]) -> None:
    """Constructs that lead from line to line may be cut short anywhere."""
    content = "\n".join(["BEGIN:VCARD", "VERSION:2.1", "FN:Ada", *lines]).encode()
    assert read_card(content).properties[0] == Property("FN", "Ada" + _folded(lines))


def _folded(lines: list[str]) -> str:
    folded = ""
    for line in lines:
        if line.startswith(" "):
            folded += line
        elif line:
            break
    return folded


class Counted(Sequence[bytes]):
    """Blocks of a card that count how many of them were looked at."""

    def __init__(self, blocks: list[bytes]) -> None:
        self.blocks = blocks
        self.looks = 0

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> list[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | list[bytes]:
        """Return one block or several, and count them."""
        found = self.blocks[place]
        self.looks += 1 if isinstance(found, bytes) else len(found)
        return found

    def __len__(self) -> int:
        return len(self.blocks)


@pytest.mark.parametrize("agent", [[b"AGENT:"], [b"AGENT:", b"\x0b"], [b"AGENT:", b"\n\n"]])
def test_card_of_agents_alone_is_looked_at_once(agent: list[bytes]) -> None:
    """However many lines might begin a nested card, each looks no further than the next one."""
    blocks = Counted(agent * 1_000)
    for place in range(0, len(blocks), len(agent)):
        assert not begins_card(b"", blocks, place + 1)
    assert blocks.looks <= 3 * len(blocks)
    blocks.looks = 0
    assert not begins_card(b"Friday", blocks, 1)
    assert begins_card(b" BEGIN:VCARD", blocks, 1)
    assert blocks.looks == 0


@pytest.mark.parametrize("agent", ["AGENT:\nBEGIN:VCARD", "AGENT:\n\n\n BEGIN:VCARD",
                                   "AGENT:\n\x0b\nBEGIN:VCARD", "AGENT:BEGIN:VCARD"])  # fmt: skip
def test_card_nested_a_thousand_times_is_one_value(agent: str) -> None:
    """The cards inside are the value of AGENT, whole; what stands behind them is read."""
    depth = 1_000
    inside = f"FN:x\n{agent}\n" * depth + "FN:y\n" + "END:VCARD\n" * depth
    found = read_card(f"BEGIN:VCARD\nVERSION:3.0\n{inside}TEL:1\nEND:VCARD\n".encode())
    assert [item.name for item in found.properties] == ["FN", "AGENT", "TEL"]
    assert found.properties[1].value.count("BEGIN") == depth
    assert found.properties[1].value.count("END") == depth
