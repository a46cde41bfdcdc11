from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import ContactDraft, ContactKind, Email, Name, Phone, RawProperty
from crm_contacts.matching import content_key, merge_drafts
from crm_contacts.normalisation import normalised
from crm_contacts.vcard import read_card

pytestmark = pytest.mark.no_calls


def draft(*lines: str) -> ContactDraft:
    """Return the contact that a card of these lines describes."""
    return draft_from_card(
        read_card("\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD"]).encode())
    )


ADA = ["FN:Ada Lovelace", "EMAIL:ada@example.org", "TEL:+44 20 7946 0000", "URL:http://a.org"]


@pytest.mark.parametrize(
    "lines",
    [
        ["FN:ADA  LOVELACE", *ADA[1:]],
        ["FN:\uff21da Lovelace", *ADA[1:]],
        [ADA[0], "EMAIL;TYPE=work:ADA@Example.org", *ADA[2:]],
        [*ADA[:2], "item1.TEL;PREF:tel:+44-20-7946-0000", "item1.X-ABLabel:x", ADA[3]],
        [*ADA[:3], "URL:HTTP://A.org/"],
        [*reversed(ADA)],
        [*ADA, ADA[1], "UID:7", "REV:2012", "PRODID:x", "X-ETAG:1", "X-ABUID:2"],
        [*ADA, "X-EVOLUTION-WEBDAV-UID:1", "VERSION:2", "NOTE:", "X-EMPTY:;;", "N:;;;;"],
        [*ADA, "FN:ada lovelace", "KIND;X-A=1:individual"],
    ],
)
def test_copies_of_a_contact_have_the_same_key(lines: list[str]) -> None:
    """Writing, order and bookkeeping make no difference to what a card says."""
    assert content_key(draft(*lines)) == content_key(draft(*ADA))


@pytest.mark.parametrize(
    "lines",
    [
        ["FN:Ada King", *ADA[1:]],
        ADA[:3],
        [*ADA, "TITLE:Countess"],
        [*ADA, "ROLE:Countess"],
        [*ADA, "X-SPOUSE:William"],
        [*ADA, "X-EMPLOYEE-ID:1"],
        [*ADA, "X-SKYPE-ID:1"],
        [*ADA, "FN:Countess"],
        [*ADA[:2], f"{ADA[2]} x1", ADA[3]],
        [*ADA, "ORG:Engine;Analytical"],
        [*ADA, "KIND:org"],
        [ADA[0], ADA[1], "TEL:44 20 7946 0000", ADA[3]],
    ],
)
def test_different_contacts_have_different_keys(lines: list[str]) -> None:
    """Anything one card says and the other does not tells them apart."""
    assert content_key(draft(*lines)) != content_key(draft(*ADA))


@pytest.mark.parametrize(
    ("line", "qualified"),
    [
        ("N:L;Ada", "N;LANGUAGE=en:L;Ada;;;"),
        ("ORG:X;Y", "ORG;LANGUAGE=en:X;Y"),
        ("NOTE:n", "item1.NOTE:n\nitem1.X-ABADR:"),
        ("BDAY:1815-12-10", "BDAY;VALUE=text:18151210"),
        ("NICKNAME:a,b", "NICKNAME;X-A=1:b,a"),
    ],
)
def test_qualified_property_is_the_same_content(line: str, qualified: str) -> None:
    """A raw property that repeats a field is no difference between two copies."""
    plain, more = draft(*ADA, line), draft(*ADA, *qualified.split("\n"))
    assert plain.raw != more.raw
    assert content_key(plain) == content_key(more) != content_key(draft(*ADA))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("TEL:+1 555 0100", "TEL:+1 555 0100,1", False),
        ("TEL:+1 555 0100;1", "TEL:+1 555 0100,1", False),
        ("TEL:+1 555 0100p1", "TEL:+1-555-0100 P 1", True),
        ("TEL:+1 555 0100w1", "TEL:+1 555 01001", False),
        ("TEL:+1 555 0100 x5", "TEL:+15550100;ext=5", True),
        ("TEL:+1 555 0100 ext. 5", "TEL:+1 555 0100 extension 5", True),
        ("TEL:+1 555 0100 x5", "TEL:+1 555 01005", False),
        ("TEL:1-800-FLOWERS", "TEL:1 800 flowers", True),
        ("EMAIL:STRASSE@b", "EMAIL:strasse@b", True),
        ("EMAIL:stra\u00dfe@b", "EMAIL:strasse@b", False),
        ("BDAY:--04-04", "BDAY:--0404", True),
        ("BDAY:---04", "BDAY:--04", False),
        ("BDAY:1985-1-10", "BDAY:1985-11-0", False),
    ],
)
def test_forms_are_equal_where_values_mean_the_same(one: str, other: str, same: bool) -> None:
    """Merging takes two values for one only if they reach the same person or day."""
    stored, incoming = draft("FN:A", one), draft("FN:A", other)
    assert (content_key(stored) == content_key(incoming)) is same
    assert (merge_drafts(stored, incoming) == stored) is same


