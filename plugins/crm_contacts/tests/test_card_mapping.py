from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.crm_contacts.tests.card_losses import losses

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.card_writing import write_card
from crm_contacts.contract import (
    Address,
    ContactDraft,
    ContactKind,
    Email,
    Link,
    Name,
    Phone,
    RawProperty,
    VCardVersion,
)
from crm_contacts.raw_twins import current_raw
from crm_contacts.validation import draft_errors
from crm_contacts.vcard import read_card, split_cards

CARDS = Path(__file__).parent / "cards"

pytestmark = pytest.mark.no_calls


def draft(*lines: str) -> ContactDraft:
    """Map a card and make sure that nothing of it is lost."""
    card = read_card("\n".join(["BEGIN:VCARD", "VERSION:3.0", *lines, "END:VCARD"]).encode())
    mapped = draft_from_card(card)
    assert losses(card, mapped) == []
    return mapped


def test_card_of_a_person_fills_every_field() -> None:
    """Each property that has a field is found in it, and the rest in the raw bag."""
    assert draft(
        "N:Doe;John;Richter\\, James;Mr.;Sr.",
        "FN:Mr. John Doe Sr.",
        "NICKNAME:Johnny,JD\\, that is",
        "ORG:IBM;Accounting;Dungeon",
        "TITLE:Money Counter",
        "ROLE:Counting",
        "BDAY;VALUE=date:--0404",
        "NOTE:One\\n Two",
        "UID:urn:uuid:1",
        "REV:2012",
    ) == ContactDraft(
        name=Name(
            full="Mr. John Doe Sr.",
            given="John",
            family="Doe",
            additional="Richter, James",
            prefix="Mr.",
            suffix="Sr.",
        ),
        nicknames=("Johnny", "JD, that is"),
        organisation="IBM",
        units=("Accounting", "Dungeon"),
        title="Money Counter",
        role="Counting",
        birthday="--0404",
        note="One\n Two",
        uid="urn:uuid:1",
        raw=(RawProperty(name="REV", value="2012"),),
    )


def test_channels_carry_types_label_preference_and_other_parameters() -> None:
    """Emails, phones, addresses and links keep all that their properties say."""
    mapped = draft(
        "item1.EMAIL;type=INTERNET;type=Pref:a@b.org",
        "item1.X-ABLabel:_$!<HomePage>!$_",
        'TEL;VALUE=uri;TYPE="work,voice";PREF=1;X-Y=z:tel:+1-418;ext=102',
        "TEL;PREF=2:5",
        "ADR;TYPE=HOME:;Suite 1;Street 5\\, Yard;New York, NY;;12345;USA",
        "URL:http\\://b.org",
    )
    assert mapped.emails == (
        Email(address="a@b.org", types=("internet",), label="HomePage", primary=True),
    )
    assert mapped.phones == (
        Phone(
            number="+1-418;ext=102",
            types=("work", "voice"),
            primary=True,
            parameters=(("VALUE", ("uri",)), ("X-Y", ("z",))),
        ),
        Phone(number="5", parameters=(("PREF", ("2",)),)),
    )
    assert mapped.addresses == (
        Address(
            extended="Suite 1",
            street="Street 5, Yard",
            locality="New York, NY",
            postal_code="12345",
            country="USA",
            types=("home",),
        ),
    )
    assert mapped.links == (Link(url="http://b.org"),)
    assert mapped.raw == ()


def test_only_the_first_preferred_one_is_primary() -> None:
    """A list has one primary; that others were preferred too stays a parameter."""
    first, second = draft("EMAIL;PREF:a@b", "EMAIL;PREF:c@d").emails
    assert (first.primary, first.parameters) == (True, ())
    assert (second.primary, second.parameters) == (False, (("PREF", ("1",)),))


