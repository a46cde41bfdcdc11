"""Address books as real programs wrote them: read without exception, and without any loss."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from plugins.crm_contacts.tests.card_losses import losses

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.contract import VCardVersion
from crm_contacts.jcard import read_jcard, write_jcard
from crm_contacts.json_values import decode_json, encode_json
from crm_contacts.vcard import (
    Property,
    VCard,
    VCardError,
    read_card,
    split_cards,
    write_properties,
)

pytestmark = pytest.mark.no_calls

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
FILES = sorted(CORPUS.rglob("*.vcf"))
with_corpus = pytest.mark.skipif(not FILES, reason=f"no address books in {CORPUS}")

READ = 0.98
LOSSLESS = 0.95


def cards_of(file: Path) -> Iterator[bytes]:
    """Yield the cards of a file."""
    with file.open("rb") as stream:
        for source in split_cards(stream, max_card_bytes=1 << 20):
            yield source.content


def read_or_none(content: bytes) -> VCard | None:
    """Read a card, if it can be read."""
    try:
        return read_card(content)
    except VCardError:
        return None


def lost(card: VCard) -> list[Property]:
    """Return the properties that are not the same once a card is written and read again.

    The same is: the same name, group and value, and the same parameters with the same values,
    at the same place, in vCard 3.0, in vCard 4.0 and in jCard.
    """
    document = decode_json(encode_json(write_jcard(card)).encode())
    again = [read_card(write_properties(card.properties, version)) for version in VCardVersion]
    written = [found.properties for found in (*again, read_jcard(document))]
    if any(len(found) != len(card.properties) for found in written):
        return list(card.properties)
    return [
        found
        for found, *others in zip(card.properties, *written, strict=True)
        if any(other != found for other in others)
    ]


@with_corpus
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_address_book_of_a_real_program_is_read_without_loss(file: Path) -> None:
    """Every card is found, can be read, and is in the contact that it becomes."""
    with file.open("rb") as stream:
        sources = list(split_cards(stream, max_card_bytes=1 << 20))
    assert len(sources) == len(re.findall(rb"(?im)^BEGIN:VCARD\s*$", file.read_bytes()))
    for source in sources:
        card = read_card(source.content)
        assert source.fault is None
        assert losses(card, draft_from_card(card)) == []


@with_corpus
def test_all_but_a_few_cards_are_read_and_written_without_loss() -> None:
    """Whatever files there are, one that nobody can read is the exception."""
    cards = [read_or_none(content) for file in FILES for content in cards_of(file)]
    known = [card for card in cards if card is not None]
    assert len(known) >= READ * len(cards)
    damaged = [found for card in known if (found := lost(card))]
    assert len(known) - len(damaged) >= LOSSLESS * len(cards), damaged[:3]


def test_what_is_lost_is_seen() -> None:
    """A type in upper case is kept as it was written, and a comma in one is not."""
    content = b"BEGIN:VCARD\nFN:Ada\nTEL;TYPE=HOME:1\nEND:VCARD"
    assert lost(read_card(content)) == []
    odd = Property("TEL", "1", None, (("TYPE", ("a,b",)),))
    assert lost(VCard("4.0", (Property("FN", "Ada"), odd))) == [odd]
