"""jCard (RFC 7095): what is written, what is read, and that nothing is lost in between."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.crm_contacts.tests.card_strategies import CARD_LINES, CONTACTS
from plugins.crm_contacts.tests.custom_strategies import FIELDS

from crm_contacts.card_custom import with_custom
from crm_contacts.card_forms import JCARD
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import ContactDraft, Email, Name, Phone, RawProperty
from crm_contacts.jcard import LINE, jcard_property, property_of, read_jcard
from crm_contacts.json_cards import read_json_card
from crm_contacts.json_values import decode_json, encode_json
from crm_contacts.vcard import UNPARSED, Property, VCardError, read_card, split_cards

pytestmark = pytest.mark.no_calls

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
FILES = [*sorted((Path(__file__).parent / "cards").glob("*.vcf")), *sorted(CORPUS.glob("*.vcf"))]


def written(draft: ContactDraft) -> Any:
    """Return a contact as the JSON of a jCard."""
    return decode_json(JCARD.write(draft))


def again(draft: ContactDraft) -> ContactDraft:
    """Write a contact and read it."""
    return with_custom(draft_from_card(read_json_card(JCARD.write(draft))), FIELDS)[0]


def read(*items: object) -> ContactDraft:
    """Read a jCard of these properties."""
    return draft_from_card(read_jcard(["vcard", [["version", {}, "text", "4.0"], *items]]))


def test_contact_is_written_as_the_standard_has_it() -> None:
    """Names are in lower case, structures are lists, types stand apart and groups are kept."""
    draft = ContactDraft(
        name=Name(full="Ada Lovelace", given="Ada", family="Lovelace, Countess"),
        nicknames=("Ada", "A;L"),
        organisation="Analytical; Engines",
        units=("Notes",),
        birthday="1815-12-10",
        emails=(Email(address="ada@example.org", types=("home", "x"), label="Own", primary=True),),
        phones=(Phone(number="+44 20", parameters=(("VALUE", ("uri",)),)),),
        raw=(
            RawProperty(name="CATEGORIES", value="a,b\\,c"),
            RawProperty(name="REV", value="19961022T140000Z"),
            RawProperty(name="X-FOO", value="a\\,b;c", group="item7"),
            RawProperty(
                name="PHOTO", value="AAEC", parameters=(("TYPE", ("PNG",)), ("ENCODING", ("b",)))
            ),
        ),
    )
    assert written(draft) == [
        "vcard",
        [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", "Ada Lovelace"],
            ["n", {}, "text", ["Lovelace, Countess", "Ada", "", "", ""]],
            ["bday", {}, "date-and-or-time", "1815-12-10"],
            ["org", {}, "text", ["Analytical; Engines", "Notes"]],
            ["nickname", {}, "text", "Ada", "A;L"],
            [
                "email",
                {"type": ["home", "x"], "pref": "1", "group": "item1"},
                "text",
                "ada@example.org",
            ],
            ["x-ablabel", {"group": "item1"}, "text", "Own"],
            ["tel", {}, "uri", "tel:+44 20"],
            ["categories", {}, "text", "a", "b,c"],
            ["rev", {LINE: "REV:19961022T140000Z"}, "timestamp", "1996-10-22T14:00:00Z"],
            ["x-foo", {"group": "item7"}, "unknown", "a\\,b;c"],
            ["photo", {}, "uri", "data:image/png;base64,AAEC"],
        ],
    ]


def test_card_of_another_program_is_read() -> None:
    """Lists in structures, several values, types of values and whatever stands in a wrong place."""
    draft = read(
        ["fn", {}, "text", "Simon Perreault"],
        ["n", {}, "text", ["Perreault", "Simon", ["Jean", "Luc"], "", ["ing. jr", "M.Sc."]]],
        ["nickname", {}, "text", "Si", "Pe"],
        ["bday", {}, "date-and-or-time", "--02-03"],
        ["org", {"type": "work"}, "text", "Viagenie"],
        ["tel", {"type": ["work", "voice"], "pref": "1"}, "uri", "tel:+1-418-656-9254;ext=102"],
        ["tel", {"type": "cell"}, "text", "+1-418-262-6501"],
        ["email", {"group": "CONTACT"}, "text", "simon@example.org"],
        ["x-ablabel", {"group": "contact"}, "text", "Office, main"],
        ["adr", {}, "text", ["", "Suite D2-630", ["2875 Laurier", "back"], "Québec", "", "", "CA"]],
        ["uid", {}, "uri", "urn:uuid:1"],
        ["x-count", {}, "integer", 1, 2],
        ["x-flag", {}, "boolean", True],
        ["x-none", {}, "unknown", None],
        ["broken"],
        7,
    )
    assert draft.name == Name(
        full="Simon Perreault",
        given="Simon",
        family="Perreault",
        additional="Jean,Luc",
        suffix="ing. jr,M.Sc.",
    )
    assert (draft.nicknames, draft.birthday, draft.uid) == (("Si", "Pe"), "--0203", "urn:uuid:1")
    assert [(item.number, item.types, item.primary) for item in draft.phones] == [
        ("+1-418-656-9254;ext=102", ("work", "voice"), True),
        ("+1-418-262-6501", ("cell",), False),
    ]
    assert draft.emails == (Email(address="simon@example.org", label="Office, main"),)
    assert draft.addresses[0].street == "2875 Laurier,back"
    assert [(item.name, item.value, item.parameters) for item in draft.raw] == [
        ("ORG", "Viagenie", (("TYPE", ("work",)),)),
        ("X-COUNT", "1,2", (("VALUE", ("integer",)),)),
        ("X-FLAG", "TRUE", (("VALUE", ("boolean",)),)),
        ("X-NONE", "", ()),
        (UNPARSED, '["broken"]', ()),
        (UNPARSED, "7", ()),
    ]
    assert again(draft) == draft


@settings(deadline=None)
@given(CONTACTS)
def test_any_contact_comes_back(draft: ContactDraft) -> None:
    """Whatever characters a contact is made of, its jCard is read as the same."""
    assert again(draft) == draft


@settings(max_examples=300, deadline=None)
@given(CARD_LINES, st.sampled_from(["2.1", "3.0", "4.0"]))
def test_any_card_that_can_be_read_comes_back(lines: list[str], version: str) -> None:
    """Every property, parameter and value of a vCard is in its jCard, in the same order."""
    text = "\n".join(["BEGIN:VCARD", f"VERSION:{version}", "FN:Ada", *lines, "END:VCARD"])
    card = read_card(text.encode())
    items = [decode_json(encoded(jcard_property(found))) for found in card.properties]
    assert tuple(map(property_of, items)) == card.properties
    draft = draft_from_card(card)
    assert again(draft) == draft


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cards_of_real_programs_come_back(file: Path) -> None:
    """What was read from a file is read again from its jCard."""
    with file.open("rb") as stream:
        for source in split_cards(stream, max_card_bytes=1 << 20):
            draft = draft_from_card(read_card(source.content))
            assert again(draft) == draft


def test_what_was_changed_counts_and_not_the_line_beside_it() -> None:
    """A program that knows nothing of the line may change what it is about."""
    item = jcard_property(Property("BDAY", "19850412"))
    assert item == ["bday", {LINE: "BDAY:19850412"}, "date-and-or-time", "1985-04-12"]
    assert property_of(item) == Property("BDAY", "19850412")
    assert property_of([*item[:3], "1985-04-13"]) == Property("BDAY", "1985-04-13")
    item[1][LINE] = "UID:x"
    assert property_of(item) == Property("BDAY", "1985-04-12")
    item[1][LINE] = 7
    assert property_of(item) == Property("BDAY", "1985-04-12")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)  # fmt: skip
ITEMS = st.lists(
    JSON
    | st.tuples(
        st.sampled_from(["fn", "n", "TEL", "adr", "bday", "x-a", "version", "photo", "uid", ""]),
        JSON | st.dictionaries(st.sampled_from(["type", "pref", "group", "value", LINE]), JSON),
        st.sampled_from(["text", "uri", "unknown", "date", "integer", "TEXT", "x y"]),
        JSON,
    ).map(list),
    max_size=6,
)


@settings(max_examples=300, deadline=None)
@given(ITEMS)
def test_no_json_breaks_the_reader(items: list[object]) -> None:
    """Anything at any place is read, or the whole card is refused; what is read comes back."""
    try:
        found = read_jcard(["vcard", items])
    except VCardError:
        return
    draft = draft_from_card(found)
    assert again(draft) == draft


@pytest.mark.parametrize(
    "document",
    ["vcard", ["vcard"], ["vcard", {}], ["vevent", []], [["vcard", []]], [], {"vcard": []}, None],
)
def test_what_is_no_jcard_is_refused(document: object) -> None:
    """The reason is said in plain words."""
    with pytest.raises(VCardError, match="not a jCard"):
        read_jcard(document)


def encoded(item: object) -> bytes:
    """Return JSON."""
    return encode_json(item).encode()
