"""Which titles are of which organisation, said by groups in vCard, by identifiers in JSContact."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.card_writing import card_from_draft
from crm_contacts.contract import VCardVersion
from crm_contacts.jscontact import read_jscontact, write_jscontact

from .card_strategies import in_any_order

pytestmark = pytest.mark.no_calls

PARAMS = st.fixed_dictionaries(
    {}, optional={"group": st.sampled_from(["g", "G", "job1", ""]), "x-a": st.just("1")}
)


def objects(letter: str, **members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Return collections whose identifiers are as programs count them, with names of their own."""
    one = st.fixed_dictionaries({}, optional={"vCardParams": PARAMS, **members})
    return st.lists(one, min_size=1, max_size=4).map(
        lambda items: {
            f"{letter}{place}": {"name": f"{letter} {place}", **item}
            for place, item in enumerate(items, 1)
        }
    )


@settings(deadline=None)
@given(
    objects("o", units=st.just([{"name": "u"}])),
    objects("t", organizationId=st.sampled_from(["o1", "o2", "o3", "q", 1])),
)
def test_titles_keep_their_organisations(
    organisations: dict[str, Any], titles: dict[str, Any]
) -> None:
    """Whatever a card says of whose they are is said again, and the contact stays the same."""
    card = {
        "@type": "Card",
        "version": "1.0",
        "name": {"full": "Ada"},
        "organizations": organisations,
        "titles": titles,
    }
    draft = draft_from_card(read_jscontact(card))
    again = write_jscontact(card_from_draft(draft, VCardVersion.V4))
    assert in_any_order(draft_from_card(read_jscontact(again))) == in_any_order(draft)
    assert not Counter(said(card)) - Counter(said(again))


def said(card: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the titles of a card with the names of their organisations."""
    names = {key: item["name"] for key, item in card["organizations"].items()}
    return [
        (item["name"], names[item["organizationId"]])
        for item in card["titles"].values()
        if item.get("organizationId") in names
    ]


def calls_of(card: dict[str, Any]) -> int:
    """Return how many calls it takes to read a card."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        read_jscontact(card)
    finally:
        sys.setprofile(None)
    return calls


def test_reading_a_card_costs_what_is_in_it() -> None:
    """Twice as many organisations and titles are twice the work, and not four times."""

    def card(size: int) -> dict[str, Any]:
        places = range(1, size + 1)
        return {
            "@type": "Card",
            "version": "1.0",
            "name": {"full": "Ada"},
            "organizations": {f"o{place}": {"name": "Ek"} for place in places},
            "titles": {f"t{place}": {"name": "Chair", "organizationId": "o1"} for place in places},
        }

    read_jscontact(card(1))
    assert calls_of(card(200)) < 3 * calls_of(card(100))
