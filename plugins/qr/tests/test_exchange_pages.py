"""The form on the page of a card, as visitors and others send it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import EventDeliveries, Host
from qr.consent import CURRENT_CONSENT
from qr.contract import Exchange, Exchanges, ExchangeState
from qr.exchange_form import TRAP
from qr.pages.form_token import FormTooQuick, new_token, read_submission

from .conftest import Json, QrClient, VisitLog
from .test_card_pages import HOSTILE, PREVIEW, TELEPHONE, Page, path_of

TYPED = {
    "name": "Bo Nilsson",
    "email": "bo@example.org",
    "phone": "+46 8 123 456 78",
    "organisation": "Nilsson & Co",
    "title": "Baker",
    "note": "Met at the fair.\r\nLikes rye.",
    "consent": CURRENT_CONSENT.version,
}


class Visitor:
    """Somebody who looks at cards of a workspace and leaves their own."""

    def __init__(self, client: FlaskClient, workspace: WorkspaceUnderTest) -> None:
        self.client = client
        self._workspace = workspace

    def token(self, card: Json, age: float = 10) -> str:
        """Return the token of a form that was shown some seconds ago."""
        shown = self._workspace.host.clock() - timedelta(seconds=age)
        with self._workspace.acting_as("qr"):
            return new_token(card["slug"], shown)

    def send(
        self, card: Json, *, agent: str = TELEPHONE, headers: Any = None, **typed: str
    ) -> TestResponse:
        """Send the form of a card, of which all is right that is not said otherwise."""
        form = {"token": self.token(card)} | TYPED | typed
        sent = {"User-Agent": agent} | (headers or {})
        return self.client.post(path_of(card), data=form, headers=sent)

    def exchanges(self) -> tuple[Exchange, ...]:
        """Return what was left in the workspace."""
        with self._workspace.acting_as("qr"):
            return service(Exchanges).list_exchanges().items


@pytest.fixture
def visitor(client: FlaskClient, workspace: WorkspaceUnderTest, plugin_host: Host) -> Visitor:
    """A visitor of the workspace's cards."""
    return Visitor(client, replace(workspace, host=plugin_host))


def errors_on(page: str) -> dict[str, str]:
    """Return what stands at the fields of a form."""
    found = re.findall(r'id="(\w+)-error">([^<]*)<', page)
    return {name: html.unescape(text) for name, text in found}


def test_the_form_of_the_page_can_be_sent(
    qr: QrClient, visitor: Visitor, client: FlaskClient
) -> None:
    """With nothing but what stands in the page, as browsers do without a script."""
    card = qr.card()
    page = Page(client.get(path_of(card)).text)
    inputs = {attrs["name"]: attrs for tag, attrs in page.elements if tag in {"input", "textarea"}}
    forms = [attrs for tag, attrs in page.elements if tag == "form"]
    assert [(form["method"], form["action"]) for form in forms] == [
        ("post", f"{path_of(card)}#exchange")
    ]
    assert set(inputs) == {*TYPED, "token", TRAP}
    labels = {attrs["for"] for tag, attrs in page.elements if tag == "label"}
    assert labels == {*TYPED, TRAP}
    assert CURRENT_CONSENT.text in page.text
    assert CURRENT_CONSENT.purpose in page.text
    assert "checked" not in inputs["consent"]
    answer = visitor.send(card, consent=str(inputs["consent"]["value"]))
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{path_of(card)}/thanks")
    [found] = visitor.exchanges()
    assert found.details is not None
    assert (found.details.name, found.details.note) == (
        TYPED["name"],
        "Met at the fair.\nLikes rye.",
    )


def test_who_has_left_a_card_is_thanked_and_shown_the_ways_on(
    qr: QrClient, client: FlaskClient
) -> None:
    """Save the contact, make a card of one's own, go back."""
    path = path_of(qr.card())
    answer = client.get(f"{path}/thanks")
    assert answer.status_code == 200
    assert Page(answer.text).links == [f"{path}/card.vcf", f"{path}/own", path]
    assert "form-action 'none'" in answer.headers["Content-Security-Policy"]
    assert client.get("/p/zzzzzzzzzzzz/thanks").status_code == 404


def test_own_card_is_made_at_the_sign_up(
    qr: QrClient, client: FlaskClient, visits: VisitLog
) -> None:
    """Where no other plugin knows better; the page of the card leads there."""
    path = path_of(qr.card())
    assert f"{path}/own" in Page(client.get(path).text).links
    answer = client.get(f"{path}/own")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-up")
    assert client.get("/p/zzzzzzzzzzzz/own").status_code == 404
    assert [kind for kind, _ in visits.all()] == ["card.viewed.v1"]


