"""Jobs in cards: those of other programs are read, and ours are understood by them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_contacts.card_mapping import draft_from_card
from crm_contacts.card_writing import card_from_draft
from crm_contacts.contract import ContactDraft, Name, Position, VCardVersion
from crm_contacts.jscontact import read_jscontact, write_jscontact

from .test_card_writing import again, read, written

pytestmark = pytest.mark.no_calls

ANNA = ContactDraft(
    name=Name(full="Anna", given="Anna"), organisation="Lindqvist", title="Architect"
)
NOW = Position(organisation="Lindqvist", title="Architect", start_date="2019-03", current=True)
BOARD = Position(
    organisation="Ek; AB", units=("Board",), title="Member", start_date="2021", current=True,
    note="Register",
)  # fmt: skip
PAST = Position(organisation="KTH", title="Student", start_date="2010", end_date="2015-06")


@pytest.mark.parametrize("version", VCardVersion)
def test_other_programs_see_the_current_jobs_and_no_former_one(version: VCardVersion) -> None:
    """ORG and TITLE of the current job come first, further ones in groups; former ones are ours."""
    draft = replace(ANNA, positions=(PAST, NOW, BOARD))
    lines = written(draft, version)
    assert [line for line in lines if "ORG" in line or "TITLE" in line or "POSITION" in line] == [
        "TITLE:Architect",
        "ORG:Lindqvist",
        "X-MEISHI-POSITION:2010;2015-06;;KTH;Student;;",
        "X-MEISHI-POSITION:2019-03;;current;Lindqvist;Architect;;",
        "job1.ORG:Ek\\; AB;Board",
        "job1.TITLE:Member",
        "job1.X-MEISHI-POSITION:2021;;current;;;;Register",
    ]
    assert again(draft, version) == draft


def test_organisations_in_groups_of_their_own_are_jobs() -> None:
    """The first ORG is that of the contact; what qualifies others is theirs."""
    draft = read(
        "FN:Anna", "item1.ORG:Lindqvist", "item1.TITLE:Architect",
        "item2.TITLE:Member", "item2.ORG:Ek;Board", "item3.ORG:KTH", "item3.ROLE:Docent",
    )  # fmt: skip
    assert (draft.organisation, draft.title, draft.role) == ("Lindqvist", "Architect", None)
    assert draft.positions == (
        Position(organisation="Ek", units=("Board",), title="Member", current=True),
        Position(organisation="KTH", role="Docent", current=True),
    )
    assert {raw.group for raw in draft.raw} == {"item1"}


@pytest.mark.parametrize(
    "lines",
    [
        ("ORG:Ek", "ORG:Berg"),  # nothing says which title is of which
        ("ORG;ALTID=1;LANGUAGE=sv:Ek", "ORG;ALTID=1;LANGUAGE=en:Oak"),
        ("ORG:Ek", "item1.ORG;LANGUAGE=en:Oak", "item1.TITLE:Boss"),
        ("ORG:Ek", "item1.ORG:Oak", "item1.X-ABLabel:Club"),
        ("ORG:Ek", "item1.ORG:Oak", "item1.ORG:Elm"),
        ("ORG:Ek", "item1.ORG:;Board"),
        ("ORG:Ek", "X-MEISHI-POSITION:2019;2018;;Oak;;;"),
        ("ORG:Ek", "X-MEISHI-POSITION:2019;;;;;;"),
        ("ORG:Ek", "X-MEISHI-POSITION:Oak"),
        ("ORG:Ek", "X-MEISHI-POSITION;X=1:2019;;;Oak;;;"),
    ],
)
def test_what_is_no_job_stays_as_it_was(lines: tuple[str, ...]) -> None:
    """Other languages, labels and what cannot be stored are kept in the raw bag."""
    draft = read("FN:Anna", *lines)
    assert draft.positions == ()
    assert draft.raw
    for version in VCardVersion:
        assert again(draft, version) == draft


def test_jscontact_says_organisations_and_titles_of_current_jobs() -> None:
    """What it has members for stands in them."""
    draft = replace(ANNA, positions=(NOW, BOARD, PAST))
    card = write_jscontact(card_from_draft(draft, VCardVersion.V4))
    assert [item["name"] for item in card["organizations"].values()] == ["Lindqvist", "Ek; AB"]
    assert [item["name"] for item in card["titles"].values()] == ["Architect", "Member"]
    assert [item.get("organizationId") for item in card["titles"].values()] == [None, "o2"]
    assert draft_from_card(read_jscontact(card)) == draft


def test_titles_of_further_organisations_in_jscontact_are_jobs() -> None:
    """The first organisation is that of the contact; what names another one is of that."""
    card = {
        "@type": "Card",
        "version": "1.0",
        "name": {"full": "Anna"},
        "organizations": {"o1": {"name": "Lindqvist"}, "o2": {"name": "Ek"}},
        "titles": {
            "t1": {"name": "Architect", "organizationId": "o1"},
            "t2": {"name": "Member", "organizationId": "o2"},
        },
    }
    draft = draft_from_card(read_jscontact(card))
    assert (draft.organisation, draft.title) == ("Lindqvist", "Architect")
    assert draft.positions == (Position(organisation="Ek", title="Member", current=True),)
    again = write_jscontact(card_from_draft(draft, VCardVersion.V4))
    assert {name: item["organizationId"] for name, item in again["titles"].items()} == {
        "t1": "o1", "t2": "o2",
    }  # fmt: skip
