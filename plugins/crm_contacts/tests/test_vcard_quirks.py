from __future__ import annotations

from pathlib import Path

import pytest
from plugins.crm_contacts.tests.card_losses import losses

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import Address, ContactDraft, ContactKind, RawProperty
from crm_contacts.vcard import read_card

pytestmark = pytest.mark.no_calls

CARDS = Path(__file__).parent / "cards"


def contact(name: str) -> ContactDraft:
    """Read one of the cards beside this module and make sure that nothing of it is lost."""
    card = read_card((CARDS / f"{name}.vcf").read_bytes())
    draft = draft_from_card(card)
    assert losses(card, draft) == []
    return draft


def raw(draft: ContactDraft, name: str) -> list[RawProperty]:
    """Return the raw properties of this name."""
    return [found for found in draft.raw if found.name == name]


def test_phone_of_2005() -> None:
    """Bare parameters, soft line breaks and base64 that ends with a blank line are read."""
    draft = contact("phone-of-2005")
    assert (draft.name.full, draft.name.family) == ("Björn Müller", "Müller")
    assert [(phone.types, phone.primary) for phone in draft.phones] == [
        (("cell", "voice"), True),
        (("work", "fax"), False),
    ]
    assert draft.addresses[0].street == "Hauptstraße 1"
    assert draft.note == "First line\nSecond line"
    (photo,) = raw(draft, "PHOTO")
    assert photo.value == "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgICAgMCAgID"
    assert photo.parameters == (("TYPE", ("JPEG",)), ("ENCODING", ("b",)))
    assert draft.birthday == "19800404"


def test_charset_of_windows() -> None:
    """A card in the charset that it declares is text like any other."""
    draft = contact("charset-of-windows")
    assert (draft.name.full, draft.name.given) == ("René Garçon €", "René")


def test_address_book_of_a_mac() -> None:
    """Labels come from groups, an empty one is none, and folds are joined."""
    draft = contact("address-book-of-a-mac")
    assert (draft.emails[0].label, draft.emails[0].primary) == ("HomePage", True)
    assert (draft.phones[0].label, draft.phones[0].number) == (None, "+1 555 0100")
    assert draft.addresses[0].parameters == (("GROUP", ("item3",)),)
    assert (draft.links[0].url, draft.links[0].label) == ("http://example.org", "Blog")
    assert draft.birthday == "--0404"
    assert draft.note is not None
    assert "of a word, and once more before a blank that is text." in draft.note
    assert raw(draft, "PHOTO")[0].value == "https://example.org/jane.jpg"
    assert {found.group for found in raw(draft, "X-ABLABEL")} == {"item2", "item5"}


def test_company_without_name() -> None:
    """What has no FN and an empty N is called by its organisation."""
    draft = contact("company-without-name")
    assert (draft.name.full, draft.kind) == ("Example; Sons", ContactKind.ORG)
    assert (draft.organisation, draft.units) == ("Example; Sons", ())


def test_only_an_address() -> None:
    """A card without a name is called by its address, and an empty organisation is none."""
    draft = contact("only-an-address")
    assert (draft.name.full, draft.organisation) == ("info@example.org", None)
    assert (draft.birthday, [found.name for found in draft.raw]) == ("--0404", ["ORG"])


@pytest.mark.parametrize(
    ("channels", "primary"),
    [
        ("phones", [False, True, False]),
        ("emails", [False, True]),
        ("links", [False]),
    ],
)
def test_lowest_preference_is_the_primary_one(channels: str, primary: list[bool]) -> None:
    """PREF goes from 1 to 100, and the lowest of a list is preferred."""
    found = getattr(contact("preferences-of-version-4"), channels)
    assert [item.primary for item in found] == primary


def test_preferences_stay_parameters() -> None:
    """What is preferred how much is kept, besides the 1 that primary says."""
    draft = contact("preferences-of-version-4")
    assert [phone.parameters for phone in draft.phones] == [
        (("PREF", ("50",)), ("VALUE", ("uri",))),
        (("PREF", ("2",)),),
        (),
    ]
    assert [email.parameters for email in draft.emails] == [(("PREF", ("100",)),), ()]
    assert draft.phones[0].number == "+1-555-0101"
    assert raw(draft, "PHOTO")[0] == RawProperty(
        name="PHOTO",
        value="iVBORw0KGgo=",
        parameters=(("TYPE", ("PNG",)), ("ENCODING", ("b",))),
    )


def test_languages_of_version_4() -> None:
    """Of what is said in several languages the first is the value, the others are kept."""
    draft = contact("languages-of-version-4")
    assert (draft.name.full, draft.name.family, draft.title) == ("山田太郎", "山田", "Patron")
    assert [address.locality for address in draft.addresses] == ["東京", "Osaka"]
    assert [found.value for found in raw(draft, "ADR")] == [";;;Tokyo;;;Japan"]
    assert len(raw(draft, "FN")) == len(raw(draft, "N")) == len(raw(draft, "TITLE")) == 2


def test_label_of_another_language_is_kept_raw() -> None:
    """A label that only an alternative carries is in the raw bag with it."""
    card = read_card(
        b"BEGIN:VCARD\nFN:Ada\nADR;ALTID=1:;;a;;;;\n"
        b"item1.ADR;ALTID=1:;;b;;;;\nitem1.X-ABLabel:Home\nEND:VCARD"
    )
    draft = draft_from_card(card)
    assert [address.label for address in draft.addresses] == [None]
    assert [found.name for found in draft.raw] == ["ADR", "X-ABLABEL"]


def test_group_of_version_4() -> None:
    """A group keeps its members, and a delivery label its lines."""
    draft = contact("group-of-version-4")
    assert draft.kind is ContactKind.GROUP
    assert [found.value for found in raw(draft, "MEMBER")] == [
        "urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af",
        "mailto:jane@example.org",
    ]
    assert draft.addresses == (
        Address(
            street="1 Main Street",
            locality="Springfield",
            parameters=(("LABEL", ("1 Main Street\nSpringfield",)),),
        ),
    )
