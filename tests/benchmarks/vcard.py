"""Cards read and written per second, and how many come through whole, beside vobject.

The cards are those of the data folder, if it is there, and some hundred that are generated with
a fixed seed: people and organisations in versions 2.1, 3.0 and 4.0, with accents, labels,
pictures, quoted-printable and folded notes; `corpus_cards` says how many are of the former, and
figures that begin with `corpus_` are about them alone. Both programs start from bytes, vobject from
text that is decoded for it, and speed is compared on the cards that it reads at all.

A card is lossless if what is written of it reads as the same: for vobject the same lines, values
and parameters in what it writes; for ours every property with its group, value and parameters in
vCard 3.0, vCard 4.0 and jCard, and the same contact in these and in JSContact.
"""

from __future__ import annotations

import base64
import json
import logging
import os
import quopri
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import vobject  # type: ignore[import-untyped]

from crm_contacts.card_forms import JCARD, JSCONTACT
from crm_contacts.card_mapping import draft_from_card
from crm_contacts.card_writing import write_card
from crm_contacts.contract import ContactDraft, VCardVersion
from crm_contacts.jcard import read_jcard, write_jcard
from crm_contacts.json_cards import read_json_card
from crm_contacts.json_values import decode_json, encode_json
from crm_contacts.vcard import VCardError, read_card, split_cards, write_properties

REPOSITORY = Path(__file__).parents[2]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
GENERATED = 300
SEED = 6350
ROUNDS = 9
TARGETS = {"share_read": 0.98, "share_lossless": 0.95, "read_ratio_to_vobject": 1.0}

GIVEN = "Ada Zoë Björn Łucja François Ποθητή Иван 太郎 John Maria".split()
FAMILY = "Lovelace Müller Ångström Wiśniewska O'Neil Παππά Петров 山田 Smith García".split()
EMPLOYERS = ["Analytical Engines; Ltd", "Café & Sons", "Example GmbH", "株式会社例"]
CITIES = ["Köln", "Warszawa", "New York, NY", "東京", "Paris"]
PICTURE_BYTES = 3_000


def generated_cards() -> Iterator[bytes]:
    """Yield the same cards every time."""
    chance = random.Random(SEED)
    for number in range(GENERATED):
        version = ("2.1", "3.0", "4.0")[number % 3]
        lines = ["BEGIN:VCARD", f"VERSION:{version}", *card_lines(chance, number, version)]
        yield "\r\n".join([*lines, "END:VCARD", ""]).encode()


def card_lines(chance: random.Random, number: int, version: str) -> Iterator[str]:
    """Yield what one person or organisation says."""
    given, family = chance.choice(GIVEN), chance.choice(FAMILY)
    if version == "2.1":
        yield text_of_2_1("N", f"{family};{given};;;")
        yield text_of_2_1("FN", f"{given} {family}")
        yield f"EMAIL;INTERNET;PREF:contact{number}@example.org"
        yield f"TEL;CELL;VOICE:+49 170 {chance.randrange(10**7):07}"
        yield text_of_2_1("NOTE", f"Met {given} at the fair.\r\nWants a call in {number} days.")
    else:
        escaped = chance.choice(EMPLOYERS).replace(";", "\\;")
        preferred = "PREF=1" if version == "4.0" else "TYPE=pref"
        yield f"FN:{given} {family}"
        yield f"N:{family};{given};;Dr.;"
        yield f"ORG:{escaped};Sales"
        yield f"EMAIL;TYPE=work;{preferred}:contact{number}@example.org"
        yield f"item1.EMAIL:{number}@example.net"
        yield "item1.X-ABLabel:Private"
        yield f"TEL;TYPE=cell,voice:+44 7700 {chance.randrange(10**6):06}"
        yield f"TEL;TYPE=work:+44 20 7946 {chance.randrange(10**4):04}"
        yield from folded(
            f"NOTE:{chance.choice(CITIES)} " + "is where we met. " * chance.randrange(1, 9)
        )
        yield f"BDAY:19{chance.randrange(40, 99)}-0{chance.randrange(1, 9)}-11"
        yield f"UID:urn:uuid:00000000-0000-4000-8000-{number:012}"
    city = chance.choice(CITIES).replace(",", "\\,")
    yield f"ADR;TYPE=HOME:;;Main Street {number};{city};;{chance.randrange(10**5)};"
    yield f"URL:https://example.org/people/{number}"
    if number % 10 == 0 and version == "3.0":
        picture = base64.b64encode(chance.randbytes(PICTURE_BYTES)).decode()
        yield from folded(f"PHOTO;ENCODING=b;TYPE=JPEG:{picture}")


