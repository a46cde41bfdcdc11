"""Blocking keys: two contacts that share none are not compared."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from itertools import islice

from crm_contacts.duplicates.forms import is_shared_mailbox
from crm_contacts.duplicates.profiles import Place, Profile

#: How many keys of a contact are kept; the first ones say most.
MAX_KEYS = 24
_PLACES = 2
_LONG_LOCAL = 5


def blocking_keys(profile: Profile) -> tuple[int, ...]:
    """Return the keys of a profile, as signed numbers of 64 bits.

    Every key stands for two things that agree, or for one that few share; so each pair of
    copies with a few slips has at least one in common. A number tells nobody what was hashed.
    """
    texts = dict.fromkeys(islice(_texts(profile), MAX_KEYS))
    return tuple(dict.fromkeys(map(_number, texts)))


def _texts(profile: Profile) -> Iterator[str]:
    for kind, value in profile.identifiers:
        yield f"i {kind} {value}"
    for email in sorted(profile.emails):
        yield f"e {email}"
        local = email.partition("@")[0]
        if len(local) >= _LONG_LOCAL and not is_shared_mailbox(email):
            yield f"m {local}"
    for phone in sorted(profile.phones):
        yield f"p {phone}"
    yield from _of_name(profile)
    yield from _of_birthday(profile)
    for place in profile.places[:_PLACES]:
        yield from _of_place(profile, place)
    for link in sorted(profile.links):
        yield f"l {link}"


def _of_name(profile: Profile) -> Iterator[str]:
    if not profile.is_person:
        if profile.organisation:
            yield f"o {profile.organisation}"
        return
    first, last = sorted(profile.sounds)
    if first and last:
        yield f"n {first} {last}"
        begins = sorted((profile.given[:3], profile.family[:3]))
        yield f"s {begins[0]} {begins[1]}"
        if profile.organisation:
            yield f"w {profile.organisation} {first}"
            yield f"w {profile.organisation} {last}"
    elif profile.name:
        yield f"n {profile.name}"


def _of_birthday(profile: Profile) -> Iterator[str]:
    birthday = profile.birthday
    if birthday is None or not birthday.is_full:
        return
    for name in sorted({profile.given[:1], profile.family[:1]} - {""}):
        yield f"b {birthday.text} {name}"
    for sound in sorted({*profile.sounds} - {""}):
        yield f"y {birthday.year} {sound}"
        yield f"d {birthday.month} {birthday.day} {sound}"


def _of_place(profile: Profile, place: Place) -> Iterator[str]:
    street = place.street.partition(" ")[0][:5]
    for number in sorted(place.numbers)[:1]:
        if street:
            yield f"a {number} {street}"
        if place.postcode:
            yield f"c {number} {place.postcode}"
    for sound in sorted({*profile.sounds} - {""}):
        if place.postcode:
            yield f"z {place.postcode} {sound}"
        elif place.locality:
            yield f"t {place.locality} {sound}"


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)
