"""JSContact (RFC 9553, 9555): what is written, what is read, and that nothing is lost."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plugins.crm_contacts.tests.card_strategies import CARD_LINES, CONTACTS, in_any_order
from plugins.crm_contacts.tests.custom_strategies import FIELDS
from plugins.crm_contacts.tests.test_jcard import JSON

from crm_contacts.card_custom import with_custom
from crm_contacts.card_forms import JSCONTACT
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import (
    Address,
    ContactDraft,
    ContactKind,
    Email,
    Link,
    Name,
    Phone,
    RawProperty,
)
from crm_contacts.jcard import LINE
from crm_contacts.jscontact import read_jscontact
from crm_contacts.json_cards import read_json_card
from crm_contacts.json_values import decode_json, encode_json
from crm_contacts.vcard import VCardError, read_card, split_cards

pytestmark = pytest.mark.no_calls

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
FILES = [*sorted((Path(__file__).parent / "cards").glob("*.vcf")), *sorted(CORPUS.glob("*.vcf"))]

#: A card as other programs write them, with much for which vCard has no place.
FOREIGN: dict[str, Any] = {
    "@type": "Card",
    "version": "1.0",
    "uid": "22B2C7DF-9120-4969-8460-05956FE6B065",
    "language": "en",
    "name": {
        "@type": "Name",
        "components": [
            {"@type": "NameComponent", "kind": "given", "value": "Vincent"},
            {"kind": "given2", "value": "Willem"},
            {"kind": "surname", "value": "van Gogh", "phonetic": "x"},
        ],
        "isOrdered": True,
        "sortAs": {"surname": "Gogh"},
    },
    "nicknames": {"k1": {"name": "Vinnie"}},
    "organizations": {"o1": {"name": "ABC, Inc.", "units": [{"name": "North"}], "sortAs": "ABC"}},
    "titles": {"le9": {"kind": "title", "name": "Painter", "organizationId": "o1"}},
    "speakToAs": {"grammaticalGender": "neuter"},
    "emails": {
        "e1": {"contexts": {"work": True}, "address": "v@example.com"},
        "mine": {"address": "vincent@example.com", "pref": 1, "label": "Own", "example.com:x": [1]},
    },
    "phones": {
        "p1": {
            "features": {"mobile": True, "voice": True},
            "number": "tel:+1-555-555-5555",
            "contexts": {"private": True},
        }
    },
    "onlineServices": {"s1": {"service": "Mastodon", "user": "@v@example.com"}},
    "addresses": {
        "k23": {
            "contexts": {"work": True},
            "components": [
                {"kind": "number", "value": "54321"},
                {"kind": "separator", "value": " "},
                {"kind": "name", "value": "Oak St"},
                {"kind": "locality", "value": "Reston"},
                {"kind": "country", "value": "USA"},
            ],
            "countryCode": "US",
            "defaultSeparator": ", ",
        }
    },
    "anniversaries": {
        "y1": {"kind": "birth", "date": {"year": 1853, "month": 3, "day": 30}},
        "y2": {"kind": "wedding", "date": {"@type": "Timestamp", "utc": "1900-01-01T00:00:00Z"}},
        "y3": {"kind": "moon landing", "date": {"year": 1969}},
    },
    "keywords": {"art": True, "oil, on canvas": True},
    "members": {},
    "relatedTo": {"urn:uuid:f81d": {"relation": {"sibling": True}}},
    "media": {"m1": {"kind": "photo", "uri": "https://example.com/v.jpg", "mediaType": "a/b"}},
    "personalInfo": {"i1": {"kind": "hobby", "value": "walks", "level": "high"}},
    "localizations": {"nl": {"name/full": "Vincent van Gogh"}},
    "updated": "2026-01-02T03:04:05Z",
    "example.com:foo/bar~": {"a": 1.5},
    "vCardProps": [["x-foo", {"group": "g"}, "unknown", "a\\,b"]],
}


def written(draft: ContactDraft) -> dict[str, Any]:
    """Return a contact as the JSON of JSContact."""
    found = decode_json(JSCONTACT.write(draft))
    assert isinstance(found, dict)
    return found


def again(draft: ContactDraft) -> ContactDraft:
    """Write a contact and read it."""
    return with_custom(draft_from_card(read_json_card(JSCONTACT.write(draft))), FIELDS)[0]


def read(**members: object) -> ContactDraft:
    """Read a card of these members."""
    return draft_from_card(read_jscontact({"@type": "Card", "version": "1.0", **members}))


def test_contact_is_written_as_the_standard_has_it() -> None:
    """Types are contexts and features, labels stand in their objects, the rest in vCardProps."""
    draft = ContactDraft(
        name=Name(full="Ada Lovelace", given="Ada", family="Lovelace"),
        uid="urn:uuid:1",
        nicknames=("Countess",),
        organisation="Engines",
        units=("Notes",),
        title="Analyst",
        role="author",
        birthday="--1210",
        note=" two\nlines",
        emails=(Email(address="ada@example.org", types=("home", "internet"), label="Own"),),
        phones=(
            Phone(number="+44 20", types=("work", "cell"), primary=True),
            Phone(number="1", parameters=(("GROUP", ("item7",)),)),
        ),
        addresses=(Address(street="1 Main", locality="Ockham", parameters=(("CC", ("GB",)),)),),
        links=(Link(url="https://example.org/a,b"),),
        tags=("maths", "c,d"),
        raw=(
            RawProperty(name="X-FOO", value="a\\,b", group="item7"),
            RawProperty(name="REV", value="20260102T030405Z"),
            RawProperty(name="IMPP", value="xmpp:ada@example.org"),
            RawProperty(
                name="PHOTO", value="AAEC", parameters=(("TYPE", ("PNG",)), ("ENCODING", ("b",)))
            ),
        ),
    )
    assert written(draft) == {
        "@type": "Card",
        "version": "1.0",
        "uid": "urn:uuid:1",
        "updated": "2026-01-02T03:04:05Z",
        "name": {
            "full": "Ada Lovelace",
            "components": [
                {"kind": "surname", "value": "Lovelace"},
                {"kind": "given", "value": "Ada"},
            ],
        },
        "nicknames": {"k1": {"name": "Countess"}},
        "organizations": {"o1": {"name": "Engines", "units": [{"name": "Notes"}]}},
        "titles": {"t1": {"name": "Analyst"}, "t2": {"kind": "role", "name": "author"}},
        "emails": {
            "e1": {
                "address": "ada@example.org",
                "contexts": {"private": True},
                "vCardParams": {"type": "internet"},
                "label": "Own",
            }
        },
        "phones": {
            "p1": {
                "number": "+44 20",
                "contexts": {"work": True},
                "features": {"mobile": True},
                "pref": 1,
            },
            "p2": {"number": "1", "vCardParams": {"group": "item7"}},
        },
        "onlineServices": {"s1": {"vCardName": "impp", "uri": "xmpp:ada@example.org"}},
        "addresses": {
            "a1": {
                "components": [
                    {"kind": "name", "value": "1 Main"},
                    {"kind": "locality", "value": "Ockham"},
                ],
                "countryCode": "GB",
            }
        },
        "links": {"l1": {"uri": "https://example.org/a,b"}},
        "keywords": {"maths": True, "c,d": True},
        "anniversaries": {
            "y1": {"kind": "birth", "date": {"@type": "PartialDate", "month": 12, "day": 10}}
        },
        "notes": {"n1": {"note": " two\nlines"}},
        "media": {"m1": {"kind": "photo", "uri": "data:image/png;base64,AAEC"}},
        "vCardProps": [["x-foo", {"group": "item7"}, "unknown", "a\\,b"]],
    }
    assert in_any_order(again(draft)) == in_any_order(draft)


def test_card_of_another_program_is_read() -> None:
    """Its objects are the fields of a contact, whatever vCard says of them."""
    draft = read(**FOREIGN)
    assert draft.name == Name(
        full="Vincent Willem van Gogh", given="Vincent", additional="Willem", family="van Gogh"
    )
    assert (draft.kind, draft.uid) == (ContactKind.INDIVIDUAL, FOREIGN["uid"])
    assert (draft.organisation, draft.units, draft.title) == ("ABC, Inc.", ("North",), "Painter")
    assert [(item.address, item.label, item.primary) for item in draft.emails] == [
        ("v@example.com", None, False),
        ("vincent@example.com", "Own", True),
    ]
    assert [(item.number, item.types) for item in draft.phones] == [
        ("+1-555-555-5555", ("home", "cell", "voice"))
    ]
    (address,) = draft.addresses
    assert (address.street, address.locality, address.country) == ("54321 Oak St", "Reston", "USA")
    assert draft.birthday == "1853-03-30"
    assert draft.tags == ("art", "oil, on canvas")
    raw = {(item.name, item.value) for item in draft.raw}
    assert {
        ("RELATED", "urn:uuid:f81d"),
        ("ANNIVERSARY", "1900-01-01T00:00:00Z"),
        ("PHOTO", "https://example.com/v.jpg"),
        ("SOCIALPROFILE", "@v@example.com"),
        ("HOBBY", "walks"),
        ("REV", "20260102T030405Z"),
        ("X-FOO", "a\\,b"),
    } <= raw


def test_card_of_another_program_comes_back_with_all_that_it_said() -> None:
    """What vCard has no place for is kept, member by member, and put where it was."""
    said = written(read(**FOREIGN))
    there = leaves(said)
    assert {pointer: there.get(pointer) for pointer in leaves(FOREIGN)} == leaves(FOREIGN)
    assert "jsprop" not in [item[0] for item in said["vCardProps"]]


def test_what_was_kept_gives_way_to_what_was_changed() -> None:
    """A name that somebody changed does not turn back; what was kept of it is not lost either."""
    draft = read(**FOREIGN)
    changed = replace(draft, name=Name(full="Theo van Gogh", given="Theo", family="van Gogh"))
    said = written(changed)
    assert [item["value"] for item in said["name"]["components"]] == ["van Gogh", "Theo"]
    kept = {item[1]["jsptr"] for item in said["vCardProps"] if item[0] == "jsprop"}
    assert "name/components" in kept
    assert in_any_order(again(changed)) == in_any_order(changed)


def test_contact_without_uid_gets_one_that_stays_and_is_not_taken_for_its_own() -> None:
    """The same contact has the same UID each time, and none once it is read again."""
    draft = ContactDraft(name=Name(full="Ada"))
    uid = written(draft)["uid"]
    assert uid.startswith("urn:uuid:")
    assert written(draft)["uid"] == uid
    assert written(ContactDraft(name=Name(full="Bo")))["uid"] != uid
    assert again(draft) == draft
    said = written(draft) | {"notes": {"n1": {"note": "changed"}}}
    assert draft_from_card(read_jscontact(said)).uid == uid


def test_what_was_changed_counts_and_not_the_line_beside_it() -> None:
    """A program that knows nothing of the line may change what it is about."""
    said = written(ContactDraft(name=Name(full="Ada"), birthday="18151210"))
    birth = said["anniversaries"]["y1"]
    assert birth["vCardParams"] == {LINE: "BDAY:18151210"}
    assert draft_from_card(read_jscontact(said)).birthday == "18151210"
    birth["date"]["day"] = 11
    assert draft_from_card(read_jscontact(said)).birthday == "1815-12-11"
    birth["vCardParams"][LINE] = "NOTE:x"
    assert draft_from_card(read_jscontact(said)).birthday == "1815-12-11"


@settings(deadline=None)
@given(CONTACTS)
def test_any_contact_comes_back(draft: ContactDraft) -> None:
    """Whatever characters it is made of; JSContact does not say the order of raw properties."""
    assert in_any_order(again(draft)) == in_any_order(draft)


@settings(max_examples=500, deadline=None)
@given(CARD_LINES, st.sampled_from(["2.1", "3.0", "4.0"]))
def test_any_card_that_can_be_read_comes_back(lines: list[str], version: str) -> None:
    """Whatever a vCard consists of, its contact is read again from JSContact."""
    text = "\n".join(["BEGIN:VCARD", f"VERSION:{version}", "FN:Ada", *lines, "END:VCARD"])
    draft = draft_from_card(read_card(text.encode()))
    assert in_any_order(again(draft)) == in_any_order(draft)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_cards_of_real_programs_come_back(file: Path) -> None:
    """What was read from a file is read again from JSContact."""
    with file.open("rb") as stream:
        for source in split_cards(stream, max_card_bytes=1 << 20):
            draft = draft_from_card(read_card(source.content))
            assert in_any_order(again(draft)) == in_any_order(draft)


MEMBERS = st.sampled_from(
    [
        *("name", "emails", "phones", "addresses", "titles", "organizations", "anniversaries"),
        *("keywords", "members", "relatedTo", "media", "vCardProps", "uid", "kind", "updated"),
        *("onlineServices", "notes", "nicknames", "version", "example.com:x", "@type", "a/b~"),
    ]
)
OBJECTS = st.dictionaries(
    st.sampled_from(
        [
            *("full", "components", "address", "number", "name", "units", "date", "kind", "label"),
            *("contexts", "features", "pref", "vCardParams", "uri", "user", "note", "@type", "x/y"),
            "organizationId",
        ]
    ),
    JSON
    | st.sampled_from(["a", "title", "role", "birth", "photo", "e1", "e2", "o2"])
    | st.just({"year": 1985, "month": 4})
    | st.just({"work": True, "private": False})
    | st.just({"group": "item1", "type": ["a", "b"], LINE: "EMAIL:x"})
    | st.just([{"kind": "given", "value": "Ada"}, {"kind": "name", "value": "x"}]),
    max_size=5,
)
FOREIGN_CARDS = st.dictionaries(
    MEMBERS,
    JSON
    | OBJECTS
    | st.dictionaries(
        st.sampled_from(["e1", "p1", "a b", "zz", "e2", "o1", "o2", "t1", "t2"]), OBJECTS
    ),
    max_size=6,
)


@settings(max_examples=600, deadline=None)
@given(FOREIGN_CARDS)
def test_no_json_breaks_the_reader_and_no_member_is_lost(members: dict[str, Any]) -> None:
    """Anything at any place is read, and written again as it was."""
    card = members | {"@type": "Card", "emails": {"e9": {"address": "a@b"}}}
    card = decode_json(encode_json(card).encode())
    draft = draft_from_card(read_jscontact(card))
    assert in_any_order(again(draft)) == in_any_order(draft)


@pytest.mark.parametrize("document", [{}, {"@type": "Group"}, {"uid": "x"}, [], "Card", None])
def test_what_is_no_card_is_refused(document: object) -> None:
    """The reason is said in plain words."""
    with pytest.raises(VCardError, match="not a JSContact card"):
        read_jscontact(document)


def leaves(value: object, pointer: str = "") -> dict[str, object]:
    """Return what a JSON value says at each pointer, without types that are clear anyway."""
    if isinstance(value, dict) and value:
        found: dict[str, object] = {}
        for name, item in value.items():
            if name != "@type" and (name, item) != ("kind", "title"):
                found |= leaves(item, f"{pointer}/{name}")
        return found
    if isinstance(value, list) and pointer.count("/") < 3:
        return {f"{pointer}/{place}": encode_json(item) for place, item in enumerate(value)}
    return {pointer: encode_json(value)}


def test_nul_in_what_a_vcard_keeps_is_text_like_any_other() -> None:
    """JSON in a JSPROP may say it, and the made-up UID is still not taken for the contact's own."""
    kept = RawProperty(name="JSPROP", value='"\\\\u0000"', parameters=(("JSPTR", ("x",)),))
    draft = ContactDraft(name=Name(full="Ada"), raw=(kept,))
    assert written(draft)["vCardProps"] == [["jsprop", {"jsptr": "x"}, "text", '"\\u0000"']]
    assert again(draft) == draft
