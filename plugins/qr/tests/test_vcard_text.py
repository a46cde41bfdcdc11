"""The text of a static code keeps every value inside its own line and fits its code."""

from __future__ import annotations

import dataclasses
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.contract import Address, ContactDraft, ContactKind, Email, Link, Name, Phone
from qr.contract import CodeTooLarge
from qr.vcard_text import fitting_vcard_text, vcard_text

pytestmark = pytest.mark.no_calls

HOSTILE = st.text(
    st.one_of(
        st.sampled_from("\\,;:\r\n\v\f\x00\x1b\x1c\x85\u2028\u2029\ud800\t \"'"),
        st.characters(),
    ),
    max_size=12,
)
INJECTIONS = st.sampled_from(
    ["\r\nTEL:666", "\nEND:VCARD", "\u2028EMAIL:evil", "\\", "\\n", "a\\,b", ";;;", "\x85NOTE:x"]
)
VALUES = st.one_of(HOSTILE, INJECTIONS, st.tuples(HOSTILE, INJECTIONS).map("".join))
FULL = ContactDraft(
    name=Name(full="Anna Lindqvist", given="Anna", family="Lindqvist"),
    organisation="Lindqvist Arkitekter",
    units=("Studio",),
    title="Architect",
    phones=(
        Phone(number="+46 8 465 004 01", types=("work",)),
        Phone(number="+46 70 174 06 01", types=("cell",), primary=True),
    ),
    emails=(Email(address="anna@lindqvist.example"), Email(address="al@home.example")),
    links=(Link(url="https://lindqvist.example/"), Link(url="https://al.example/")),
    addresses=(
        Address(street="Storgatan 1", locality="Umeå", types=("home",)),
        Address(street="Kajen 2", locality="Luleå", types=("work",), primary=True),
    ),
)


def contacts() -> st.SearchStrategy[ContactDraft]:
    """Contacts whose every value may be hostile."""
    optional = st.one_of(st.none(), VALUES)
    types = st.lists(VALUES | st.sampled_from(["work", "cell"]), max_size=3).map(tuple)
    return st.builds(
        ContactDraft,
        name=st.builds(Name, full=VALUES, given=optional, family=optional, prefix=optional),
        kind=st.sampled_from(ContactKind),
        organisation=optional,
        units=st.lists(VALUES, max_size=2).map(tuple),
        title=optional,
        note=optional,
        phones=st.lists(st.builds(Phone, number=VALUES, types=types), max_size=2).map(tuple),
        emails=st.lists(st.builds(Email, address=VALUES, types=types), max_size=2).map(tuple),
        links=st.lists(st.builds(Link, url=VALUES), max_size=2).map(tuple),
        addresses=st.lists(
            st.builds(Address, street=optional, locality=optional, types=types), max_size=2
        ).map(tuple),
    )


def parsed(text: str) -> list[tuple[str, list[str]]]:
    """Read a card as strictly as RFC 2426 allows: (name with parameters, components) pairs."""
    assert text.endswith("\r\n")
    lines = text[:-2].split("\r\n")
    assert all(line.splitlines() == [line] for line in lines), "a break inside a line"
    properties = []
    for line in lines:
        found = re.fullmatch(r"([A-Z]+(?:;TYPE=[A-Z0-9,-]+)?):(.*)", line)
        assert found, line
        head, value = found.groups()
        properties.append((head, [value] if head == "URL" else components(value)))
    return properties


def components(value: str) -> list[str]:
    """Split at bare semicolons and undo the escapes; a bare comma or backslash is an error."""
    parts = [""]
    for token in re.findall(r"\\.|[^\\]", value):
        if token == ";":
            parts.append("")
        else:
            assert token != ","
            assert token[0] != "\\" or token[1] in "\\,;n", token
            parts[-1] += "\n" if token == "\\n" else token[-1]
    assert len(re.sub(r"\\.", "", value)) + 2 * len(re.findall(r"\\.", value)) == len(value)
    return parts


def expected(value: str | None) -> str:
    """What a value becomes: one kind of line break, no other control but the tab."""
    unified = re.sub("\r\n|[\r\v\f\x85\u2028\u2029]", "\n", value or "")
    return "".join(
        character
        for character in unified
        if character in "\t\n" or not (ord(character) < 32 or 127 <= ord(character) < 160)
        if not "\ud800" <= character <= "\udfff"
    )


@given(contacts())
def test_no_value_can_add_a_property(contact: ContactDraft) -> None:
    """Whatever the values contain, the card has the properties of its fields and no others."""
    names = [head.partition(";")[0] for head, _ in parsed(vcard_text(contact))]
    assert names[:4] == ["BEGIN", "VERSION", "N", "FN"]
    assert names[-1] == "END"
    assert set(names[4:-1]) <= {"ORG", "TITLE", "TEL", "EMAIL", "URL", "ADR"}
    for name, most in (
        ("ORG", 1),
        ("TITLE", 1),
        ("TEL", len(contact.phones)),
        ("EMAIL", len(contact.emails)),
        ("URL", len(contact.links)),
        ("ADR", min(1, len(contact.addresses))),
    ):
        assert names.count(name) <= most


@given(contacts())
def test_values_come_back_as_they_were(contact: ContactDraft) -> None:
    """A strict reader finds exactly the values that were given."""
    properties = parsed(vcard_text(contact))
    values = dict(properties)
    assert values["FN"] == [expected(contact.name.full)]
    name = contact.name
    if name.family or name.given or name.prefix:
        parts = (name.family, name.given, name.additional, name.prefix, name.suffix)
        assert values["N"] == [expected(part) for part in parts]
    for heading, given_values in (
        ("TEL", [phone.number for phone in contact.phones]),
        ("EMAIL", [email.address for email in contact.emails]),
    ):
        wanted = [text for value in given_values if (text := expected(value)).strip()]
        assert wanted == [
            "".join(value) for head, value in properties if head.partition(";")[0] == heading
        ]


