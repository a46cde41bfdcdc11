"""A replay over HTTP, and its rehearsal, which is the same but for what stays of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from meishi.core.identity.contract import Tokens
from meishi.declarations import ReplayPolicy
from meishi.sdk.database import execute
from meishi.testing.events import EventDeliveries

from .conftest import Market
from .traders import SCRIBE, sold

MAIN = f"{SCRIBE}.main"

Replay = Callable[..., Any]


def empty_the_book() -> None:
    """Delete all entries of a workspace."""
    execute("DELETE FROM scribe.entry")


@pytest.fixture
def replay(market: Market, market_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Replay:
    """Ask, as an operator, for the replay of a subscription that empties the scribe's book."""
    plugins = market.host.plugins.contributions
    handlers = tuple(
        replace(
            handler,
            subscription=replace(
                handler.subscription,
                replay=ReplayPolicy.REBUILD,
                reset=empty_the_book,
            ),
        )
        for handler in plugins[SCRIBE].event_handlers
        if handler.subscription is not None
    )
    monkeypatch.setitem(plugins, SCRIBE, replace(plugins[SCRIBE], event_handlers=handlers))
    with market.workspace.acting_as("identity"):
        token = market.host.calls.get(Tokens).issue(
            user_id=market.workspace.owner_id, name="operator", operator=True
        )

    def ask(*, status: int = 200, **body: object) -> Any:
        answer = market_app.test_client().post(
            f"/api/v1/events/subscriptions/{MAIN}/replay",
            json=body,
            headers={"Authorization": f"Bearer {token.secret}"},
        )
        assert answer.status_code == status, answer.text
        return answer.json

    return ask


def decisions(market: Market) -> list[tuple[Any, ...]]:
    """Return what was decided, and by whom."""
    return market.rows("SELECT action, reason, decided_by FROM meishi_events.decision")


def test_a_rehearsal_says_what_a_replay_does_and_changes_nothing(
    market: Market, deliver: EventDeliveries, replay: Replay
) -> None:
    """Book, place and decisions are as before; then the replay does what was said."""
    market.publish(*[sold("tea", number) for number in range(3)])
    deliver()
    kept = market.book()
    places = "SELECT subscription, slot, seq, tick FROM meishi_events.progress ORDER BY 1, 2, 3"
    stood = market.rows(places)
    said = replay(from_start=True, dry_run=True, reason="what if")
    assert (said["policy"], said["reset"], said["slots"]) == ("rebuild", 1, [0])
    assert (market.book(), market.rows(places), decisions(market)) == (kept, stood, [])
    assert replay(from_start=True, reason="wrong book") == said
    assert market.book() == []
    ((action, reason, by),) = decisions(market)
    assert (action, reason.rpartition("; ")[2]) == ("replay", "wrong book")
    assert by.startswith(f"user {market.workspace.owner_id}, token ")
    deliver()
    assert market.book() == kept


def test_a_rehearsal_is_refused_where_a_replay_would_be(
    market: Market, deliver: EventDeliveries, replay: Replay
) -> None:
    """With the same problem, which names the time from which on it would go."""
    early = {"from": "2001-01-01T00:00:00Z"}
    problems = [replay(status=409, dry_run=dry, **early) for dry in (True, False)]
    assert problems[0] == problems[1]
    assert "`from_start`" in problems[0]["detail"]
    assert decisions(market) == []
