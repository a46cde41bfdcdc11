"""Numbers in E.164: what is not looked up is as if it had been."""

from __future__ import annotations

import random
from collections.abc import Iterator

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat

from crm_contacts.contract import Phone
from crm_contacts.normalisation import e164

TYPES = range(11)
SLIPS = 12


def looked_up(form: str) -> str:
    """Return what the library makes of a number, whatever it costs."""
    try:
        number = phonenumbers.parse(form, None)
    except phonenumbers.NumberParseException:
        return form
    if not phonenumbers.is_valid_number(number):
        return form
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def examples() -> Iterator[str]:
    """Yield a number of each kind in each country, and of each network that is of none."""
    found = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in TYPES
    ]
    found += map(
        phonenumbers.example_number_for_non_geo_entity,
        sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS),
    )
    for number in found:
        if number is not None:
            yield phonenumbers.format_number(number, PhoneNumberFormat.E164)


def with_slip(number: str, chance: random.Random) -> str:
    """Return a number with a digit more, less or other, or with a zero behind its beginning."""
    place, digit = chance.randrange(1, len(number)), str(chance.randrange(10))
    return chance.choice(
        (
            number[:place] + digit + number[place:],
            number[:place] + number[place + 1 :],
            number[:place] + digit + number[place + 1 :],
            number[: min(place, 4)] + "0" + number[min(place, 4) :],
        )
    )


def test_every_number_has_the_form_that_a_look_up_would_give_it() -> None:
    """In each country, valid or not, and with what is dialled within it alone."""
    chance = random.Random(2026)
    numbers = list(examples())
    assert len(numbers) > 1_000
    slips = [with_slip(number, chance) for number in numbers for _ in range(SLIPS)]
    for number in (*numbers, *slips):
        assert e164(Phone(number=number), None) == looked_up(number)


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("+46 (0)70 123 45 67", "+46701234567"),
        ("+39 06 698 12345", "+390669812345"),
        ("+54 11 15 2345 6789", "+5491123456789"),
        ("+999 123", "+999123"),
        ("+46", "+46"),
    ],
)
def test_prefixes_within_a_country_are_left_out(written: str, form: str) -> None:
    """And those that belong to a number stay; what is no number stays as it is dialled."""
    assert e164(Phone(number=written), None) == form