def test_stored_number_is_looked_up_without_its_extension() -> None:
    """E.164 knows no extension, so the normalised form is of the number alone."""
    (phone,) = normalised(draft("FN:A", "TEL:+44 20 7946 0018 ext. 12"), None).phones
    assert phone.normalised == "+442079460018"


def test_numbers_with_letters_are_told_apart() -> None:
    """A vanity number is not just its digits, and text in place of a number is kept."""
    stored = draft("FN:A", "TEL:1-800-FLOWERS", "TEL:BusinessPhone")
    merged = merge_drafts(stored, draft("FN:A", "TEL:1800 CONTACT", "TEL:HomePhone"))
    assert len(merged.phones) == 4


def test_merging_fills_what_is_empty_and_appends_what_is_new() -> None:
    """The stored contact gains all that only the incoming one knows."""
    merged = merge_drafts(
        draft("FN:Ada", "EMAIL:a@b"),
        draft("FN:ada", "N:L;Ada", "ORG:X;Y", "TITLE:t", "EMAIL;TYPE=work:A@B", "EMAIL;PREF:c@d"),
    )
    assert merged == ContactDraft(
        name=Name(full="Ada", given="Ada", family="L"),
        organisation="X",
        units=("Y",),
        title="t",
        emails=(Email(address="a@b", types=("work",)), Email(address="c@d", primary=True)),
    )


def test_merging_keeps_what_contradicts_as_raw_properties() -> None:
    """Where both know better, the stored value stays and the other one is not lost."""
    stored = draft("FN:Ada", "N:L;Ada", "ORG:X;Y", "TITLE:t", "BDAY:1815-12-10", "UID:1")
    other = draft("FN:B", "N:L\\;K;B", "ORG:X;Z", "TITLE:u", "BDAY:18151210", "UID:2")
    merged = merge_drafts(stored, other)
    assert replace(merged, raw=()) == stored
    assert [(raw.name, raw.value) for raw in merged.raw] == [
        ("FN", "B"),
        ("N", "L\\;K;B;;;"),
        ("ORG", "X;Z"),
        ("UID", "2"),
        ("TITLE", "u"),
    ]


def test_merging_keeps_one_primary_and_one_label() -> None:
    """A second preference and a second label become parameters."""
    merged = merge_drafts(
        draft("FN:A", "TEL;PREF:1", "g.TEL:2", "g.X-ABLabel:old"),
        draft("FN:A", "g.TEL;PREF:2", "g.X-ABLabel:new"),
    )
    assert merged.phones == (
        Phone(number="1", primary=True),
        Phone(number="2", label="old", parameters=(("PREF", ("1",)), ("LABEL", ("new",)))),
    )


def test_merging_does_not_mix_groups_of_the_same_name() -> None:
    """`item1` of one card and `item1` of another stay two groups."""
    stored = draft("FN:A", "item1.X-ABDATE:1", "item1.X-ABLabel:birth")
    merged = merge_drafts(stored, draft("FN:A", "item1.X-ABDATE:2", "item1.X-ABLabel:wedding"))
    assert [(raw.group, raw.value) for raw in merged.raw] == [
        ("item1", "1"),
        ("item1", "birth"),
        ("item2", "2"),
        ("item2", "wedding"),
    ]


