"""What visitors leave at a card, and the contacts that come of it."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from time import process_time
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from crm_contacts.contract import (
    ConsentChannel,
    Consents,
    ConsentState,
    ConsentStatement,
    ContactErased,
)
from meishi.sdk.context import publish, service
from meishi.sdk.plugin import DataSubject, ErasureReport
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.sessions import WAITING
from meishi.testing.types import EventDeliveries, Host, Location
from qr.consent import CURRENT_CONSENT
from qr.contract import (
    CardNotFound,
    Cards,
    CardWithdrawn,
    DeviceClass,
    Exchange,
    ExchangeNotFound,
    Exchanges,
    ExchangeState,
    InvalidExchange,
    TooManyExchanges,
    Visit,
    VisitorDetails,
)
from qr.service import people
from qr.visitor_details import cleaned, detail_errors

from .conftest import Json, QrClient, VisitLog

BO = VisitorDetails(
    name="Bo Nilsson",
    email="bo@example.org",
    phone="+46 8 123 456 78",
    organisation="Nilsson & Co",
    title="Baker",
    note="Met at the fair.\nLikes rye.",
)
VISIT = Visit(device_class=DeviceClass.MOBILE, referrer_host="mail.example", visitor="abc")


class Visitors:
    """People who leave their cards in a workspace."""

    def __init__(self, workspace: WorkspaceUnderTest) -> None:
        self._workspace = workspace

    def leave(
        self,
        card: Json,
        details: VisitorDetails = BO,
        *,
        submission_id: UUID | None = None,
        consent_version: str = CURRENT_CONSENT.version,
    ) -> bool:
        """Leave a card at another one."""
        with self._workspace.acting_as("qr"):
            return service(Exchanges).leave_card(
                submission_id or uuid4(),
                card["slug"],
                details,
                consent_version=consent_version,
                visit=VISIT,
            )

    def all(self, **conditions: Any) -> tuple[Exchange, ...]:
        """Return the exchanges of the workspace."""
        with self._workspace.acting_as("qr"):
            return service(Exchanges).list_exchanges(**conditions).items

    def forget(self, **person: Any) -> ErasureReport:
        """Erase a person from what the QR generator holds, and from nothing else."""
        with self._workspace.acting_as("qr"):
            return people.erase(DataSubject(**person))

    def known(self, **person: Any) -> list[tuple[str, Json]]:
        """Return what the QR generator tells a person of themselves: kinds and documents."""
        with self._workspace.acting_as("qr"):
            found = list(people.export(DataSubject(**person)))
        return [(record.kind, json.loads(record.body)) for record in found]

    def record(self, *exchange_ids: UUID) -> int:
        """Make contacts of exchanges, as the handler does."""
        with self._workspace.acting_as("qr"):
            return service(Exchanges).record_exchanges(exchange_ids)


@pytest.fixture
def visitors(workspace: WorkspaceUnderTest, plugin_host: Host) -> Visitors:
    """The visitors of the workspace."""
    return Visitors(replace(workspace, host=plugin_host))


def contacts_named(qr: QrClient, name: str) -> list[Json]:
    """Return the contacts of a name."""
    answer = qr.client.get(f"/api/v1/contacts?filter[name][eq]={name}", headers=qr.headers)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json["items"])


def test_what_a_visitor_leaves_waits_with_its_consent(
    qr: QrClient, visitors: Visitors, visits: VisitLog
) -> None:
    """The event tells of it without a word of theirs; the contact comes later."""
    card = qr.card()
    assert visitors.leave(card)
    [found] = visitors.all()
    assert (found.state, found.details, found.card_id) == (
        ExchangeState.RECEIVED,
        BO,
        UUID(card["id"]),
    )
    assert (found.consent.version, found.consent.text, found.consent.purpose) == (
        CURRENT_CONSENT.version,
        CURRENT_CONSENT.text,
        CURRENT_CONSENT.purpose,
    )
    assert found.consent.given_at == found.created_at
    assert visits.all() == [
        (
            "card.exchanged.v1",
            {
                "card_id": card["id"],
                "code_id": None,
                "channel": "form",
                "device_class": "mobile",
                "referrer_host": "mail.example",
                "visitor": "abc",
                "exchange_id": str(found.id),
            },
        )
    ]
    assert contacts_named(qr, BO.name) == []


def test_delivery_makes_a_contact_and_keeps_the_details_there_alone(
    qr: QrClient, visitors: Visitors, visits: VisitLog, deliver_events: EventDeliveries
) -> None:
    """All that was typed is in the contact; the exchange keeps the consent and whose it is."""
    card = qr.card()
    visitors.leave(card)
    deliver_events()
    [found] = visitors.all(state=ExchangeState.RECORDED)
    [contact] = contacts_named(qr, BO.name)
    assert str(found.visitor_contact_id) == contact["id"]
    assert (found.details, found.consent.text) == (None, CURRENT_CONSENT.text)
    assert found.settled_at is not None
    assert [item["address"] for item in contact["emails"]] == [BO.email]
    assert [item["number"] for item in contact["phones"]] == [BO.phone]
    assert (contact["organisation"], contact["title"], contact["note"]) == (
        BO.organisation,
        BO.title,
        BO.note,
    )
    assert visits.all()[-1] == (
        "exchange.recorded.v1",
        {
            "exchange_id": str(found.id),
            "card_id": card["id"],
            "contact_id": card["contact_id"],
            "visitor_contact_id": contact["id"],
        },
    )


def test_both_contacts_tell_that_cards_were_exchanged(
    qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """Whose card it was, and who left one, by their timelines."""
    card = qr.card()
    visitors.leave(card)
    for _ in range(2):
        deliver_events()
    [contact] = contacts_named(qr, BO.name)
    for contact_id in (card["contact_id"], contact["id"]):
        path = f"/api/v1/contacts/{contact_id}/timeline"
        told = (qr.client.get(path, headers=qr.headers).json or {})["items"]
        titles = [item["title"] for item in told if item["plugin"] == "qr"]
        assert titles == ["Cards were exchanged"]


def test_a_contact_that_comes_of_it_has_consented_to_what_was_left(
    qr: QrClient, visitors: Visitors, workspace: WorkspaceUnderTest
) -> None:
    """When the visitor agreed and to which words; told again, nothing is recorded anew."""
    visitors.leave(qr.card(), replace(BO, phone=None))
    [found] = visitors.all()
    made = qr.make("contacts", {"name": {"full": "Bo"}, "uid": f"urn:uuid:{found.id}"})
    visitors.record(found.id)

    def consents() -> list[Json]:
        answer = qr.client.get(f"/api/v1/contacts/{made['id']}/consents", headers=qr.headers)
        assert answer.json is not None
        return [item for item in answer.json["items"] if item["version"]]

    [given] = consents()
    assert (given["channel"], given["state"], given["recorder_id"]) == ("email", "granted", None)
    assert datetime.fromisoformat(given["given_at"]) == found.consent.given_at
    assert given["how"] == f"Card exchange, words of {CURRENT_CONSENT.version}"
    with workspace.acting_as("crm_contacts"):
        said = ConsentStatement(
            contact_id=UUID(made["id"]),
            channel=ConsentChannel.EMAIL,
            state=ConsentState.GRANTED,
            given_at=found.consent.given_at,
        )
        assert service(Consents).receive((said,)) == 0
    assert consents() == [given]


def test_nobody_takes_back_what_somebody_else_has_denied(qr: QrClient, visitors: Visitors) -> None:
    """Whoever knows what a contact says can leave just that: it stays denied, the rest counts."""
    card = qr.card()
    visitors.leave(card)
    [first] = visitors.all()
    visitors.record(first.id)
    [contact] = contacts_named(qr, BO.name)
    path = f"/api/v1/contacts/{contact['id']}/consents"
    denied = qr.client.put(
        f"{path}/email", json={"state": "denied"}, headers={**qr.headers, "If-Match": "*"}
    )
    assert denied.status_code == 200
    visitors.leave(qr.card(), BO)
    [again] = [item for item in visitors.all() if item.id != first.id]
    visitors.record(again.id)
    assert [item["id"] for item in contacts_named(qr, BO.name)] == [contact["id"]]
    items = (qr.client.get(path, headers=qr.headers).json or {})["items"]
    said = {item["channel"]: (item["state"], item["version"]) for item in items}
    assert (said["email"], said["phone"]) == (("denied", 2), ("granted", 2))


def test_an_exchange_ends_as_one_contact_however_often_it_is_recorded(
    qr: QrClient, visitors: Visitors, visits: VisitLog
) -> None:
    """What was recorded is left alone, and so is what nobody knows."""
    visitors.leave(qr.card())
    [found] = visitors.all()
    assert [visitors.record(found.id, uuid4()), visitors.record(found.id)] == [1, 0]
    assert len(contacts_named(qr, BO.name)) == 1
    assert [kind for kind, _ in visits.all()].count("exchange.recorded.v1") == 1


def test_a_contact_that_was_made_before_we_were_told_is_found_again(
    qr: QrClient, visitors: Visitors, workspace: WorkspaceUnderTest
) -> None:
    """A contact service elsewhere may have stored it when our own transaction was undone."""
    visitors.leave(qr.card())
    [found] = visitors.all()
    made = qr.make("contacts", {"name": {"full": "Bo"}, "uid": f"urn:uuid:{found.id}"})
    visitors.record(found.id)
    assert str(visitors.all()[0].visitor_contact_id) == made["id"]


def test_a_known_address_does_not_change_a_contact(qr: QrClient, visitors: Visitors) -> None:
    """Anybody can type anybody's address: what is not the same all over becomes a contact."""
    known = qr.make("contacts", {"name": {"full": "Bo"}, "emails": [{"address": BO.email}]})
    visitors.leave(qr.card())
    visitors.record(visitors.all()[0].id)
    assert len(contacts_named(qr, BO.name)) == 1
    answer = qr.client.get(f"/api/v1/contacts/{known['id']}", headers=qr.headers)
    assert answer.json == known


