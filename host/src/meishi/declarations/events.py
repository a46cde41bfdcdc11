"""What a plugin listens to: inside the publisher's transaction, or after its commit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from meishi.declarations.retry import RetryPolicy
from meishi.sdk.contract import Event

#: Keys are spread over this many slots; a subscription's workers share them out.
SLOTS = 64


class DeliveryMode(StrEnum):
    """When an event handler runs: inside the publisher's transaction, or after its commit."""

    IN_TRANSACTION = "in_transaction"
    DURABLE = "durable"


class ReplayPolicy(StrEnum):
    """What may happen to a subscription when old events are delivered once more.

    `rebuild`: its tables are emptied first, and handlers publish nothing meanwhile;
    `idempotent`: handlers cope with an event that they have seen; `never`: replay is refused.
    """

    REBUILD = "rebuild"
    IDEMPOTENT = "idempotent"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A place in the event log, shared by those durable handlers of a plugin that name it.

    Events of one subject reach a subscription in commit order, over all types that its handlers
    want; one that fails holds back the later ones of its subject, and no others. `name` is unique
    within the plugin and stays for good: the position is remembered under it. `slots` is how many
    workers may deliver at a time, each the subjects that fall to it. `batch` is how many events a
    handler is given at most. A call that takes longer than `limit_seconds` is ended, with its
    process, and has failed. `retry` says what comes after a failure, `replay` whether old events
    may come once more. `reset` empties the plugin's own tables in the current workspace before a
    `rebuild`; it is called in none where there is no workspace yet.

    `backfill` reads what happened before the plugin was installed, page by page, from the owners'
    contracts: it is called in each workspace, with None at first and then with what it returned
    the last time, until it returns None. Each call is one unit of work, and is kept together with
    the place where the next one goes on. Events that were published since the first call are
    delivered after the last.
    """

    name: str = "main"
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    replay: ReplayPolicy = ReplayPolicy.NEVER
    slots: int = 1
    batch: int = 500
    limit_seconds: float = 60.0
    reset: Callable[[], None] | None = None
    backfill: Callable[[str | None], str | None] | None = None


@dataclass(frozen=True, slots=True)
class EventHandler:
    """The class of an `event`, and the `handler` that takes the list of its occurrences.

    `mode` says when it runs. `subscription` says how a durable handler is delivered to; one inside
    the transaction has none.
    """

    event: type[Event]
    handler: Callable[[Sequence[Any]], None]
    mode: DeliveryMode
    subscription: Subscription | None = None


def on(
    event: type[Event],
    handler: Callable[[Sequence[Any]], None],
    *,
    mode: DeliveryMode | str = DeliveryMode.DURABLE,
    subscription: Subscription | None = None,
) -> EventHandler:
    """Declare that `handler` wants every `event`; it is given a list, in order.

    A durable handler that names no subscription belongs to the plugin's `main` one.
    """
    delivery = DeliveryMode(mode)
    if subscription is None and delivery is DeliveryMode.DURABLE:
        subscription = Subscription()
    return EventHandler(event, handler, delivery, subscription)
