from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from plugins.crm_contacts.tests.card_losses import losses

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.vcard import read_card, split_cards

pytestmark = pytest.mark.no_calls

REPOSITORY = Path(__file__).parents[3]
CORPUS = Path(os.environ.get("MEISHI_TEST_DATA", REPOSITORY.parent / "shared/data")) / "vcard"
FILES = sorted(CORPUS.glob("*.vcf"))


@pytest.mark.skipif(not FILES, reason=f"no address books in {CORPUS}")
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