def test_a_double_click_leaves_one_card(qr: QrClient, visitor: Visitor, visits: VisitLog) -> None:
    """Both are thanked; the visit is counted once, of the same visitor as the view."""
    card = qr.card()
    visitor.client.get(path_of(card), headers={"User-Agent": TELEPHONE})
    token = visitor.token(card)
    answers = [visitor.send(card, token=token) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    [found] = visitor.exchanges()
    (viewed, view), (left, visit) = visits.all()
    assert (viewed, left) == ("card.viewed.v1", "card.exchanged.v1")
    assert (visit["channel"], visit["exchange_id"]) == ("form", str(found.id))
    assert visit["visitor"] == view["visitor"]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "", "phone": ""}, "email"),
        ({"email": "bo at example"}, "email"),
        ({"phone": "soon"}, "phone"),
        ({"note": "Buy at https://spam.example"}, "note"),
        ({"consent": ""}, "consent"),
        ({"consent": "2020-01"}, "consent"),
    ],
)
def test_what_cannot_be_taken_comes_back_with_what_was_typed(
    qr: QrClient, visitor: Visitor, visits: VisitLog, typed: dict[str, str], field: str
) -> None:
    """The message stands at its field, the form is open, and the view is not counted again."""
    card = qr.card()
    answer = visitor.send(card, **typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert set(errors_on(answer.text)) == {field}
    controls = {
        attrs["name"]: attrs for tag, attrs in page.elements if tag in {"input", "textarea"}
    }
    assert controls[field]["aria-describedby"] == f"{field}-error"
    for name in ("name", "email", "phone", "organisation", "title"):
        assert controls[name]["value"] == (TYPED | typed)[name]
    assert ("checked" in controls["consent"]) is ("consent" not in typed)
    assert [attrs for tag, attrs in page.elements if tag == "details" and "open" in attrs]
    assert (visitor.exchanges(), visits.all()) == ((), [])


def test_a_form_that_came_back_can_be_sent_again(qr: QrClient, visitor: Visitor) -> None:
    """Its token is still good."""
    card = qr.card()
    back = visitor.send(card, name="").text
    [token] = re.findall(r'name="token" value="([^"]+)"', back)
    assert visitor.send(card, token=token).status_code == 303


def test_a_form_without_a_token_of_this_card_is_shown_anew(
    qr: QrClient, visitor: Visitor, other_workspace: WorkspaceUnderTest, client: FlaskClient
) -> None:
    """Neither a forged one, nor that of another card, of another workspace or of last week."""
    card = qr.card()
    other = QrClient(client, other_workspace.headers).card()
    tokens = [
        "",
        "x",
        "å",
        f"{visitor.token(card)}x",
        visitor.token(qr.card()),
        Visitor(client, other_workspace).token(other),
        Visitor(client, other_workspace).token(card),
        visitor.token(card, age=24 * 3600 + 60),
    ]
    for token in tokens:
        answer = visitor.send(card, token=token)
        assert answer.status_code == 422, token
        assert "open for long" in answer.text
        assert "bo@example.org" in answer.text
        [new] = re.findall(r'name="token" value="([^"]+)"', answer.text)
        assert new != token
    assert visitor.exchanges() == ()


def test_programs_leave_no_card(qr: QrClient, visitor: Visitor, visits: VisitLog) -> None:
    """Nor who fills in what nobody sees, or is quicker than people."""
    card = qr.card()
    answers = [
        visitor.send(card, agent=PREVIEW),
        visitor.send(card, **{TRAP: "x"}),
        # However long it takes until it is sent, it is no time.
        visitor.send(card, token=visitor.token(card, age=-60)),
    ]
    assert [answer.status_code for answer in answers] == [422] * 3
    assert all("This was not sent" in answer.text for answer in answers)
    assert (visitor.exchanges(), visits.all()) == ((), [])


def test_people_need_two_seconds(workspace: WorkspaceUnderTest, plugin_host: Host) -> None:
    """From the moment at which the form was shown, to the microsecond."""
    shown, needed = datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=2)
    with replace(workspace, host=plugin_host).acting_as("qr"):
        token = new_token("card", shown)
        for age in (timedelta(), needed - timedelta(microseconds=1)):
            with pytest.raises(FormTooQuick):
                read_submission("card", token, shown + age)
        assert read_submission("card", token, shown + needed).version == 4


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"name": "a\0b"}, 400),
        ({"note": "x" * 1024 * 1024}, 413),
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    ],
)
def test_what_no_visitor_sends_is_refused(
    qr: QrClient, visitor: Visitor, sent: dict[str, Any], status: int
) -> None:
    """As a page, and nothing is stored."""
    answer = visitor.send(qr.card(), **sent)
    assert (answer.status_code, answer.mimetype) == (status, "text/html")
    assert visitor.exchanges() == ()


