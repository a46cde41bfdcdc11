"""What of a contact is compared: plain forms, made once and compared many times."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from crm_contacts.address_forms import postal_code, street_words
from crm_contacts.contract import Address, ContactDraft, ContactKind, Name
from crm_contacts.duplicates.forms import is_shared_mailbox, organisation_form, sound_of
from crm_contacts.normal_forms import folded, link_form, phone_parts
from crm_contacts.vcard import unescape

#: How many values of a kind are compared; who has more is found by these.
_MOST = 8
#: Words of an address that are compared.
_MOST_WORDS = 40
_TOKEN = re.compile(r"[^\W_]+")
_DATE = re.compile(r"(\d{4})-?(\d\d)?-?(\d\d)?|--(\d\d)-?(\d\d)")
_NUMBER = re.compile(r"\b(\d+)[a-z]?\b")
#: A property that numbers people, unless it belongs to the copy of the card.
_IDENTIFIER = re.compile(
    r"X-(?:.*-)?(?:ID|SSN|SOC-SEC-ID|TAX-?ID|VAT|PERSONNUMMER|EMPLOYEE-NUMBER|CUSTOMER-NUMBER)"
)
_OF_A_COPY = re.compile(r"X-ABUID|X-.*-(?:UID|ETAG)|X-GOOGLE-.*|X-EVOLUTION-.*")
#: Particles and titles that are written or left out as one likes.
_SMALL = frozenset("de la le van von der den af di da dos del 1st 2nd 3rd mr mrs ms dr sir".split())
_LEAST_DIGITS = 6
_NATIONAL = 9


@dataclass(frozen=True, slots=True)
class Place:
    """An address: street (words without numbers), numbers, town and postal code."""

    street: str
    numbers: frozenset[str]
    locality: str
    postcode: str

    @property
    def says_something(self) -> bool:
        """Whether there is anything to compare."""
        return bool(self.street or self.locality or self.postcode)


@dataclass(frozen=True, slots=True)
class Birthday:
    """A date of birth, of which parts may be unknown: 0."""

    year: int
    month: int
    day: int

    @property
    def is_full(self) -> bool:
        """Whether all parts are known."""
        return bool(self.year and self.month and self.day)

    @property
    def text(self) -> str:
        """Eight digits."""
        return f"{self.year:04}{self.month:02}{self.day:02}"


@dataclass(frozen=True)
class Profile:
    """The forms of one contact; what it does not say is empty."""

    is_person: bool
    given: str
    family: str
    words: tuple[str, ...]
    suffix: str
    birthday: Birthday | None
    emails: frozenset[str]
    phones: frozenset[str]
    links: frozenset[str]
    places: tuple[Place, ...]
    organisation: str
    identifiers: tuple[tuple[str, str], ...]

    @cached_property
    def name(self) -> str:
        """All words of the name in alphabetical order."""
        return " ".join(sorted(self.words))

    @cached_property
    def sounds(self) -> tuple[str, str]:
        """How given and family name sound, roughly."""
        return sound_of(self.given), sound_of(self.family)


def profile_of(draft: ContactDraft) -> Profile:
    """Return what is compared of a normalised draft."""
    is_person = draft.kind is ContactKind.INDIVIDUAL
    given, family, words = _names(draft.name) if is_person else ("", "", ())
    named = draft.organisation or ("" if is_person else draft.name.full)
    return Profile(
        is_person=is_person,
        given=given,
        family=family,
        words=words,
        suffix=folded(draft.name.suffix),
        birthday=_birthday(draft.birthday),
        emails=_some(item.normalised or folded(item.address) for item in draft.emails),
        phones=_some(
            map(_digits, (item.normalised or phone_parts(item)[0] for item in draft.phones))
        ),
        links=_some(_profile_links(link_form(item) for item in draft.links)),
        places=tuple(
            place for place in map(_place, draft.addresses[:_MOST]) if place.says_something
        ),
        organisation=organisation_form(named),
        identifiers=tuple(sorted({*_identifiers(draft)}))[:_MOST],
    )


def _names(name: Name) -> tuple[str, str, tuple[str, ...]]:
    """Return given name, family name, and all words of both.

    Without parts, the last word of the name as it is displayed is the family name, or what
    stands before a comma.
    """
    given, family = _TOKEN.findall(folded(name.given)), _TOKEN.findall(folded(name.family))
    if not given and not family:
        before, comma, behind = folded(name.full).partition(",")
        tokens = _TOKEN.findall(before)
        if comma and tokens and (rest := _TOKEN.findall(behind)) and len(tokens) == 1:
            given, family = rest, tokens
        else:
            tokens = [item for item in tokens if item not in _SMALL] or tokens
            given, family = tokens[:-1], tokens[-1:]
    more = _TOKEN.findall(folded(name.additional))
    words = tuple(dict.fromkeys([*given, *more, *family]))
    return " ".join(given[:1]), " ".join(family), words


def _birthday(text: str | None) -> Birthday | None:
    match = _DATE.match((text or "").strip())
    if match is None:
        return None
    year, month, day = match[1], match[2] or match[4], match[3] or match[5]
    return Birthday(int(year or 0), int(month or 0), int(day or 0))


def _place(address: Address) -> Place:
    parts = (address.street, address.extended, address.po_box)
    written = [word for part in parts for word in street_words(part)][:_MOST_WORDS]
    numbers = frozenset(_NUMBER.findall(" ".join(written)))
    words = [word for word in written if not word.isdigit()]
    return Place(
        street=" ".join(words),
        numbers=numbers,
        locality=folded(address.locality),
        postcode=postal_code(address.postal_code),
    )


def _digits(number: str) -> str:
    """Return the last nine digits, which are the same with and without country code."""
    digits = number if number.isdecimal() else "".join(filter(str.isdigit, number))
    return digits[-_NATIONAL:] if len(digits) >= _LEAST_DIGITS else ""


def _profile_links(links: Iterable[str]) -> Iterator[str]:
    """Yield links to something of a site: its front page is that of all who work there."""
    for link in links:
        host, _, path = link.partition("://")[2].partition("/")
        if path.strip("/"):
            yield f"{host.removeprefix('www.')}/{path.rstrip('/').lower()}"


def _identifiers(draft: ContactDraft) -> Iterator[tuple[str, str]]:
    """Yield what numbers the contact elsewhere: kind and value."""
    if draft.uid:
        yield "UID", draft.uid.strip()
    for found in draft.raw:
        value = unescape(found.value).strip()
        if value and found.name == "UID":
            yield "UID", value
        elif value and _IDENTIFIER.fullmatch(found.name) and not _OF_A_COPY.fullmatch(found.name):
            yield found.name, folded(value)


def _some(values: Iterable[str]) -> frozenset[str]:
    return frozenset([value for value in dict.fromkeys(values) if value][:_MOST])


def personal(emails: Iterable[str]) -> frozenset[str]:
    """Return those addresses that do not stand for an office."""
    return frozenset(item for item in emails if not is_shared_mailbox(item))
