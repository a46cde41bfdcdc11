"""People who do not exist, as many as are wanted: each is known by a number, the same every run.

Names, companies and words are as unevenly common as they are in life: of 20,000 family names, the
ten that are most common stand for more than a tenth of all people.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import product

from crm_contacts.contract import (
    Address,
    ContactDraft,
    ContactKind,
    CustomValue,
    Email,
    Link,
    Name,
    Phone,
    Position,
)

_BEGINS = "ber kal lin mar no sta ves tor hel gri fal dra bro an el is ol ur".split()
_MIDDLES = "da ke li mo na ri sa ti vo ze bu fe go ha ju la me ni pu re".split()
_ENDS = "berg son man lund gren dal sen vik strom holm mark qvist ner ling hof beck as er".split()


def _shuffled(join: str, most: int, *parts: Sequence[str]) -> Sequence[str]:
    """Return texts of parts, the most common one first: it looks like no other."""
    texts = [join.join(found) for found in product(*parts)]
    return random.Random(7).sample(texts, min(most, len(texts)))


GIVEN = _shuffled("", 2_000, _BEGINS, _MIDDLES, ("a", "o", "us", "in", "e", "an"))
FAMILY = _shuffled("", 20_000, _BEGINS, _MIDDLES, _MIDDLES, _ENDS)
FIRMS = _shuffled(" ", 15_000, FAMILY[::6], ("bygg", "data", "el", "konsult", "transport"))
WORDS = _shuffled("", 4_000, _MIDDLES, _BEGINS, _MIDDLES)
TOWNS = _shuffled("", 300, _BEGINS, _ENDS)
LEVELS = ("Junior", "Senior", "Deputy", "Head of", "Assistant", "Chief", "Regional", "Interim")
TRADES = "Sales Design Finance Purchasing Research Legal Training Logistics Support Data".split()
TAGS = tuple(f"tag {number}" for number in range(200))
#: The custom fields that some have values in, one of each type.
CODE, SCORE, SINCE, MEMBER, GRADE, SITE = "code", "score", "since", "member", "grade", "site"
ROLES = ("buyer", "adviser", "board member", "founder", "press", "broker", "tutor", "volunteer")
GRADES = ("gold", "silver", "bronze")


def person(number: int, seed: int = 2026) -> ContactDraft:
    """Return the person of a number; nobody else has the email address."""
    chance = random.Random(seed * 100_000_000 + number)
    given, family = _some(chance, GIVEN, 4), _some(chance, FAMILY, 8)
    firm = _some(chance, FIRMS, 20)
    host = firm.partition(" ")[0] if chance.random() < 0.7 else "mail"
    emails = [Email(address=f"{given}.{family}{number}@{host}.example")]
    if chance.random() < 0.2:
        emails.append(Email(address=f"{given}{number}@home.example"))
    phones = [Phone(number=f"+46 70 {chance.randrange(10**7):07}")]
    if chance.random() < 0.3:
        phones.append(Phone(number=f"+46 8 {chance.randrange(10**7):07}"))
    is_firm = chance.random() < 0.05
    draft = ContactDraft(
        kind=ContactKind.ORG if is_firm else ContactKind.INDIVIDUAL,
        name=Name(full=f"{firm} {number}")
        if is_firm
        else Name(full=f"{given} {family}".title(), given=given.title(), family=family.title()),
        organisation=f"{firm.title()} AB" if chance.random() < 0.8 else None,
        title=f"{chance.choice(LEVELS)} {chance.choice(TRADES)}" if chance.random() < 0.6 else None,
        birthday=f"{chance.randrange(1940, 2005)}-{chance.randrange(1, 13):02}-07"
        if chance.random() < 0.2
        else None,
        note=" ".join(_some(chance, WORDS, 10) for _ in range(6))
        if chance.random() < 0.2
        else None,
        emails=tuple(emails),
        phones=tuple(phones),
        addresses=(_address(chance),) if chance.random() < 0.7 else (),
        links=(Link(url=f"https://{host}.example/{given}{number}"),)
        if chance.random() < 0.2
        else (),
        tags=tuple({_some(chance, TAGS, 3) for _ in range(2)}) if chance.random() < 0.3 else (),
        custom=_custom(chance, number),
    )
    if number % 10 == 3:
        draft = replace(draft, role=ROLES[chance.randrange(len(ROLES))])
    if number % 10 == 7:
        draft = replace(draft, positions=(_past(chance),))
    has_uid = draft.custom or number % 2
    return replace(draft, uid=f"person-{number}@example.com") if has_uid else draft


def _address(chance: random.Random) -> Address:
    return Address(
        street=f"{_some(chance, WORDS, 10)}gatan {chance.randrange(1, 99)}",
        locality=_some(chance, TOWNS, 4).title(),
        postal_code=str(chance.randrange(10_000, 99_999)),
        country="Sweden",
    )


def _past(chance: random.Random) -> Position:
    firm, title = (
        _some(chance, FIRMS, 20).title(),
        f"{chance.choice(LEVELS)} {chance.choice(TRADES)}",
    )
    return Position(organisation=f"{firm} AB", title=title, start_date="2011", end_date="2019-06")


def _custom(chance: random.Random, number: int) -> tuple[tuple[str, CustomValue], ...]:
    if chance.random() >= 0.1:
        return ()
    since = f"20{chance.randrange(10, 26)}-{chance.randrange(1, 13):02}-01"
    return (
        (CODE, f"c-{number % 5_000}"),
        (SCORE, chance.randrange(10_000)),
        (SINCE, since),
        (MEMBER, chance.random() < 0.3),
        (GRADE, chance.choice(GRADES)),
        (SITE, f"https://site{number % 2_000}.example/"),
    )


def _some(chance: random.Random, items: Sequence[str], flat: int) -> str:
    """Return an item: one at place n is as likely as 1 / (n + flat)."""
    return items[int(flat * ((len(items) + flat) / flat) ** chance.random()) - flat]
