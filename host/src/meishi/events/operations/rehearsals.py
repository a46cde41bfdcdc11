"""Rehearsals of replays: what one would do, found out by doing it and undoing it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from meishi.context import current_scope
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.replays import Replayed, Replays
from meishi.events.subscriptions import Subscriber
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.manifest import PluginScope


class _RehearsalOver(Exception):
    """Carries what a replay did out of the block that is undone."""

    def __init__(self, done: Replayed) -> None:
        super().__init__()
        self.done = done


def replays_of(active: Iterable[Contribution], subscribers: Sequence[Subscriber]) -> Replays:
    """Return what replays the subscriptions of the active plugins."""
    of_deployment = {
        item.plugin for item in active if item.manifest.scope is PluginScope.DEPLOYMENT
    }
    return Replays(subscribers, of_deployment)


def rehearse(replays: Replays, name: str, since: datetime | None, verdict: Verdict) -> Replayed:
    """Return what a replay would do, and raise what it would raise; nothing is changed."""
    try:
        with current_scope().work.savepoint():
            raise _RehearsalOver(replays.replay(name, since, verdict))
    except _RehearsalOver as over:
        return over.done