def test_a_submission_is_stored_once(qr: QrClient, visitors: Visitors, visits: VisitLog) -> None:
    """A second click sends the same again; so does who goes back to the form, changed or not."""
    card, submission_id = qr.card(), uuid4()
    changed = VisitorDetails(name="Bo", email="bo@example.org")
    taken = [
        visitors.leave(card, details, submission_id=submission_id) for details in (BO, BO, changed)
    ]
    assert taken == [True, False, False]
    assert len(visitors.all()) == len(visits.all()) == 1


def test_the_same_again_at_the_same_card_is_stored_once(
    qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """However it is written, before it is a contact and after; at another card it is news."""
    first, second = qr.card(), qr.card()
    shouted = VisitorDetails(
        name="  BO   NILSSON ",
        email="Bo@Example.org",
        phone=BO.phone,
        organisation=BO.organisation,
        title=BO.title,
        note="Met at the fair. likes rye.",
    )
    assert [visitors.leave(first), visitors.leave(first, shouted)] == [True, False]
    deliver_events()
    assert [visitors.leave(first), visitors.leave(second)] == [False, True]
    deliver_events()
    assert len(contacts_named(qr, BO.name)) == 1
    assert len({found.visitor_contact_id for found in visitors.all()}) == 1


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"name": " "}, "/name", "required"),
    ({"name": "\u202e\u200b"}, "/name", "required"),
    ({"name": "x" * 201}, "/name", "too-long"),
    ({"name": "See https://spam.example"}, "/name", "link"),
    ({"name": "<script>alert(1)</script>"}, "/name", "link"),
    ({"email": "", "phone": ""}, "/email", "required"),
    ({"email": "bo"}, "/email", "invalid"),
    ({"email": "bo@localhost"}, "/email", "invalid"),
    ({"email": "bo@example.org, eve@example.org"}, "/email", "invalid"),
    ({"email": f"{'b' * 300}@example.org"}, "/email", "too-long"),
    ({"phone": "call me"}, "/phone", "invalid"),
    ({"phone": "123"}, "/phone", "invalid"),
    ({"organisation": "www.spam.example"}, "/organisation", "link"),
    ({"title": "x" * 201}, "/title", "too-long"),
    ({"note": "Cheap! spam.example/buy"}, "/note", "link"),
    ({"note": "[url=spam.example]x[/url]"}, "/note", "link"),
    ({"note": "x" * 1001}, "/note", "too-long"),
]


