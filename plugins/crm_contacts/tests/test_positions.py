"""Job histories of contacts: kept, checked, followed by the current job, merged and put back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.career import JOB, current_position, following, succeeded
from crm_contacts.contract import (
    ContactChanges,
    ContactDraft,
    Contacts,
    Name,
    Position,
)
from crm_contacts.merging import merge_drafts
from crm_contacts.positions import is_date, position_errors, united_positions
from crm_contacts.unmerging import without
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient, EventLog, own, vcard
from .test_contact_history import Histories
from .test_import_undos import undo
from .test_unmerging import Book

ARCHITECT: dict[str, Any] = {
    "organisation": "Lindqvist Arkitekter", "units": ["Design"], "title": "Architect",
    "role": None, "start_date": "2019-03", "end_date": None, "current": True, "note": "Her card",
}  # fmt: skip
INTERN: dict[str, Any] = {
    "organisation": "Ek AB", "units": [], "title": "Intern", "role": None,
    "start_date": "2017", "end_date": "2018-06-30", "current": False, "note": None,
}  # fmt: skip
ANNA = {"name": {"full": "Anna Lindqvist"}}


@pytest.fixture
def histories(contacts: ContactsClient) -> Histories:
    """The histories of the workspace."""
    return Histories(contacts)


@pytest.fixture
def book(client: FlaskClient, workspace: WorkspaceUnderTest) -> Book:
    """The contacts of the workspace."""
    return Book(client, workspace)


def job_of(contact: dict[str, Any]) -> list[Any]:
    """Return what a contact says of its current job."""
    return [contact[name] for name in JOB]


def test_a_job_history_is_kept_in_its_order(contacts: ContactsClient, event_log: EventLog) -> None:
    """What was written is read, in lists too; the first current job is the contact's in short."""
    made = contacts.create({**ANNA, "positions": [INTERN, ARCHITECT]})
    assert made["positions"] == [INTERN, ARCHITECT]
    assert job_of(made) == ["Lindqvist Arkitekter", ["Design"], "Architect", None]
    [listed] = contacts.all()
    assert own(listed)["positions"] == [INTERN, ARCHITECT]
    contacts.patch(made, {"positions": [ARCHITECT, INTERN, {"title": "Chair"}]})
    read = contacts.get(made["id"])
    assert [item["title"] for item in read["positions"]] == ["Architect", "Intern", "Chair"]
    contacts.patch(made, {"positions": None})
    assert contacts.get(made["id"])["positions"] == []
    changed = [fields for _, _, fields in event_log.contact_events()[1:]]
    assert changed == [["positions"], ["positions"]]


@pytest.mark.parametrize(
    ("job", "pointer", "code"),
    [
        ({"units": ["Design"]}, "/positions/0/organisation", "required"),
        ({"title": " "}, "/positions/0/organisation", "required"),
        ({"title": "x", "start_date": "March"}, "/positions/0/start_date", "invalid"),
        ({"title": "x", "start_date": "2019-13"}, "/positions/0/start_date", "invalid"),
        ({"title": "x", "end_date": "2019-02-29"}, "/positions/0/end_date", "invalid"),
        ({"title": "x", "start_date": "2019-03", "end_date": "2018"}, "/positions/0/end_date",
         "invalid"),
        ({"title": "x", "start_date": "2019-03-02", "end_date": "2019-03-01"},
         "/positions/0/end_date", "invalid"),
        ({"title": "x", "current": True, "end_date": "2019"}, "/positions/0/end_date", "invalid"),
        ({"title": "x", "units": ["y"] * 201}, "/positions/0/units", "too-many"),
        ({"title": "x" * 10_001}, "/positions/0/title", "too-long"),
        ({"title": "x", "note": "x" * 10_001}, "/positions/0/note", "too-long"),
    ],
)  # fmt: skip
def test_what_is_no_job_is_refused(
    contacts: ContactsClient, job: dict[str, Any], pointer: str, code: str
) -> None:
    """A problem names the member and what is wrong with it."""
    problem = contacts.refused({**ANNA, "positions": [job]})
    assert [(item["pointer"], item["code"]) for item in problem["errors"]] == [(pointer, code)]


def test_no_more_jobs_than_anybody_has_had(contacts: ContactsClient) -> None:
    """A list ends after two hundred, and other members are none."""
    problem = contacts.refused({**ANNA, "positions": [{"title": "x"}] * 201})
    assert problem["errors"][0]["pointer"] == "/positions"
    problem = contacts.refused({**ANNA, "positions": [{"title": "x", "salary": 1}]}, 400)
    assert problem["errors"][0]["pointer"] == "/positions/0/salary"


