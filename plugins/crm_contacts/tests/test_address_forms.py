"""Normal forms of postal addresses: what is the same place, and where that counts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.address_forms import address_key
from crm_contacts.contract import Address, ContactDraft, Name
from crm_contacts.duplicates import profile_of
from crm_contacts.field_values import plain_value, says_same, with_values
from crm_contacts.matching import merge_drafts
from crm_contacts.normalisation import normalised
from crm_contacts.verification import settled

from .conftest import ContactsClient, vcard
from .test_contact_history import Histories

KOELN = Address(
    street="Berliner Straße 12a", locality="Köln", postal_code="10115", country="Germany"
)
SAME = [
    {"street": "berliner str. 12 A"},
    {"street": "BERLINER STRASSE  12a,"},
    {"locality": "KOLN"},
    {"postal_code": "D-10 115"},
    {"country": "Deutschland"},
    {"country": "Allemagne"},
    {"country": "de"},
    {"label": "Own", "types": ("home",), "primary": True, "parameters": (("X", ("y",)),)},
]
OTHER: list[dict[str, Any]] = [
    {"street": "Berliner Straße 12"},
    {"street": "Berliner Straße 12b"},
    {"street": "Berliner Platz 12a"},
    {"street": None},
    {"locality": "Bonn"},
    {"locality": None, "region": "Köln"},
    {"postal_code": "10116"},
    {"country": "Austria"},
    {"country": "Atlantis"},
    {"country": None},
    {"po_box": "12"},
    {"extended": "3rd floor"},
]


@pytest.mark.parametrize("changed", SAME)
def test_spellings_of_a_place_are_the_same(changed: dict[str, Any]) -> None:
    """Case, accents, punctuation, short forms, spaces in numbers, and the language of a country."""
    assert address_key(replace(KOELN, **changed)) == address_key(KOELN)


@pytest.mark.parametrize("changed", OTHER)
def test_other_places_are_not(changed: dict[str, Any]) -> None:
    """Nor is one of which a part is missing: nobody knows what it is."""
    assert address_key(replace(KOELN, **changed)) != address_key(KOELN)


@pytest.mark.parametrize(
    ("street", "form"),
    [
        ("12 Main Street", "12 main str"),
        ("12 Main St.", "12 main str"),
        ("St. James St 1", "st james str 1"),
        ("Saint James Street 1", "st james str 1"),
        ("Hauptstraße 5 b", "hauptstr 5b"),
        ("Marktplatz 1-3", "marktpl 1 3"),
        ("Østergade 4", "ostergade 4"),
        ("St", "st"),
        ("★;", "★"),
        ("-;", "-,"),
        ("千代田1-1", "千代田1 1"),
        ("", ""),
    ],
)
def test_streets_are_as_short_as_they_are_written(street: str, form: str) -> None:
    """A saint does not become a street, and what has no words is itself."""
    assert address_key(Address(street=street)) == f";;{form};;;;"


TEXTS = st.none() | st.text("aß1 2;.,-ÅéSt ", max_size=12) | st.sampled_from(["Sweden", "Main St"])
ADDRESSES = st.builds(
    Address,
    po_box=TEXTS,
    extended=TEXTS,
    street=TEXTS,
    locality=TEXTS,
    region=TEXTS,
    postal_code=TEXTS,
    country=TEXTS,
)


@given(ADDRESSES)
def test_a_form_has_seven_parts_and_no_case(address: Address) -> None:
    """Whatever is written: so no part is taken for another one."""
    key = address_key(address)
    assert key.count(";") == 6
    parts = ("po_box", "extended", "street", "locality", "region", "postal_code", "country")
    upper: dict[str, Any] = {part: (getattr(address, part) or "").upper() for part in parts}
    assert address_key(replace(address, **upper)) == key


def test_equal_addresses_are_not_there_twice_after_a_merge() -> None:
    """The stored one stays as it is written, and learns what the other one says of it."""
    stored = ContactDraft(name=Name(full="A"), addresses=(KOELN,))
    other = replace(KOELN, street="Berliner Str. 12 a", country=None, types=("home",))
    same = replace(other, country="DE", verified=True)
    merged = merge_drafts(stored, replace(stored, addresses=(same, other)))
    assert merged.addresses == (replace(KOELN, types=("home",), verified=True), other)
    assert merge_drafts(merged, replace(stored, addresses=(same, other))) == merged


def test_values_from_before_there_were_forms_are_the_same_and_get_them() -> None:
    """Histories and merges keep addresses as they were written down then."""
    now = normalised(ContactDraft(name=Name(full="A"), addresses=(KOELN,)), None)
    (item,) = plain_value(now, "addresses")
    old = [{key: item[key] for key in item if key not in {"normalised", "verified"}}]
    assert says_same("addresses", plain_value(now, "addresses"), old)
    assert not says_same("addresses", plain_value(now, "addresses"), [old[0] | {"street": "x"}])
    assert settled(with_values(now, {"addresses": old})) == now


def test_duplicates_compare_the_same_forms() -> None:
    """So a contact with another spelling of its address is found by it."""
    other = replace(KOELN, street="berliner str. 12 A", postal_code="D-10115", locality="Koln")
    one, two = (
        profile_of(normalised(ContactDraft(name=Name(full="A"), addresses=(item,)), None))
        for item in (KOELN, other)
    )
    assert one.places == two.places


def test_the_form_stands_beside_the_address(contacts: ContactsClient) -> None:
    """It is the service's: nobody sends it, and it follows what is written."""
    made = contacts.create(
        {"name": {"full": "Ada"}, "addresses": [{"street": "Main St. 1", "country": "Schweden"}]}
    )
    assert made["addresses"][0]["normalised"] == ";;main str 1;;;;SE"
    contacts.patch(made, {"addresses": [{"street": "Main Street 2"}]})
    assert contacts.get(made["id"])["addresses"][0]["normalised"] == ";;main str 2;;;;"
    wrong = {"name": {"full": "Bo"}, "addresses": [{"street": "x", "normalised": "y"}]}
    (error,) = contacts.refused(wrong, 400)["errors"]
    assert error["pointer"] == "/addresses/0/normalised"


