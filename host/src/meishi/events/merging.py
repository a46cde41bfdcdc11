"""Merges: what plugins do after resources of others have become one, as durable handlers.

A merge is an event of the resource's owner. Who follows it has a subscription per resource, with
the order, the retries and the parking of any other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from meishi.audit.entry import Resource
from meishi.audit.noting import note
from meishi.context import current_scope
from meishi.declarations import (
    EventHandler,
    Merge,
    MergeHandler,
    MergeReport,
    ReplayPolicy,
    Subscription,
    UnmergeReport,
    on,
)
from meishi.events.catalogue import EventCatalogue
from meishi.events.subscriptions import Subscriber, subscribers
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.extensions import Extensions
from meishi.lifecycle.merge_faults import subscription_of
from meishi.lifecycle.resource_names import resource_name
from meishi.logs import logger

#: What the audit calls it; the plugin's name is before it.
ACTION = "merge-followed"
UNDONE, NOT_UNDONE = "unmerge-followed", "unmerge-not-followed"


def all_handlers(
    active: Sequence[Contribution], extensions: Extensions
) -> Iterator[tuple[Contribution, tuple[EventHandler, ...]]]:
    """Yield all that active plugins listen with.

    These are their handlers, those of others' merges, and those for the sake of what others
    supply to their hooks.
    """
    names = {item.plugin for item in active}
    merges = {
        f"{item.plugin}.{resource_name(merge.resource)}": merge
        for item in active
        for merge in item.schemas.merges
    }
    for contribution in active:
        following = (
            handler
            for follower in contribution.merge_handlers
            if follower.kind in merges
            for handler in _handlers(merges[follower.kind], follower)
        )
        extended = extensions.handlers_of(contribution.plugin, names)
        yield contribution, (*contribution.event_handlers, *following, *extended)


def all_subscribers(
    active: Sequence[Contribution], extensions: Extensions, catalogue: EventCatalogue
) -> list[Subscriber]:
    """Return the durable subscriptions of active plugins."""
    return [
        subscriber
        for contribution, handlers in all_handlers(active, extensions)
        for subscriber in subscribers(contribution.plugin, handlers, catalogue.types_read_as)
    ]


def _handlers(merge: Merge, follower: MergeHandler) -> Iterator[EventHandler]:
    """Yield what follows merges, and what follows that they are taken back: in their order."""
    subscription = Subscription(
        name=subscription_of(follower.kind),
        retry=follower.retry,
        replay=ReplayPolicy.IDEMPOTENT,
    )
    yield on(merge.event, _following(merge, follower), subscription=subscription)
    if merge.undone is not None:
        yield on(merge.undone, _undoing(merge, follower), subscription=subscription)


def _following(merge: Merge, follower: MergeHandler) -> Callable[[Sequence[Any]], None]:
    def follow(events: Sequence[Any]) -> None:
        for event in events:
            _follow(follower, getattr(event, merge.sources), getattr(event, merge.target))

    return follow


def _follow(follower: MergeHandler, sources: Sequence[UUID], target: UUID) -> None:
    """Let a plugin move what it has from each source to the target, and write what it moved."""
    moved: Counter[str] = Counter()
    for source in sources:
        moved.update(_moved(follower.handler(source, target)))
    done = {kind: number for kind, number in sorted(moved.items()) if number}
    logger("info").info(
        "merge followed",
        plugin=current_scope().work.plugin,
        kind=follower.kind,
        sources=[str(source) for source in sources],
        target=str(target),
        moved=done,
    )
    if done and current_scope().workspace_id is not None:
        note(ACTION, resource=Resource(type=follower.kind, id=str(target)), changed=tuple(done))


def _undoing(merge: Merge, follower: MergeHandler) -> Callable[[Sequence[Any]], None]:
    def undo(events: Sequence[Any]) -> None:
        for event in events:
            _undo(follower, getattr(event, merge.sources), getattr(event, merge.target))

    return undo


def _undo(follower: MergeHandler, sources: Sequence[UUID], target: UUID) -> None:
    """Let a plugin give back what it had moved, and write what went and what stays."""
    report = UnmergeReport(returned={})
    if follower.undo is not None:
        report = follower.undo(tuple(sources), target)
        if not isinstance(report, UnmergeReport):
            kind = type(report).__qualname__
            raise TypeError(f"undoing a merge must return an UnmergeReport, not a {kind}")
    returned, kept = (
        {kind: number for kind, number in sorted(counted.items()) if number}
        for counted in (report.returned, report.kept)
    )
    logger("info").info(
        "unmerge followed" if follower.undo is not None else "unmerge not followed",
        plugin=current_scope().work.plugin,
        kind=follower.kind,
        sources=[str(source) for source in sources],
        target=str(target),
        returned=returned,
        kept=kept,
    )
    if current_scope().workspace_id is None:
        return
    if follower.undo is None:
        note(NOT_UNDONE, resource=Resource(type=follower.kind, id=str(target)))
    elif returned or kept:
        changed = (*returned, *(f"{kind} (kept)" for kind in kept))
        note(UNDONE, resource=Resource(type=follower.kind, id=str(sources[0])), changed=changed)


def _moved(report: object) -> dict[str, int]:
    if not isinstance(report, MergeReport):
        kind = type(report).__qualname__
        raise TypeError(f"a merge handler must return a MergeReport, not a {kind}")
    return dict(report.moved)
