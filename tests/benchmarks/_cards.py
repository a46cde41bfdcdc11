"""Cards of people who do not exist, some of them twice, for whoever looks for duplicates."""

from __future__ import annotations

import random
from collections.abc import Mapping

from tests.benchmarks._pairs import Rows

from crm_contacts.contract import Address, ContactDraft, Email, Name, Phone

GIVEN = (
    "Anna:Annie Robert:Bob William:Bill Elizabeth:Liz Katharina:Kathi Johannes:Hans Alexander:Alex"
    " Margareta:Greta Christina:Tina Michael:Mike Friedrich:Fritz Birgitta:Gitta Thomas:Tom"
    " Maria:Mia"
    " Sven:Sven Olof:Olle Karl:Kalle Lars:Lasse Eva:Eva Ingrid:Inga Peter:Pelle Erik:Jerker"
    " Gunnar:Gunnar Nils:Nisse Per:Pelle Jan:Janne Hans:Hasse Bengt:Bengt Karin:Kajsa Lena:Lena"
    " Kerstin:Kicki Marie:Mia Ulla:Ulla Monica:Monica Susanne:Sussi Helena:Helle Andreas:Andy"
    " Daniel:Danne Martin:Martin Stefan:Steffe Fredrik:Fredde Magnus:Mange Henrik:Henke Johan:Jojo"
    " Emma:Emma Sara:Sara Linnea:Linn Amanda:Mandy Viktor:Vicke Oskar:Osse Emil:Emil Hugo:Hugo"
).split()
MIDDLES = ("", "e", "en", "a", "er")
STEMS = "Lind Berg Sjö Ny Ek Alm Gran Holm Ström Dal Hög Norr Wall Björk Ås Hed Sund Vik".split()
ENDS = "qvist man ström berg gren lund dahl stedt roth feldt by mark blad ros vall".split()
TOWNS = "Stockholm Uppsala Lund Malmö Borås Umeå Kiruna Gävle Visby Kalmar Falun Örebro".split()


def address_book(people: int = 3_000, seed: int = 2026) -> Rows:
    """Return cards: a third of the people twice, from two programs, and who lives with them."""
    chance = random.Random(seed)
    rows: Rows = []
    for number in range(people):
        card = _person(chance, number)
        rows.append(card | {"id": f"{number}a", "person": str(number)})
        if chance.random() < 1 / 3:
            again = _again(chance, card)
            rows.append(again | {"id": f"{number}b", "person": str(number)})
        if chance.random() < 0.2:  # somebody of the same household
            kin = _person(chance, people + number)
            shared = ("family", "street", "postcode", "town", "phone")
            rows.append(
                kin
                | {name: card[name] for name in shared}
                | {"id": f"{number}k", "person": f"{number}k"}
            )
    return rows


def _person(chance: random.Random, number: int) -> dict[str, str | None]:
    given = chance.choice(GIVEN).partition(":")[0]
    family = chance.choice(STEMS) + chance.choice(MIDDLES) + chance.choice(ENDS)
    firm = chance.choice(STEMS) + chance.choice(ENDS)
    year, month, day = (
        chance.randrange(1940, 2005),
        chance.randrange(1, 13),
        chance.randrange(1, 29),
    )
    office = chance.random() < 0.15
    mailbox = "info" if office else f"{given}.{family}{number % 97}".lower()
    return {
        "given": given,
        "family": family,
        "birthday": f"{year}-{month:02}-{day:02}" if chance.random() < 0.4 else None,
        "email": f"{mailbox}@{firm.lower()}.example" if chance.random() < 0.7 else None,
        "phone": f"+46 70 {chance.randrange(10**7):07}" if chance.random() < 0.7 else None,
        "street": f"{chance.choice(STEMS)}gatan {chance.randrange(1, 99)}",
        "postcode": str(chance.randrange(10_000, 99_999)),
        "town": chance.choice(TOWNS),
        "firm": f"{firm} AB" if chance.random() < 0.6 else None,
    }


def _again(chance: random.Random, card: dict[str, str | None]) -> dict[str, str | None]:
    """Return the card of another program: some of it missing, short, mistyped or changed."""
    again = dict(card)
    for name in ("birthday", "email", "phone", "street", "firm"):
        if chance.random() < 0.25:
            again[name] = None
    if again["street"] is None:
        again |= {"postcode": None, "town": None}
    short = dict(item.split(":") for item in GIVEN)
    turn = chance.random()
    if turn < 0.15:
        again["given"] = short[str(card["given"])]
    elif turn < 0.25:
        again["given"] = str(card["given"])[:1]
    for name in ("family", "given"):
        text = str(again[name])
        if chance.random() < 0.15 and len(text) > 3:
            place = chance.randrange(1, len(text) - 1)
            again[name] = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    if again["firm"] and chance.random() < 0.5:
        again["firm"] = str(again["firm"]).removesuffix(" AB")
    if chance.random() < 0.2:  # moved
        again |= _place(chance)
    return again


def _place(chance: random.Random) -> dict[str, str | None]:
    return {name: _person(chance, 0)[name] for name in ("street", "postcode", "town")}


def card_draft(row: Mapping[str, str | None]) -> ContactDraft:
    """Return a card as a contact."""
    email, phone = row["email"], row["phone"]
    return ContactDraft(
        name=Name(full=f"{row['given']} {row['family']}", given=row["given"], family=row["family"]),
        birthday=row["birthday"],
        organisation=row["firm"],
        emails=(Email(address=email),) if email else (),
        phones=(Phone(number=phone),) if phone else (),
        addresses=(
            Address(street=row["street"], locality=row["town"], postal_code=row["postcode"]),
        ),
    )