@pytest.mark.parametrize(
    ("parameters", "primary"),
    [
        (["PREF=2", "PREF=1"], 1),
        (["PREF=50", "PREF=9", "PREF=9"], 1),
        (["PREF=1", "TYPE=pref"], 1),
        (["PREF=0", "PREF=101", "PREF=x", "PREF=100"], 3),
        (["X=y", "PREF="], None),
    ],
)
def test_lowest_preference_makes_the_primary_one(
    parameters: list[str], primary: int | None
) -> None:
    """PREF counts from 1 to 100, TYPE=pref before all of them, and nothing else at all."""
    emails = draft(*(f"EMAIL;{item}:a@b" for item in parameters)).emails
    assert [place for place, email in enumerate(emails) if email.primary] == (
        [] if primary is None else [primary]
    )


def test_address_without_any_of_its_parts_is_kept_raw() -> None:
    """What stands behind the seven parts makes no address, and keeps its label."""
    mapped = draft("FN:Ada", "item1.ADR:;;;;;;;h", "item1.X-ABLabel:Home")
    assert mapped.addresses == ()
    assert [found.name for found in mapped.raw] == ["ADR", "X-ABLABEL"]


def test_name_without_any_part_says_nothing() -> None:
    """An empty N, which version 3.0 demands, leaves no trace unless something qualifies it."""
    assert draft("FN:Ada", "N:;;;;").raw == ()
    assert len(draft("FN:Ada", "N;X=y:;;;;").raw) == 1


def test_shared_group_ties_a_field_to_its_raw_properties() -> None:
    """What stands in one group can still be told to belong together."""
    mapped = draft("FN:Ada", "item3.ADR:;;Alley;;;;", "item3.X-ABADR:us", "item4.TEL:1")
    assert mapped.addresses[0].parameters == (("GROUP", ("item3",)),)
    assert mapped.raw == (RawProperty(name="X-ABADR", value="us", group="item3"),)
    assert mapped.phones[0].parameters == ()


@pytest.mark.parametrize(
    ("lines", "full"),
    [
        (["N:Doe;John;;Mr.;", "ORG:IBM"], "Mr. John Doe"),
        (["FN:", "ORG:IBM;Unit", "EMAIL:a@b"], "IBM"),
        (["ORG:;Unit", "EMAIL:a@b"], "Unit"),
        (["NICKNAME:Joe,J", "EMAIL:a@b"], "Joe"),
        (["TEL:1", "EMAIL:a@b"], "a@b"),
        (["TEL:1", "URL:b.org"], "1"),
        (["N:;;;;;Second"], "Second"),
        (["FN:\\;"], ";"),
        (["NICKNAME: ,"], ","),
    ],
)
def test_name_is_found_where_fn_says_nothing(lines: list[str], full: str) -> None:
    """A card without FN is called by its parts, its organisation or what else it has."""
    assert draft(*lines).name.full == full


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (["FN:Ada"], ContactKind.INDIVIDUAL),
        (["FN:Team", "KIND:group"], ContactKind.GROUP),
        (["FN:Team", "X-ADDRESSBOOKSERVER-KIND:GROUP"], ContactKind.GROUP),
        (["FN:IBM", "ORG:IBM"], ContactKind.ORG),
        (["ORG:IBM", "N:;;;;"], ContactKind.ORG),
        (["FN:IBM", "N:IBM", "ORG:IBM"], ContactKind.INDIVIDUAL),
        (["FN:Shop", "N:Shop", "X-ABShowAs:COMPANY"], ContactKind.ORG),
        (["FN:IBM", "ORG:IBM", "KIND:individual"], ContactKind.INDIVIDUAL),
        (["FN:Ada", "KIND:alien"], ContactKind.INDIVIDUAL),
    ],
)
def test_organisations_are_told_from_people(lines: list[str], kind: ContactKind) -> None:
    """KIND decides; without it, a card named after its organisation is one."""
    assert draft(*lines).kind is kind