def test_default_kind_gives_way_to_a_stated_one() -> None:
    """A person by default becomes what the other card says; two statements are both kept."""
    org, group = draft("FN:A", "KIND:org"), draft("FN:A", "KIND:group")
    assert merge_drafts(draft("FN:A"), org) == merge_drafts(org, draft("FN:A")) == org
    assert merge_drafts(org, group).kind is ContactKind.ORG
    assert merge_drafts(org, group).raw == (RawProperty(name="KIND", value="group"),)


VALUES = {
    "FN": ["Ada", "ADA", "Bob"],
    "N": ["L;Ada", "L", ";Bob", "K;Ada;;Dr."],
    "ORG": ["X", "X;Y", "x;Z", ";Y", "W"],
    "NICKNAME": ["a,b", "B,c,C"],
    "TITLE": ["t", "T", "u"],
    "NOTE": ["n", "m"],
    "BDAY": ["1815-12-10", "18151210", "--1210"],
    "UID": ["1", "2"],
    "KIND": ["org", "group"],
    "EMAIL": ["a@b", "A@b", "c@d"],
    "TEL": ["1", "(1)", "+1", "one"],
    "ADR": [";;S", ";;s;;;;", ";;T"],
    "URL": ["http://a", "HTTP://A/", "b"],
    "X-ABDATE": ["1", "2"],
    "X-ABLabel": ["one", "two"],
    "PHOTO": ["x", "y"],
}
LINES = st.sampled_from([f"{name}:{value}" for name, values in VALUES.items() for value in values])
GROUPED = st.builds("{}{}".format, st.sampled_from(["", "", "item1.", "item2."]), LINES)
QUALIFIED = st.builds(
    lambda line, more: line.replace(":", f"{more}:", 1),
    GROUPED,
    st.sampled_from(["", "", ";PREF", ";TYPE=home", ";X-A=1", ";X-A=2", ";PREF=2"]),
)
DRAFTS = st.lists(QUALIFIED, max_size=10).map(lambda lines: draft("EMAIL:z@z", *lines))


@given(DRAFTS, DRAFTS)
def test_merging_the_same_again_changes_nothing(
    stored: ContactDraft, incoming: ContactDraft
) -> None:
    """A card that comes in twice, or that is the stored one, adds nothing the second time."""
    merged = merge_drafts(stored, incoming)
    assert merge_drafts(merged, incoming) == merged
    assert merge_drafts(merged, stored) == merged
    assert sum(phone.primary for phone in merged.phones) <= 1
    assert merge_drafts(stored, stored) == stored


@given(DRAFTS, DRAFTS)
def test_merging_loses_nothing_of_either(stored: ContactDraft, incoming: ContactDraft) -> None:
    """Every text of both is in the merged contact, up to case, blanks and punctuation."""
    merged = _texts(merge_drafts(stored, incoming))
    assert _texts(stored) <= merged
    assert _texts(incoming) <= merged


def _texts(contact: ContactDraft) -> set[str]:
    """All that a contact says, in small pieces that merging may move but not change."""
    raw = ";".join(found.value for found in contact.raw)
    name = contact.name
    single = (
        *(name.full, name.family, name.given, name.additional, name.prefix),
        *(contact.organisation, contact.title, contact.note, contact.birthday, contact.uid),
        *(contact.units + contact.nicknames),
        *(email.address for email in contact.emails),
        *(phone.number for phone in contact.phones),
        *(address.street for address in contact.addresses),
        *(link.url for link in contact.links),
        *(email.label for email in contact.emails),
        *raw.split(";"),
        *(
            value
            for channels in (contact.emails, contact.phones, contact.addresses, contact.links)
            for channel in channels
            for parameter, values in channel.parameters
            for value in (*values, *channel.types)
            if parameter != "GROUP"
        ),
    )
    marks = str.maketrans("", "", "-() ")
    return {text.translate(marks).lower().rstrip("/") for text in single if text}
