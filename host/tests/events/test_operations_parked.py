"""What is parked: listed, shown, tried again, skipped or discarded, and never lost in silence."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from meishi.events.log import DB_SCHEMA
from meishi.events.operations.decisions import Verdict, list_decisions
from meishi.events.operations.errors import InvalidInput, NotParked, WrongState
from meishi.events.operations.heads import (
    discard_all,
    discard_event,
    discard_key,
    retry_all,
    retry_event,
    skip,
)
from meishi.events.operations.parked import ParkedFilter, list_parked, show_parked
from meishi.host import Host

from ..conftest import SUBSCRIPTION, DeliveryRows

WHY = Verdict(by="ada", reason="it names nobody")
ONE, TWO = UUID(int=1), UUID(int=2)


@pytest.fixture
def log(delivery: DeliveryRows) -> DeliveryRows:
    """A log with the subscription of most tests."""
    delivery.subscribe()
    return delivery


@pytest.fixture
def scope(host: Host, log: DeliveryRows) -> Iterator[None]:
    """A unit of work of the event log, kept at the end of the test."""
    with host.scope(plugin=DB_SCHEMA):
        yield


def due(log: DeliveryRows) -> list[UUID]:
    """Return what would be tried now."""
    query = """
        SELECT event_id FROM meishi_events.parked
        WHERE state = 'retry' AND next_at <= clock_timestamp() ORDER BY pos
    """
    return [event for (event,) in log.run(query)]


def test_the_list_is_filtered(scope: None, log: DeliveryRows) -> None:
    """By subscription, state, workspace and key, in any combination."""
    log.subscribe("qr.main")
    dead, held = log.queue("a", ["dead", "held"], workspace=ONE)
    (other,) = log.queue("a", ["retry"], workspace=TWO)
    (foreign,) = log.publish("b")
    elsewhere = log.park(foreign, name="qr.main")
    for wanted, expected in (
        (ParkedFilter(), [dead, held, other, elsewhere]),
        (ParkedFilter(subscription="qr.main"), [elsewhere]),
        (ParkedFilter(state="held"), [held]),
        (ParkedFilter(workspace=ONE), [dead, held]),
        (ParkedFilter(key="a", state="retry"), [other]),
        (ParkedFilter(key="nobody's"), []),
    ):
        assert [item.event for item in list_parked(wanted).items] == expected


def test_pages_show_everything_once(scope: None, log: DeliveryRows) -> None:
    """Page after page, each item comes once, also over the end of a subscription."""
    log.subscribe("a.main")
    events = log.queue("a", ["dead", *["held"] * 4])
    events = [log.park(pos, name="a.main") for pos in log.publish("x", "y")] + events
    found, after = [], None
    for _ in range(4):
        page = list_parked(ParkedFilter(), limit=2, after=after)
        found += [item.event for item in page.items]
        after = page.next_after
    assert (found, after) == (events, None)


@pytest.mark.parametrize(
    "after", ["", "crm_contacts.main", "crm_contacts.main:x", ":3", "a:" + "9" * 40]
)
def test_a_place_that_no_page_gave_is_refused(scope: None, after: str) -> None:
    """Nothing that an operator mistypes reaches the database."""
    with pytest.raises(InvalidInput):
        list_parked(ParkedFilter(), after=after)


def test_an_event_is_shown_with_its_payload_only_on_request(scope: None, log: DeliveryRows) -> None:
    """Traceback and envelope are for operators, what the event says is for those who ask."""
    (event,) = log.queue("a", ["dead"], workspace=ONE)
    quiet = show_parked(event)
    assert quiet.parked.error == "Traceback\n  a line\nValueError: no"
    assert (quiet.parked.attempts, quiet.parked.workspace) == (3, ONE)
    assert quiet.envelope["source"] == "crm_contacts"
    assert "secret" not in str(quiet)
    assert show_parked(event, payload=True).payload == {"secret": "payload"}


def test_an_event_of_several_subscriptions_needs_a_name(scope: None, log: DeliveryRows) -> None:
    """Nothing is done to a subscription that nobody named."""
    log.subscribe("qr.main")
    (pos,) = log.publish("a")
    event = log.park(pos)
    log.park(pos, name="qr.main")
    with pytest.raises(WrongState) as several:
        retry_event(event)
    assert several.value.hint == "Choose one with --subscription: crm_contacts.main, qr.main."
    assert show_parked(event, "qr.main").parked.subscription == "qr.main"


def test_a_head_is_tried_again_at_once(host: Host, log: DeliveryRows) -> None:
    """A dead one too, with all of its attempts before it; followers keep waiting."""
    dead, held = log.queue("a", ["dead", "held"])
    with host.scope(plugin=DB_SCHEMA):
        assert retry_event(dead).events == (dead,)
    assert log.parked() == [(dead, "retry", 0), (held, "held", 0)]
    assert due(log) == [dead]


def test_a_follower_is_not_tried_before_its_head(scope: None, log: DeliveryRows) -> None:
    """The order of a key is nobody's to change; the head is named."""
    dead, held = log.queue("a", ["dead", "held"])
    with pytest.raises(WrongState) as caught:
        retry_event(held)
    assert caught.value.hint == f"Its head is {dead}."
    assert log.parked() == [(dead, "dead", 3), (held, "held", 0)]


