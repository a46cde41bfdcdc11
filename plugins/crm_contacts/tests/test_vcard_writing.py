from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.contract import VCardVersion
from crm_contacts.vcard import Property, read_card, write_properties
from crm_contacts.vcard.names import decode_name, encode_name, is_name
from crm_contacts.vcard.writing import LINE_OCTETS, fold

pytestmark = pytest.mark.no_calls


def line(found: Property, version: VCardVersion = VCardVersion.V4) -> str:
    """Return the one content line of a property."""
    begin, stated, *lines = write_properties([found], version).decode().split("\r\n")
    assert (begin, stated, lines[-2:]) == ("BEGIN:VCARD", f"VERSION:{version}", ["END:VCARD", ""])
    return "".join([lines[0], *(folded[1:] for folded in lines[1:-2])])


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (Property("NOTE", "a\\nb"), "NOTE:a\\nb"),
        (Property("NOTE", "a\r\nb\rc\nd\0"), "NOTE:a\\nb\\nc\\nd"),
        (Property("X-ABLABEL", "x", "item1"), "item1.X-ABLabel:x"),
        (Property("TEL", "1", None, (("TYPE", ("work", "a b")),)), 'TEL;TYPE=work,"a b":1'),
        (Property("ADR", "", None, (("LABEL", ('a\nb^c"d',)),)), 'ADR;LABEL="a^nb^^c^\'d":'),
        (Property("X", "", None, (("Y", ("", "a;b:c,d")),)), 'X;Y="","a;b:c,d":'),
        (Property("X", "", None, (("Y", ()),)), "X:"),
        (Property("version", "2.1"), "X-MEISHI-NAME-56455253494F4E:2.1"),
        (Property("A\nB", "", "é"), "X-MEISHI-NAME-C3A9.X-MEISHI-NAME-410A42:"),
        (Property("NOTE", "a", None, (("CHARSET", ("x-klingon",)),)), "NOTE;CHARSET=x-klingon:a"),
        (
            Property("NOTE", "a", None, (("CHARSET", ("latin1",)),)),
            "NOTE;X-MEISHI-NAME-43484152534554=latin1:a",
        ),
        (
            Property("NOTE", "=41=", None, (("ENCODING", ("QUOTED-PRINTABLE",)),)),
            "NOTE;X-MEISHI-NAME-454E434F44494E47=QUOTED-PRINTABLE:=41=",
        ),
        (
            Property("AGENT", "BEGIN:VCARD"),
            "X-MEISHI-NAME-4147454E54:BEGIN:VCARD",
        ),
    ],
)
def test_content_line_of_a_property(found: Property, written: str) -> None:
    """Values stay as they are; names, parameters and line breaks are made safe."""
    assert line(found) == written


@pytest.mark.parametrize(
    ("version", "written"),
    [
        (VCardVersion.V3, "KEY;TYPE=PGP;ENCODING=b:AAEC"),
        (VCardVersion.V4, "KEY:data:application/pgp;base64,AAEC"),
    ],
)
def test_binary_value_of_each_version(version: VCardVersion, written: str) -> None:
    """Base64 is marked by a parameter in 3.0 and by a URI in 4.0, and both are read alike."""
    key = Property("KEY", "AAEC", None, (("TYPE", ("PGP",)), ("ENCODING", ("b",))))
    assert line(key, version) == written
    content = write_properties([Property("FN", "Ada"), key], version)
    assert read_card(content).properties[1] == key


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), min_size=1))
def test_folded_line_is_short_and_cuts_no_character(text: str) -> None:
    """Each physical line is text of 75 octets at most, and together they are the line."""
    content = f"NOTE:{text * 9}"
    physical = fold(content).split(b"\r\n")[:-1]
    assert all(len(octets) <= LINE_OCTETS for octets in physical)
    assert all(octets.startswith(b" ") for octets in physical[1:])
    first, *rest = [octets.decode() for octets in physical]
    assert first + "".join(folded[1:] for folded in rest) == content


def test_long_line_is_folded_as_late_as_it_can_be() -> None:
    """A line is as long as it may be before it is folded."""
    assert fold("a" * 75) == b"a" * 75 + b"\r\n"
    assert fold("a" * 76) == b"a" * 75 + b"\r\n a\r\n"
    assert fold("a" * 74 + "é") == b"a" * 74 + b"\r\n " + "é".encode() + b"\r\n"


@pytest.mark.parametrize("character", "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
def test_fold_follows_what_may_pass_for_a_line_break(character: str) -> None:
    """What stands behind such a character continues a line, wherever lines are cut."""
    lines = [found for found in fold(f"NOTE:a{character}END:VCARD").decode().splitlines() if found]
    assert lines == ["NOTE:a", " END:VCARD"]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_any_name_can_be_written_as_one_that_every_reader_takes(name: str) -> None:
    """An encoded name is letters, digits and hyphens, and stands for its name."""
    assert decode_name(encode_name(name)) == name
    assert is_name(encode_name(name).replace("MEISHI", ""))
    assert not is_name(encode_name(name))


@pytest.mark.parametrize("written", ["X-MEISHI-NAME-", "X-MEISHI-NAME-FF", "X-MEISHI-NAME-00", "A"])
def test_name_that_stands_for_no_other_stays(written: str) -> None:
    """What cannot be decoded into text that can be stored is a name like any other."""
    assert decode_name(written) == written