def test_months_and_years_are_compared_as_far_as_they_are_known(contacts: ContactsClient) -> None:
    """A job of one year may begin in its March."""
    job = {"title": "x", "start_date": "2019-03", "end_date": "2019"}
    assert contacts.create({**ANNA, "positions": [job]})["positions"][0]["end_date"] == "2019"


def test_another_organisation_ends_the_job_that_is_kept(
    contacts: ContactsClient, histories: Histories
) -> None:
    """The former job is over today, seen in the history, and comes back with a revert."""
    anna = contacts.create({**ANNA, "positions": [ARCHITECT, INTERN]})["id"]
    before = histories.said(anna)
    contacts.patch({"id": anna}, {"organisation": "Berg & Co", "title": "Partner", "units": []})
    after = contacts.get(anna)
    today = after["updated_at"][:10]
    assert after["positions"] == [
        {**dict.fromkeys(ARCHITECT), "organisation": "Berg & Co", "units": [], "title": "Partner",
         "current": True},
        {**ARCHITECT, "current": False, "end_date": today},
        INTERN,
    ]  # fmt: skip
    [change, _] = histories.of(anna)
    assert {item["field"] for item in change["fields"]} == {
        "organisation", "title", "units", "positions",
    }  # fmt: skip
    assert histories.revert(anna, change["id"]).status_code == 200
    assert histories.said(anna) == before


def test_a_job_that_is_not_kept_leaves_none_behind(contacts: ContactsClient) -> None:
    """Consumers that know the short form alone see what they saw before."""
    anna = contacts.create({**ANNA, "organisation": "Ek AB", "title": "Intern"})
    contacts.patch(anna, {"organisation": "Berg & Co"})
    read = contacts.get(anna["id"])
    assert (read["organisation"], read["title"], read["positions"]) == ("Berg & Co", "Intern", [])


def test_other_words_for_the_same_job_change_its_position(contacts: ContactsClient) -> None:
    """A title, or another spelling of the organisation, is no new job; its dates stay."""
    anna = contacts.create({**ANNA, "positions": [ARCHITECT]})
    contacts.patch(anna, {"organisation": "LINDQVIST  Arkitekter", "title": "Lead"})
    [job] = contacts.get(anna["id"])["positions"]
    assert job == {**ARCHITECT, "organisation": "LINDQVIST  Arkitekter", "title": "Lead"}


def test_what_is_taken_from_the_current_position_is_taken_from_the_job(
    contacts: ContactsClient,
) -> None:
    """What the position never said stays; what it said and does not any more is gone."""
    anna = contacts.create({**ANNA, "role": "Speaker", "positions": [ARCHITECT]})
    contacts.patch(anna, {"organisation": "Lindqvist Arkitekter", "title": "Architect"})
    contacts.patch(anna, {"positions": [{**ARCHITECT, "title": None, "units": []}]})
    assert job_of(contacts.get(anna["id"])) == ["Lindqvist Arkitekter", [], None, "Speaker"]


@pytest.mark.parametrize("blank", ["", " ", "\n", None])
def test_a_blank_organisation_is_none(contacts: ContactsClient, blank: str | None) -> None:
    """It ends the job that is noted, and nothing is said of a position that nobody sent."""
    job = {**ARCHITECT, "title": None}
    anna = contacts.create({**ANNA, "positions": [job]})
    contacts.patch(anna, {"organisation": blank})
    [ended] = contacts.get(anna["id"])["positions"]
    assert ended == {**job, "current": False, "end_date": ended["end_date"]}


@pytest.mark.parametrize("blank", [" ", None])
def test_a_job_without_a_title_is_over(contacts: ContactsClient, blank: str | None) -> None:
    """Of whose job no more was known than a title, nothing is left to be current."""
    anna = contacts.create({**ANNA, "positions": [{"title": "Chair", "current": True}]})
    contacts.patch(anna, {"title": blank})
    [job] = contacts.get(anna["id"])["positions"]
    assert (job["title"], job["current"]) == ("Chair", False)


def test_another_organisation_finds_room_for_no_more_jobs(contacts: ContactsClient) -> None:
    """Whose history is full changes jobs like everybody else; only the new one is not noted."""
    jobs = [ARCHITECT, *({"title": f"Job {place}"} for place in range(199))]
    anna = contacts.create({**ANNA, "positions": jobs})
    contacts.patch(anna, {"organisation": "Ek AB"})
    read = contacts.get(anna["id"])
    assert (read["organisation"], len(read["positions"])) == ("Ek AB", 200)
    assert not read["positions"][0]["current"]