def test_heads_are_tried_again_by_key_by_subscription_or_where_dead(
    host: Host, log: DeliveryRows
) -> None:
    """The same key in two workspaces has two heads."""
    log.subscribe("qr.main")
    first, _ = log.queue("a", ["dead", "held"], workspace=ONE)
    second, _ = log.queue("a", ["retry", "held"], workspace=TWO)
    third, _ = log.queue("b", ["retry", "held"])
    fourth = log.park(log.publish("a")[0], "dead", name="qr.main")
    for wanted, expected in (
        (ParkedFilter(subscription=SUBSCRIPTION, key="a"), {first, second}),
        (ParkedFilter(subscription=SUBSCRIPTION, key="a", workspace=TWO), {second}),
        (ParkedFilter(subscription=SUBSCRIPTION), {first, second, third}),
        (ParkedFilter(state="dead"), {first, fourth}),
    ):
        with host.scope(plugin=DB_SCHEMA) as undone:
            assert set(retry_all(wanted).events) == expected
            undone.work.start_over()


def test_a_key_that_is_not_parked_is_an_error(scope: None, log: DeliveryRows) -> None:
    """A slip in a key must not look like success."""
    with pytest.raises(NotParked, match="nothing parked of the key 'b'"):
        retry_all(ParkedFilter(subscription=SUBSCRIPTION, key="b"))
    with pytest.raises(NotParked, match="nothing parked of the key 'b'"):
        discard_key(SUBSCRIPTION, "b", WHY)
    with pytest.raises(InvalidInput, match="belongs to a subscription"):
        retry_all(ParkedFilter(key="b"))


def test_a_skipped_head_lets_the_next_one_follow(host: Host, log: DeliveryRows) -> None:
    """It is gone for this subscription, and who decided that is written down."""
    head, follower, last = log.queue("a", ["dead", "held", "held"], workspace=ONE)
    (other,) = log.queue("a", ["dead"], workspace=TWO)
    with host.scope(plugin=DB_SCHEMA):
        assert skip(head, WHY).next == follower
    assert log.parked() == [(follower, "retry", 0), (last, "held", 0), (other, "dead", 3)]
    assert due(log) == [follower]
    (row,) = log.decided()
    assert (row.action, row.event_id, row.workspace, row.key) == ("skip", head, ONE, "a")
    assert (row.reason, row.decided_by) == (WHY.reason, WHY.by)


def test_a_skipped_follower_leaves_its_head_alone(host: Host, log: DeliveryRows) -> None:
    """A dead head stays dead, and what comes behind keeps waiting."""
    head, follower, last = log.queue("a", ["dead", "held", "held"])
    with host.scope(plugin=DB_SCHEMA):
        assert skip(follower, WHY).next is None
    assert log.parked() == [(head, "dead", 3), (last, "held", 0)]


def test_a_key_is_discarded_with_all_that_waits(host: Host, log: DeliveryRows) -> None:
    """Each event that is thrown away leaves a line; other keys and workspaces stay."""
    queue = log.queue("a", ["dead", "held", "held"], workspace=ONE)
    (same_key,) = log.queue("a", ["retry"], workspace=TWO)
    (other,) = log.queue("b", ["retry"], workspace=ONE)
    with host.scope(plugin=DB_SCHEMA):
        assert discard_event(queue[0], WHY).events == tuple(queue)
    assert [event for event, *_ in log.parked()] == [same_key, other]
    assert [(row.action, row.event_id) for row in log.decided()] == [
        ("discard", event) for event in queue
    ]