def text_of_2_1(name: str, text: str) -> str:
    """Return a line of version 2.1, quoted-printable with soft line breaks where it needs it."""
    if text.isascii() and "\n" not in text:
        return f"{name}:{text}"
    encoded = quopri.encodestring(text.encode(), quotetabs=False)
    written = encoded.decode().replace("\r\n", "=0D=0A").replace("=\n", "=\r\n")
    return f"{name};CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{written}"


def folded(line: str) -> Iterator[str]:
    """Yield a content line in physical lines."""
    yield line[:70]
    for start in range(70, len(line), 70):
        yield " " + line[start : start + 70]


def corpus_cards() -> Iterator[bytes]:
    """Yield the cards of real programs, in whatever charset they are."""
    for file in sorted(CORPUS.rglob("*.vcf")):
        with file.open("rb") as stream:
            for source in split_cards(stream, max_card_bytes=1 << 20):
                yield source.content


def text_of(card: bytes) -> str:
    """Decode a card for vobject."""
    try:
        return card.decode()
    except UnicodeDecodeError:
        return card.decode("cp1252", "replace")


def draft_of(card: bytes) -> ContactDraft | None:
    """Read a card, if it can be read."""
    try:
        return draft_from_card(read_card(card))
    except VCardError:
        return None


def read_by_vobject(text: str) -> vobject.base.Component | None:
    """Read a card with vobject as it is set up by default, if it can."""
    try:
        return vobject.readOne(text)
    except Exception:  # noqa: BLE001  # whatever it raises, the card is not read
        return None


def is_lossless(content: bytes) -> bool:
    """Whether a card and its contact are the same after they were written and read again."""
    try:
        card = read_card(content)
    except VCardError:
        return False
    again = [read_card(write_properties(card.properties, version)) for version in VCardVersion]
    again.append(read_jcard(decode_json(encode_json(write_jcard(card)).encode())))
    draft = draft_from_card(card)
    versions = [draft_of(write_card(draft, version)) for version in VCardVersion]
    return (
        all(found.properties == card.properties for found in again)
        and all(found == draft for found in (*versions, of_json(JCARD.write(draft))))
        and in_any_order(of_json(JSCONTACT.write(draft))) == in_any_order(draft)
    )


def of_json(content: bytes) -> ContactDraft:
    """Read a card that is JSON."""
    return draft_from_card(read_json_card(content))


def in_any_order(draft: ContactDraft) -> ContactDraft:
    """Return a contact with its raw properties in an order that does not depend on theirs."""
    return replace(draft, raw=tuple(sorted(draft.raw, key=repr)))


def is_lossless_in_vobject(card: vobject.base.Component) -> bool:
    """Whether vobject finds the same properties in what it wrote."""
    try:
        again = vobject.readOne(card.serialize())
    except Exception:  # noqa: BLE001  # as above
        return False
    return properties(again) == properties(card)