@pytest.mark.parametrize("many", [0, 60])
def test_a_card_with_the_same_address_adds_none(contacts: ContactsClient, many: int) -> None:
    """Also where many come in at once; both ways to write have the form."""
    cards = [vcard(f"FN:P {n}", f"UID:urn:{n}", f"ADR:;;Main St {n};;;;USA") for n in range(many)]
    contacts.upload("".join([vcard("FN:Ada", "UID:urn:a", "ADR:;;Main Street 1;;;;USA"), *cards]))
    same = vcard("FN:Ada", "UID:urn:a", "ADR;TYPE=home:;;main st. 1;;;;United States")
    contacts.upload(same)
    found = {item["name"]["full"]: item["addresses"] for item in contacts.all()}
    (address,) = found["Ada"]
    assert (address["street"], address["types"]) == ("Main Street 1", ["home"])
    assert {items[0]["normalised"] for items in found.values()} == {
        ";;main str 1;;;;US",
        *(f";;main str {n};;;;US" for n in range(many)),
    }


def test_a_merge_of_spellings_is_taken_back(contacts: ContactsClient) -> None:
    """Each has again what it had."""
    histories = Histories(contacts)
    one, two = (
        contacts.create({"name": {"full": "A"}, "addresses": [{"street": text}]})
        for text in ("Main St 1", "main street 1")
    )
    histories.merge(one["id"], two["id"])
    assert contacts.get(one["id"])["addresses"] == one["addresses"]
    answer = histories.send("POST", f"/{two['id']}/unmerge")
    assert (answer.status_code, (answer.json or {})["kept"]) == (200, [])
    assert [contacts.get(item["id"])["addresses"] for item in (one, two)] == [
        one["addresses"],
        two["addresses"],
    ]