def test_what_does_not_fit_a_field_is_kept_raw() -> None:
    """Second values, qualified values, empty ones and surplus parts are all in the raw bag."""
    mapped = draft(
        "FN:Ada",
        "FN:Countess",
        "N;LANGUAGE=en:L;Ada",
        "TITLE:a",
        "TITLE:b",
        "item1.ORG:Works",
        "item1.X-ABLabel:Old job",
        "NOTE:",
        "ADR:;;;;;;",
        "ADR:;;;;;;UK;More",
        "KIND:alien",
        "PHOTO;ENCODING=b:AAEC",
    )
    assert [raw.name for raw in mapped.raw] == [
        *("FN", "N", "TITLE", "ORG", "X-ABLABEL", "NOTE", "ADR", "ADR", "KIND", "PHOTO"),
    ]
    assert (mapped.name.family, mapped.organisation, mapped.title) == ("L", "Works", "a")
    assert [address.country for address in mapped.addresses] == ["UK"]


NAMES = ["FN", "N", "ORG", "EMAIL", "TEL", "ADR", "URL", "NICKNAME", "X-ABLabel", "KIND", "BDAY"]
LINES = st.builds(
    "{}{}{}:{}".format,
    st.sampled_from(["", "item1.", "ITEM1.", "item2."]),
    st.sampled_from(NAMES),
    st.sampled_from(["", ";PREF", ";TYPE=work,Pref", ";PREF=1;X-A=b", ";VALUE=text", ";PREF=7"]),
    st.sampled_from(["", ";", "a", "a;b,c", "tel:", "mailto:x", ";;;;;;;h", "\\n", "group", ","]),
)


@given(st.lists(LINES, max_size=8))
def test_no_combination_of_properties_loses_one(lines: list[str]) -> None:
    """Whatever a card consists of, all of it is in the contact, which has a name."""
    assert draft(*lines, "EMAIL:last@resort").name.full


@pytest.mark.parametrize(
    ("line", "birthday"),
    [
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-01-07", "--0107"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604;VALUE=date:16040107", "--0107"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1976-01-07", "1976-01-07"),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604", "1604"),
        ("BDAY:1604-01-07", "1604-01-07"),
    ],
)
def test_a_year_that_apple_says_to_omit_is_none(line: str, birthday: str) -> None:
    """Nobody there was born in 1604; the card is written as it was until the birthday changes."""
    mapped = draft("FN:Jennifer", line)
    assert mapped.birthday == birthday
    assert line.split(":")[1] in write_card(mapped, VCardVersion.V3).decode()
    changed = replace(mapped, birthday="1980-05-06")
    written = write_card(replace(changed, raw=current_raw(mapped, changed)), VCardVersion.V3)
    assert "BDAY:1980-05-06" in written.decode()
    assert written.count(b"BDAY") == 1


def test_cards_of_icloud_are_read() -> None:
    """Labels of Apple's own, companies and omitted years; what has no field is kept as it is."""
    with (CARDS / "export-of-icloud.vcf").open("rb") as stream:
        cards = [read_card(item.content) for item in split_cards(stream, max_card_bytes=1 << 20)]
    person, company = (draft_from_card(card) for card in cards)
    for card, mapped in zip(cards, (person, company), strict=True):
        assert losses(card, mapped) == []
        assert list(draft_errors(mapped)) == []
    assert (person.birthday, person.units) == ("--0107", ("Accounts",))
    assert [(email.address, email.label) for email in person.emails] == [
        ("jennifer@aldridge.example", None),
        ("jenny@writers.example", "Publisher"),
    ]
    assert [(phone.number, phone.label) for phone in person.phones] == [
        ("+44 7700 900701", None),
        ("+44 1632 960701", "Other"),
    ]
    assert [(link.url, link.label) for link in person.links] == [
        ("https://aldridge.example", "HomePage")
    ]
    assert person.addresses[0].street == "Home Farm\nMain Street"
    assert {item.name for item in person.raw} == {
        *("PRODID", "BDAY", "X-ABADR", "X-ABDATE", "X-ABLABEL", "X-ABRELATEDNAMES"),
        *("X-SOCIALPROFILE", "X-PHONETIC-FIRST-NAME", "PHOTO", "REV"),
    }
    assert (company.kind, company.name.full) == (ContactKind.ORG, "Borchester Land")