def test_a_card_that_is_gone_takes_nothing(qr: QrClient, visitor: Visitor) -> None:
    """The form comes to nobody: there is no such card, or its contact was deleted."""
    card = qr.card()
    assert visitor.send(card | {"slug": "zzzzzzzzzzzz"}).status_code == 404
    contact = f"/api/v1/contacts/{card['contact_id']}"
    qr.client.delete(contact, headers=qr.headers | {"If-Match": "*"})
    assert [visitor.send(card, **typed).status_code for typed in ({}, {"name": ""})] == [410, 410]
    assert visitor.exchanges() == ()


def test_the_page_with_its_form_is_small(qr: QrClient, client: FlaskClient) -> None:
    """At most 30 KB, also when it comes back with everything typed and wrong."""
    card = qr.card()
    assert len(client.get(path_of(card)).data) < 15_000
    wrong = {"name": "<b>" * 66, "email": "x" * 254, "note": "https://x " * 100, "consent": ""}
    answer = client.post(path_of(card), data=wrong)
    assert answer.status_code == 422
    assert len(answer.data) <= 30_000


@given(st.fixed_dictionaries({name: HOSTILE for name in TYPED if name != "consent"}))
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_what_comes_back_is_text(
    qr: QrClient, visitor: Visitor, card_of_qr: Json, typed: dict[str, str]
) -> None:
    """Whatever is typed adds no element and no attribute to the page that shows it again."""
    skeleton = Page(visitor.send(card_of_qr, consent="").text)
    page = Page(visitor.send(card_of_qr, consent="", **typed).text)
    shapes = [{(tag, *sorted(attrs)) for tag, attrs in one.elements} for one in (skeleton, page)]
    marks = {"aria-describedby", "aria-invalid"}
    plain = [{(tag, *(set(rest) - marks)) for tag, *rest in shape} for shape in shapes]
    assert {tuple(sorted(item)) for item in plain[1]} <= {
        tuple(sorted(item)) for item in plain[0]
    } | {("class", "id", "span")}
    assert page.style == skeleton.style


@pytest.fixture
def card_of_qr(qr: QrClient) -> Json:
    """A card of the workspace."""
    return qr.card()


TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            "Bo\r\nTEL:+1666\r\nEND:VCARD",
            "a;b,c\\n\\",
            "\u202egpj.exe",
            "аррӏе",  # noqa: RUF001 (letters that look like others)
            "=cmd|' /C calc'!A0",
            "山田 太郎",
            "🏳️‍🌈",
            "  ",
        ]
    ),
).map(lambda text: text.replace("\0", ""))


@given(st.lists(st.tuples(TEXT, TEXT, TEXT, TEXT), min_size=1, max_size=4))
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_is_typed_ends_as_one_contact_that_can_be_exported(
    qr: QrClient,
    visitor: Visitor,
    card_of_qr: Json,
    deliver_events: EventDeliveries,
    rows: list[tuple[str, str, str, str]],
) -> None:
    """Or is refused with a message; the contact's card is read back by whoever reads cards."""
    before = {found.id for found in visitor.exchanges()}
    for name, organisation, title, note in rows:
        answer = visitor.send(
            card_of_qr, name=name, organisation=organisation, title=title, note=note
        )
        assert answer.status_code in {303, 422}
    deliver_events()
    fresh = [found for found in visitor.exchanges() if found.id not in before]
    assert all(found.state is ExchangeState.RECORDED for found in fresh)
    for contact_id in {found.visitor_contact_id for found in fresh}:
        path = f"/api/v1/contacts/{contact_id}"
        contact = qr.client.get(path, headers=qr.headers).json
        assert contact is not None
        exported = qr.client.get(f"{path}/vcard", headers=qr.headers)
        assert exported.status_code == 200
        lines = exported.text.replace("\r\n ", "").split("\r\n")
        assert (lines[0], lines[-2:]) == ("BEGIN:VCARD", ["END:VCARD", ""])
        assert len([line for line in lines if line.startswith(("TEL", "BEGIN", "END"))]) == 3
        assert not set(contact["name"]["full"]) & set("\r\n\u202e\u200b")