def test_a_key_in_several_workspaces_needs_one(host: Host, log: DeliveryRows) -> None:
    """What several workspaces have is not thrown away in all of them by one word."""
    (first,) = log.queue("a", ["dead"], workspace=ONE)
    (second,) = log.queue("a", ["dead"], workspace=TWO)
    with host.scope(plugin=DB_SCHEMA), pytest.raises(WrongState, match="Several workspaces"):
        discard_key(SUBSCRIPTION, "a", WHY)
    with host.scope(plugin=DB_SCHEMA):
        assert discard_key(SUBSCRIPTION, "a", WHY, workspace=TWO).events == (second,)
    with host.scope(plugin=DB_SCHEMA):
        assert discard_key(SUBSCRIPTION, "a", WHY).events == (first,)


def test_a_follower_is_not_discarded_past_its_head(scope: None, log: DeliveryRows) -> None:
    """Whoever means the whole key says so by its head."""
    _, held = log.queue("a", ["dead", "held"])
    with pytest.raises(WrongState, match="held behind another"):
        discard_event(held, WHY)


def test_a_whole_subscription_is_discarded_only_when_confirmed(
    host: Host, log: DeliveryRows
) -> None:
    """Without the confirmation, the number is told and nothing is changed."""
    log.subscribe("qr.main")
    kept = log.park(log.publish("a")[0], name="qr.main")
    events = [*log.queue("a", ["dead", "held"]), *log.queue("b", ["retry"], workspace=ONE)]
    with host.scope(plugin=DB_SCHEMA), pytest.raises(WrongState, match="never get 3 parked"):
        discard_all(SUBSCRIPTION, WHY, confirmed=False)
    assert len(log.parked()) == 3
    with host.scope(plugin=DB_SCHEMA):
        assert discard_all(SUBSCRIPTION, WHY, confirmed=True).events == tuple(events)
    assert (log.parked(), len(log.decided())) == ([], 3)
    assert [event for event, *_ in log.parked("qr.main")] == [kept]


@pytest.mark.parametrize("reason", ["", "  ", "two\nlines", "x" * 1001, "\x1b[31mred"])
def test_nothing_is_thrown_away_without_a_reason_of_one_line(
    scope: None, log: DeliveryRows, reason: str
) -> None:
    """What is not delivered has to be explained, in words that can be printed."""
    (event,) = log.queue("a", ["dead"])
    with pytest.raises(InvalidInput):
        skip(event, Verdict(by="ada", reason=reason))
    assert (len(log.parked()), log.decided()) == (1, [])


def test_an_event_that_is_not_parked_is_refused(scope: None, log: DeliveryRows) -> None:
    """Also one that was parked when the operator looked."""
    with pytest.raises(NotParked):
        retry_event(uuid4())


def test_what_fails_afterwards_takes_the_operation_back(host: Host, log: DeliveryRows) -> None:
    """An operation and its line in the decisions are kept together, or not at all."""
    head, follower = log.queue("a", ["dead", "held"])

    def skip_and_fail() -> None:
        with host.scope(plugin=DB_SCHEMA):
            skip(head, WHY)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        skip_and_fail()
    assert (log.parked(), log.decided()) == ([(head, "dead", 3), (follower, "held", 0)], [])


def test_decisions_are_listed_the_newest_first(host: Host, log: DeliveryRows) -> None:
    """Page by page, and also of a subscription that is gone."""
    events = log.queue("a", ["dead", "held", "held"])
    with host.scope(plugin=DB_SCHEMA):
        discard_event(events[0], WHY)
    log.run("DELETE FROM meishi_events.subscription")
    with host.scope(plugin=DB_SCHEMA):
        first = list_decisions(SUBSCRIPTION, limit=2)
        second = list_decisions(SUBSCRIPTION, limit=2, after=first.next_after)
    found = [item.event for item in (*first.items, *second.items)]
    assert (set(found), len(found), second.next_after) == (set(events), 3, None)
    assert first.items[0].at >= first.items[1].at