@pytest.mark.parametrize(
    "blank", ["", " ", "\t", "\r", "\n", "\x00\r\n ", "\u2028", "\x85", "\x7f"]
)
def test_a_value_of_which_nothing_can_be_seen_has_no_line(blank: str) -> None:
    """A field of blanks, line breaks or controls is none; beside others it is an empty part."""
    contact = ContactDraft(
        name=Name(full="Ada"),
        organisation=blank,
        units=(blank,),
        title=blank,
        phones=(Phone(number=blank),),
        emails=(Email(address=blank),),
        addresses=(Address(street=blank, locality=blank),),
    )
    assert vcard_text(contact) == vcard_text(ContactDraft(name=Name(full="Ada")))
    units = dataclasses.replace(contact, units=("Notes",))
    assert ("ORG", "Notes") in [(head, parts[-1]) for head, parts in parsed(vcard_text(units))]


def test_a_contact_is_written_as_a_compact_card() -> None:
    """Primary values come first, of the addresses only the primary one, and types are named."""
    assert vcard_text(FULL).split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "N:Lindqvist;Anna;;;",
        "FN:Anna Lindqvist",
        "ORG:Lindqvist Arkitekter;Studio",
        "TITLE:Architect",
        "TEL;TYPE=CELL,PREF:+46 70 174 06 01",
        "TEL;TYPE=WORK:+46 8 465 004 01",
        "EMAIL:anna@lindqvist.example",
        "EMAIL:al@home.example",
        "URL:https://lindqvist.example/",
        "URL:https://al.example/",
        "ADR;TYPE=WORK,PREF:;;Kajen 2;Luleå;;;",
        "END:VCARD",
        "",
    ]


def test_an_organisation_is_shown_by_its_name() -> None:
    """An organisation has an empty N and stands in ORG, which readers show instead."""
    card = vcard_text(ContactDraft(name=Name(full="Bäckerei, Sohn"), kind=ContactKind.ORG))
    assert card.split("\r\n")[2:5] == ["N:;;;;", "FN:Bäckerei\\, Sohn", "ORG:Bäckerei\\, Sohn"]


def test_a_person_with_a_full_name_only_has_it_in_n_too() -> None:
    """Readers that look at N alone show the name as well."""
    assert "\r\nN:Sokrates;;;;\r\n" in vcard_text(ContactDraft(name=Name(full="Sokrates")))


def test_a_link_is_not_escaped_but_made_a_valid_uri() -> None:
    """Commas and semicolons stay bare in a URI; blanks, breaks and backslashes are encoded."""
    contact = ContactDraft(
        name=Name(full="A"), links=(Link(url=" https://a.example/x,y;z\\\r\nq "),)
    )
    assert "\r\nURL:https://a.example/x,y;z%5C%0D%0Aq\r\n" in vcard_text(contact)


def test_types_outside_the_safe_alphabet_are_left_out() -> None:
    """A type cannot smuggle in a parameter, a value or a line."""
    phone = Phone(number="1", types=("cell", "x:evil", 'a"b', "b\nc", "c;d", "é", ""))
    assert "\r\nTEL;TYPE=CELL:1\r\n" in vcard_text(
        ContactDraft(name=Name(full="A"), phones=(phone,))
    )


def test_parts_leave_in_the_documented_order() -> None:
    """With ever less room, each part disappears in its turn, and nothing before it has to."""
    complete = vcard_text(FULL)
    card, left = complete, []
    while True:
        try:
            smaller = fitting_vcard_text(FULL, len(card.encode()) - 1)
        except CodeTooLarge:
            break
        gone = [line for line in card.split("\r\n") if line not in smaller.split("\r\n")]
        assert len(gone) == 1
        left += gone
        card = smaller
    assert [line.partition(":")[2] for line in left] == [
        ";;Kajen 2;Luleå;;;",
        "https://al.example/",
        "https://lindqvist.example/",
        "+46 8 465 004 01",
        "al@home.example",
        "Architect",
        "Lindqvist Arkitekter;Studio",
        "anna@lindqvist.example",
        "+46 70 174 06 01",
    ]
    assert [head for head, _ in parsed(card)] == ["BEGIN", "VERSION", "N", "FN", "END"]


@given(contacts(), st.integers(min_value=0, max_value=400))
def test_what_is_returned_fits(contact: ContactDraft, capacity: int) -> None:
    """A card is within its capacity in bytes and complete when it may be, or is refused."""
    complete = vcard_text(contact)
    try:
        card = fitting_vcard_text(contact, capacity)
    except CodeTooLarge:
        bare = dataclasses.replace(
            contact,
            kind=ContactKind.INDIVIDUAL,
            organisation=None,
            units=(),
            title=None,
            phones=(),
            emails=(),
            links=(),
            addresses=(),
        )
        assert len(vcard_text(bare).encode()) > capacity or contact.kind is ContactKind.ORG
    else:
        assert len(card.encode()) <= capacity
        assert (card == complete) == (len(complete.encode()) <= capacity)


def test_a_name_that_does_not_fit_is_refused() -> None:
    """Nothing is cut off a name: when it is too long for the code, there is no card."""
    with pytest.raises(CodeTooLarge):
        fitting_vcard_text(ContactDraft(name=Name(full="長" * 500)), 2953)