def test_another_current_job_is_said_as_it_is_noted(contacts: ContactsClient) -> None:
    """Where the organisation of another position becomes that of the job, its title does, too."""
    board = {**INTERN, "title": "Board", "end_date": None, "current": True}
    anna = contacts.create({**ANNA, "positions": [ARCHITECT, board]})
    contacts.patch(anna, {"organisation": "Ek AB"})
    assert job_of(contacts.get(anna["id"])) == ["Ek AB", ["Design"], "Board", None]
    again = contacts.create({**ANNA, "positions": [ARCHITECT, board]})
    contacts.patch(again, {"organisation": "Ek AB", "title": "Chair"})
    assert job_of(contacts.get(again["id"])) == ["Ek AB", ["Design"], "Chair", None]
    assert contacts.get(again["id"])["positions"][1]["title"] == "Chair"


def test_a_job_that_is_over_is_no_current_one(contacts: ContactsClient) -> None:
    """Whoever ends the position of the current job leaves another current one, or none."""
    board = {**INTERN, "title": "Board", "end_date": None, "current": True}
    anna = contacts.create({**ANNA, "positions": [ARCHITECT, board]})
    over = {**ARCHITECT, "current": False, "end_date": "2024"}
    contacts.patch(anna, {"positions": [over, board]})
    assert job_of(contacts.get(anna["id"])) == ["Ek AB", [], "Board", None]
    contacts.patch(anna, {"positions": [over, INTERN]})
    assert job_of(contacts.get(anna["id"])) == [None, [], None, None]
    contacts.patch(anna, {"organisation": "Ek AB"})
    assert contacts.get(anna["id"])["positions"] == [over, INTERN]


def test_both_changed_at_once_are_as_they_are_given(contacts: ContactsClient) -> None:
    """Who says both means both."""
    anna = contacts.create({**ANNA, "positions": [ARCHITECT]})
    contacts.patch(anna, {"organisation": "Berg & Co", "positions": [INTERN]})
    read = contacts.get(anna["id"])
    assert (read["organisation"], read["positions"]) == ("Berg & Co", [INTERN])


def test_only_the_current_job_is_filtered_former_ones_are_found(contacts: ContactsClient) -> None:
    """`organisation` stays that of the current job; words of former ones find a contact."""
    contacts.create({**ANNA, "positions": [ARCHITECT, INTERN]})
    assert len(contacts.page(**{"filter[organisation][eq]": "Lindqvist Arkitekter"})["items"]) == 1
    assert contacts.page(**{"filter[organisation][eq]": "Ek AB"})["items"] == []
    assert len(contacts.page(q="intern")["items"]) == 1