@pytest.mark.parametrize(("typed", "pointer", "code"), WRONG)
def test_what_is_wrong_is_told_by_field(
    qr: QrClient, visitors: Visitors, typed: dict[str, str], pointer: str, code: str
) -> None:
    """Nothing is stored of what is missing, too long, no address or spam."""
    values = {"name": "Bo", "email": "bo@example.org"} | typed
    with pytest.raises(InvalidExchange) as refused:
        visitors.leave(qr.card(), VisitorDetails(**values))
    assert (pointer, code) in [(error.pointer, error.code) for error in refused.value.errors]
    assert visitors.all() == ()


@pytest.mark.parametrize("field", ["name", "phone", "organisation", "title", "note"])
def test_what_fills_a_whole_form_is_refused_at_once(field: str) -> None:
    """A text of 64 KiB is too long, and nobody looks for anything in it: that took a minute."""
    typed = VisitorDetails(**{"name": "Bo", "email": "bo@example.org", field: "a" * 65_536})
    began = process_time()
    assert [error.code for error in detail_errors(cleaned(typed))] == ["too-long"]
    assert process_time() - began < 5


def test_nothing_is_kept_without_consent_to_known_words(qr: QrClient, visitors: Visitors) -> None:
    """Neither without any, nor with words that nobody here has written."""
    for version in ("", "2020-01"):
        with pytest.raises(InvalidExchange) as refused:
            visitors.leave(qr.card(), consent_version=version)
        assert [error.pointer for error in refused.value.errors] == ["/consent"]
    assert visitors.all() == ()