def properties(card: vobject.base.Component) -> list[tuple[str, str, str, str]]:
    """Return what a card of vobject says."""
    return sorted(
        (line.name, line.group or "", str(line.value), str(sorted(line.params.items())))
        for line in card.lines()
    )


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def paired(
    ours: Callable[[], object], theirs: Callable[[], object], cards: int
) -> tuple[float, float, float]:
    """Return cards/s of both, and the median of the ratios of pairs, begun by each in turn."""
    pairs = []
    for number in range(ROUNDS):
        order = (ours, theirs) if number % 2 else (theirs, ours)
        taken = {work: seconds(work) for work in order}
        pairs.append((taken[ours], taken[theirs]))
    rates = [cards / statistics.median(times) for times in zip(*pairs, strict=True)]
    return rates[0], rates[1], statistics.median(theirs / ours for ours, theirs in pairs)


def rate(work: Callable[[], object], cards: int) -> float:
    """Return how many cards/s something takes or makes."""
    return cards / statistics.median(seconds(work) for _ in range(ROUNDS))


def shares(cards: Sequence[bytes]) -> dict[str, float]:
    """Return the shares of cards that are read, and that are written without loss."""
    parsed = [read_by_vobject(text_of(card)) for card in cards]
    read = [found for found in parsed if found]
    return {
        "share_read": sum(draft_of(card) is not None for card in cards) / len(cards),
        "share_read_by_vobject": len(read) / len(cards),
        "share_lossless": sum(map(is_lossless, cards)) / len(cards),
        "share_lossless_by_vobject": sum(map(is_lossless_in_vobject, read)) / len(cards),
    }


def measure(cards: Sequence[bytes]) -> dict[str, float]:
    """Return the figures for these cards."""
    drafts = [draft for card in cards if (draft := draft_of(card)) is not None]
    parsed = [(card, text_of(card)) for card in cards]
    both = [(card, text, found) for card, text in parsed if (found := read_by_vobject(text))]
    written = [
        (draft, found)
        for card, _, found in both
        if is_lossless_in_vobject(found) and (draft := draft_of(card)) is not None
    ]
    reading = paired(
        lambda: [draft_of(card) for card, _, _ in both],
        lambda: [vobject.readOne(text) for _, text, _ in both],
        len(both),
    )
    writing = paired(
        lambda: [write_card(draft, VCardVersion.V3) for draft, _ in written],
        lambda: [found.serialize() for _, found in written],
        len(written),
    )
    jcards = [JCARD.write(draft) for draft in drafts]
    jscontacts = [JSCONTACT.write(draft) for draft in drafts]
    return {
        "cards": len(cards),
        **shares(cards),
        "read_cards_per_second": reading[0],
        "vobject_read_cards_per_second": reading[1],
        "read_ratio_to_vobject": reading[2],
        "write_cards_per_second": writing[0],
        "vobject_write_cards_per_second": writing[1],
        "write_ratio_to_vobject": writing[2],
        "jcard_read_cards_per_second": rate(lambda: list(map(of_json, jcards)), len(jcards)),
        "jcard_write_cards_per_second": rate(lambda: list(map(JCARD.write, drafts)), len(drafts)),
        "jscontact_read_cards_per_second": rate(
            lambda: list(map(of_json, jscontacts)), len(jscontacts)
        ),
        "jscontact_write_cards_per_second": rate(
            lambda: list(map(JSCONTACT.write, drafts)), len(drafts)
        ),
    }


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    logging.disable(logging.CRITICAL)  # vobject logs every card that it refuses
    corpus = list(corpus_cards())
    print(f"{len(corpus)} cards of {CORPUS.name}, {GENERATED} generated")
    found = {"corpus_cards": len(corpus), **measure([*corpus, *generated_cards()])}
    if corpus:
        found |= {f"corpus_{name}": share for name, share in shares(corpus).items()}
    figures = {name: round(value, 3 if value < 100 else None) for name, value in found.items()}
    counted = [name for name in found if name.removeprefix("corpus_") in TARGETS]
    holds = all(found[name] >= TARGETS[name.removeprefix("corpus_")] for name in counted)
    document = {"benchmark": "vcard", "figures": figures, "targets": TARGETS, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
