"""Address books of people who do not exist, the same ones at every run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from quopri import encodestring

_GIVEN = (
    *("Anna", "Bo", "Carl", "Dina", "Erik", "Frida", "Göran", "Hanna", "Ivar", "Jonas", "Karin"),
    *("Lars", "Märta", "Nils", "Åsa", "Petra", "Quentin", "Rut", "Sven", "Tove", "Ulf", "Vera"),
)
_STEMS = ("Lind", "Berg", "Sjö", "Ny", "Ek", "Alm", "Gran", "Holm", "Ström", "Dal", "Hög", "Norr")
_ENDS = ("qvist", "man", "ström", "berg", "gren", "lund", "dahl", "stedt", "roth", "feldt", "by")
_CITIES = ("Stockholm", "Uppsala", "Lund", "Malmö", "Borås", "Umeå", "Kiruna", "Gävle", "Visby")
_TITLES = ("Engineer", "Architect", "Managing Director", "Teacher", "Nurse", "Head of Sales")
_TRADES = ("Bygg", "Data", "Design", "El", "Fastigheter", "Konsult", "Måleri", "Transport")
_VERSIONS = ("2.1", "3.0", "4.0")


def address_book(size: int, *, seed: int = 2026, versions: Sequence[str] = _VERSIONS) -> bytes:
    """Return distinct cards of some versions, with one or two addresses and numbers each."""
    chance = random.Random(seed)
    return b"".join(_card(chance, number, versions) for number in range(size))


def _card(chance: random.Random, number: int, versions: Sequence[str]) -> bytes:
    version = chance.choice(versions)
    lines = [b"BEGIN:VCARD", f"VERSION:{version}".encode()]
    lines += (_line(name, value, version) for name, value in _properties(chance, number))
    return b"\r\n".join([*lines, b"END:VCARD", b""])


def _properties(chance: random.Random, number: int) -> Iterator[tuple[str, str]]:
    given, family = chance.choice(_GIVEN), chance.choice(_STEMS) + chance.choice(_ENDS)
    firm = f"{chance.choice(_STEMS)}{chance.choice(_ENDS)} {chance.choice(_TRADES)} AB"
    mailbox = f"{_plain(given)}.{_plain(family)}{number}".lower()
    yield "N", f"{family};{given};;;"
    yield "FN", f"{given} {family}"
    yield "EMAIL;TYPE=WORK", f"{mailbox}@{_plain(firm.partition(' ')[0]).lower()}.example"
    if chance.random() < 0.4:
        yield "EMAIL;TYPE=HOME", f"{_plain(given).lower()}{number}@mail.example"
    yield "TEL;TYPE=CELL", f"+46 70 {chance.randrange(1000000, 9999999)}"
    if chance.random() < 0.4:
        yield "TEL;TYPE=WORK", f"+46 8 {chance.randrange(100, 999)} {chance.randrange(1000, 9999)}"
    if chance.random() < 0.7:
        street = f"{chance.choice(_STEMS)}gatan {chance.randrange(1, 99)}"
        place = f"{chance.choice(_CITIES)};;{chance.randrange(10000, 99999)};Sweden"
        yield "ADR;TYPE=WORK", f";;{street};{place}"
    yield "ORG", firm
    yield "TITLE", chance.choice(_TITLES)
    if chance.random() < 0.3:
        yield "NOTE", f"Met at the fair in {chance.choice(_CITIES)} {chance.randrange(2000, 2026)}"


def _line(name: str, value: str, version: str) -> bytes:
    """Write a property as its version has it: 2.1 with bare types and quoted-printable."""
    if version != "2.1":
        return f"{name}:{value}".encode()
    name = name.replace("TYPE=", "")
    if value.isascii():
        return f"{name}:{value}".encode()
    written = encodestring(value.encode()).replace(b"=\n", b"")
    return f"{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:".encode() + written


def _plain(text: str) -> str:
    return text.translate(str.maketrans("åäöÅÄÖ", "aaoAAO"))