def test_a_card_takes_no_more_than_people_leave(
    qr: QrClient, visitors: Visitors, workspace: WorkspaceUnderTest
) -> None:
    """Behind two hundred within an hour everything is refused; the next card is not concerned."""
    card, other = qr.card(), qr.card()
    with workspace.acting_as("qr"):
        for number in range(200):
            assert service(Exchanges).leave_card(
                uuid4(),
                card["slug"],
                VisitorDetails(name=f"Visitor {number}", email="a@example.org"),
                consent_version=CURRENT_CONSENT.version,
                visit=VISIT,
            )
    with pytest.raises(TooManyExchanges):
        visitors.leave(card)
    assert visitors.leave(other)


@pytest.mark.parametrize("person", [{"emails": ("bo@example.org",)}, {"phones": ("+46812345678",)}])
def test_who_asks_to_be_forgotten_before_they_are_a_contact_becomes_none(
    qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries, person: dict[str, Any]
) -> None:
    """What waits is shown to them and is erased, by their address or their number."""
    card = qr.card()
    visitors.leave(card)
    visitors.leave(card, VisitorDetails(name="Eve", email="eve@example.org"))
    [(kind, told)] = visitors.known(**person)
    assert (kind, told["name"], told["note"]) == ("exchange", BO.name, BO.note)
    assert told["consent_text"] == CURRENT_CONSENT.text
    assert [visitors.forget(**person).anonymised for _ in range(2)] == [1, 0]
    assert visitors.known(**person) == []
    deliver_events()
    assert [found.state for found in visitors.all()] == [
        ExchangeState.RECORDED,
        ExchangeState.REFUSED,
    ]
    assert contacts_named(qr, BO.name) == []