def test_a_job_history_is_unknown_to_another_version(
    contacts: ContactsClient, histories: Histories
) -> None:
    """Who changes jobs of a version that is gone is told so."""
    anna = contacts.create({**ANNA, "positions": [ARCHITECT]})["id"]
    contacts.patch({"id": anna}, {"positions": [INTERN]})
    answer = histories.send(
        "PATCH", f"/{anna}", json={"positions": []}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 412
    assert contacts.get(anna)["positions"] == [INTERN]


def test_enrichment_that_finds_a_new_organisation_keeps_the_former(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Whoever changes the organisation by the contract ends the job that was noted."""
    anna = UUID(contacts.create({**ANNA, "positions": [ARCHITECT]})["id"])
    with workspace.acting_as("crm_contacts"):
        changed = service(Contacts).update(anna, ContactChanges(organisation="Berg & Co"))
    assert [item.current for item in changed.positions] == [True, False]


def test_merges_unite_jobs_and_give_them_back(book: Book) -> None:
    """Equal jobs are one, that which says most stays; unmerged, each has what it had."""
    vague = {**ARCHITECT, "start_date": None, "note": None}
    one = book.add("Anna Lindqvist", positions=[vague, INTERN])
    two = book.add("A. Lindqvist", positions=[INTERN, ARCHITECT, {"title": "Chair"}])
    before = [book.said(one), book.said(two)]
    book.merge(one, two)
    titles = [(item["title"], item["start_date"]) for item in book.said(one)["positions"]]
    assert titles == [("Architect", "2019-03"), ("Intern", "2017"), ("Chair", None)]
    report = book.unmerge(two)
    assert report["kept"] == []
    assert [book.said(one), book.said(two)] == before


def test_an_import_adds_jobs_and_its_undo_takes_them(contacts: ContactsClient) -> None:
    """A card's jobs join those that are there, once; undone, they are gone."""
    anna = contacts.create({**ANNA, "uid": "anna", "positions": [INTERN]})
    card = vcard(
        "FN:Anna Lindqvist", "UID:anna", "X-MEISHI-POSITION:2017;2018-06-30;;EK AB;Intern;;",
        "X-MEISHI-POSITION:2010;2012;;KTH;Student;;;Civil engineering",
    )  # fmt: skip
    found = contacts.upload(card)
    titles = [item["title"] for item in contacts.get(anna["id"])["positions"]]
    assert titles == ["Intern", "Student"]
    assert contacts.upload(card)["counts"]["unchanged"] == 1
    undo(contacts, found["id"])
    assert contacts.get(anna["id"])["positions"] == [INTERN]


TEXTS = st.none() | st.sampled_from(["Ek", "EK", "Berg"])
JOBS = st.builds(
    Position,
    organisation=TEXTS,
    title=st.sampled_from(["Boss", "Intern"]),
    note=TEXTS,
    start_date=st.none() | st.sampled_from(["2019", "2019-03", "2019-03-01", "2020"]),
    current=st.booleans(),
)
HISTORIES = st.lists(JOBS, max_size=4).map(tuple)


@pytest.mark.no_calls
@given(HISTORIES, HISTORIES)
def test_uniting_again_changes_nothing(
    stored: tuple[Position, ...], incoming: tuple[Position, ...]
) -> None:
    """Nothing is lost, and what was united once is united."""
    united = united_positions(stored, incoming)
    assert united_positions(united, incoming) == united
    assert united_positions(united, stored) == united
    for item in (*stored, *incoming):
        assert united_positions(united, (item,)) == united


@pytest.mark.no_calls
@given(HISTORIES, HISTORIES)
def test_what_a_merge_adds_is_taken_back(
    stored: tuple[Position, ...], incoming: tuple[Position, ...]
) -> None:
    """Without the other one, a contact has the jobs that it had."""
    before = ContactDraft(name=Name(full="Ada"), positions=tuple(dict.fromkeys(stored)))
    after = merge_drafts(before, ContactDraft(name=Name(full="Ada"), positions=incoming))
    found = without(before, after, after)
    forms = [{repr(item).casefold() for item in draft.positions} for draft in (found.draft, before)]
    assert forms[0] == forms[1]
    assert found.kept == ()


@pytest.mark.no_calls
@given(TEXTS, HISTORIES, TEXTS)
def test_jobs_that_follow_can_be_stored(
    employer: str | None, positions: tuple[Position, ...], wanted: str | None
) -> None:
    """Whatever organisation a contact changes to, its jobs are good ones, and none is lost."""
    before = ContactDraft(name=Name(full="Ada"), organisation=employer, positions=positions)
    today = datetime(2026, 3, 1, tzinfo=UTC).date()
    after = following(before, {"organisation": wanted}, today)
    jobs = after.get("positions", positions)
    assert not [error for item in jobs for error in position_errors("", item)]
    assert len(jobs) >= len(positions)
    assert after["organisation"] == wanted


@pytest.mark.no_calls
def test_a_new_job_follows_the_current_one() -> None:
    """The former one has ended as it began, be it noted or not; both are in the history."""
    new = Position(organisation="Berg", title="Partner", start_date="2024-05", current=True)
    noted = Position(organisation="EK", title="Boss", current=True)
    for positions in (tuple[Position, ...](), (noted,)):
        before = ContactDraft(
            name=Name(full="Ada"), organisation="Ek", title="Boss", positions=positions
        )
        values = succeeded(before, new)
        first, former = values["positions"]
        assert (first, values["organisation"], values["title"]) == (new, "Berg", "Partner")
        assert (former.title, former.end_date, former.current) == ("Boss", "2024-05", False)
    assert current_position(before) == noted


@pytest.mark.no_calls
@pytest.mark.parametrize(
    "text",
    [
        *("", "19", "2019-3", "2019-02-30", "2019-00", "0000", "\uff12\uff10\uff11\uff19"),
        *("2019-03-01T00:00", "20190301", "--0301"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    """A date is a year, a month or a day that there is."""
    assert not is_date(text)


def test_many_cards_bring_their_jobs(contacts: ContactsClient) -> None:
    """An import that is written at once, and again into what is stored, has the jobs of each."""
    names = [f"Person {number:02}" for number in range(60)]
    job = "X-MEISHI-POSITION:2019-03;2020;;Ek AB;{};;;Design;Studio"
    for title in ("Intern", "Lead"):
        cards = [
            vcard(f"FN:{name}", f"UID:{name}", job.format(f"{title} {name}")) for name in names
        ]
        contacts.upload("".join(cards))
    found = contacts.all()
    assert len(found) == len(names)
    for item in found:
        said = [(job["title"], job["units"]) for job in item["positions"]]
        name, units = item["name"]["full"], ["Design", "Studio"]
        assert said == [(f"Intern {name}", units), (f"Lead {name}", units)]