@pytest.mark.inside
def test_who_is_to_be_erased_while_their_contact_is_made_is_known_by_that(
    qr: QrClient, visitors: Visitors, database: Location
) -> None:
    """Who erases waits for the contact: what was refused would leave one that nobody looks for."""
    visitors.leave(qr.card())
    [waiting] = visitors.all()
    with psycopg.connect(database.administrator_url()) as admin, ThreadPoolExecutor(2) as pool:

        def wait_for(number: int, done: Future[Any]) -> None:
            while admin.execute(WAITING).fetchone() < (number,):  # type: ignore[operator]
                assert not done.done(), done.result()

        admin.execute("LOCK TABLE crm_contacts.contact IN SHARE MODE")
        recorded = pool.submit(visitors.record, waiting.id)
        wait_for(1, recorded)
        erased = pool.submit(visitors.forget, emails=("bo@example.org",))
        wait_for(2, erased)
        admin.rollback()
        assert recorded.result() == 1
        assert erased.result().anonymised == 0
    [found] = visitors.all(state=ExchangeState.RECORDED)
    [contact] = contacts_named(qr, BO.name)
    assert str(found.visitor_contact_id) == contact["id"]


def test_an_erased_contact_leaves_nothing_by_which_it_is_known_again(
    qr: QrClient,
    visitors: Visitors,
    workspace: WorkspaceUnderTest,
    deliver_events: EventDeliveries,
) -> None:
    """The event alone does that, too; the consent stays, which says nothing of anybody."""
    card = qr.card()
    visitors.leave(card)
    deliver_events()
    [found] = visitors.all()
    assert [kind for kind, _ in visitors.known(contact_ids=(found.visitor_contact_id,))] == [
        "exchange"
    ]
    with workspace.acting_as("crm_contacts"):
        publish(ContactErased(contact_id=found.visitor_contact_id or uuid4()))
    deliver_events()
    assert visitors.forget(contact_ids=(found.visitor_contact_id,)).anonymised == 0
    assert visitors.all() == (found,)
    assert visitors.leave(card), "the digest of what was left is gone"


def test_an_exchange_follows_its_contact_into_another(
    qr: QrClient, visitors: Visitors, deliver_events: EventDeliveries
) -> None:
    """After a merge the contact that stays is the one that came through the card."""
    visitors.leave(qr.card())
    deliver_events()
    [found] = visitors.all()
    target = qr.make("contacts", {"name": {"full": "Bo"}})["id"]
    qr.make(f"contacts/{target}/merge", {"merged_ids": [str(found.visitor_contact_id)]}, 200)
    deliver_events()
    [moved] = visitors.all(visitor_contact_id=UUID(target))
    assert moved.id == found.id


def test_an_erased_card_takes_nothing(
    qr: QrClient, visitors: Visitors, workspace: WorkspaceUnderTest
) -> None:
    """The form may have been open; who would get the card is gone."""
    card = qr.card()
    with workspace.acting_as("qr"):
        service(Cards).forget_contacts((UUID(card["contact_id"]),))
    with pytest.raises(CardWithdrawn):
        visitors.leave(card)
    with pytest.raises(CardNotFound):
        visitors.leave(card | {"slug": "zzzzzzzzzzzz"})


def test_workspaces_do_not_see_the_exchanges_of_others(
    qr: QrClient, visitors: Visitors, other_workspace: WorkspaceUnderTest
) -> None:
    """Neither in the list, nor by an id, nor when they are recorded."""
    visitors.leave(qr.card())
    [found] = visitors.all()
    others = Visitors(other_workspace)
    assert others.all() == ()
    assert others.record(found.id) == 0
    with other_workspace.acting_as("qr"), pytest.raises(ExchangeNotFound):
        service(Exchanges).get_exchange(found.id)
    with pytest.raises(CardNotFound):
        others.leave(qr.card())


def test_a_card_remembers_who_made_it(qr: QrClient, workspace: WorkspaceUnderTest) -> None:
    """The user whose token it was; a card that the system makes is nobody's."""
    made = qr.card()
    with workspace.acting_as("qr"):
        cards = service(Cards)
        assert cards.get_card(UUID(made["id"])).created_by == workspace.owner_id
        assert cards.create_card(UUID(made["contact_id"])).created_by is None
