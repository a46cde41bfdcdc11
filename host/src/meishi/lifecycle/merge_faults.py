"""What is wrong with merges: how owners tell of them, and what others do after them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields

from meishi.calls.event_versions import is_retired
from meishi.declarations import EventHandler, Merge, MergeHandler
from meishi.lifecycle.resource_names import ResourcesOfPlugin, named, owner_of, resources_of
from meishi.sdk.contract import Event


def subscription_of(kind: str) -> str:
    """Return the name of the subscription that follows the merges of a resource."""
    return f"merge-{kind.replace('.', '-').lower()}"


def merge_faults(
    contribution: ResourcesOfPlugin,
    events: Sequence[type[Event]],
    handlers: Sequence[EventHandler],
) -> Iterator[str]:
    """Yield one sentence for each thing about merges that the plugin itself could not have.

    `events` are those that it publishes, `handlers` what it listens with besides.
    """
    for merge in contribution.schemas.merges:
        yield from _merge_faults(contribution, merge, events)
    taken = {item.subscription.name for item in handlers if item.subscription is not None}
    kinds: set[str] = set()
    for follower in contribution.merge_handlers:
        said, name = _said(follower), subscription_of(follower.kind)
        if follower.kind in kinds:
            yield f"{said} is declared twice"
        kinds.add(follower.kind)
        if name in taken:
            yield f"{said} needs the subscription {name!r}, which `event_handlers` has"


def kind_faults(active: Sequence[ResourcesOfPlugin]) -> Iterator[tuple[str, str]]:
    """Yield plugin and fault for each merge handler of a resource that its owner does not have."""
    owners = {item.plugin: resources_of(item.schemas) for item in active}
    for contribution in active:
        for follower in contribution.merge_handlers:
            resources = owners.get(owner_of(follower.kind))
            if resources is not None:
                try:
                    named(follower.kind, resources)
                except LookupError as error:
                    yield contribution.plugin, f"{_said(follower)} {error}"


def _merge_faults(
    contribution: ResourcesOfPlugin, merge: Merge, events: Sequence[type[Event]]
) -> Iterator[str]:
    said = f"hook `schemas`: Merge of {merge.resource.__name__}"
    if merge.resource not in contribution.schemas.resources:
        yield f"{said}: `resource` is none of `resources`"
    if [item.resource for item in contribution.schemas.merges].count(merge.resource) > 1:
        yield f"{said} is declared twice"
    if merge.event not in events or is_retired(merge.event):
        yield f"{said}: `event` {merge.event.__name__} is not published by the plugin"
        return
    yield from _field_faults(said, merge, merge.event)
    if merge.undone is None:
        return
    if merge.undone not in events or is_retired(merge.undone):
        yield f"{said}: `undone` {merge.undone.__name__} is not published by the plugin"
        return
    yield from _field_faults(said, merge, merge.undone)
    if merge.undone.subject != merge.event.subject:
        yield f"{said}: `undone` {merge.undone.__name__} has another subject, so it could overtake"


def _field_faults(said: str, merge: Merge, event: type[Event]) -> Iterator[str]:
    known = {item.name for item in fields(event)}  # type: ignore[arg-type]
    for role, name in (("sources", merge.sources), ("target", merge.target)):
        if name not in known:
            yield f"{said}: `{role}` {name!r} is no field of {event.__name__}"


def _said(follower: MergeHandler) -> str:
    return f"hook `merge_entities`: MergeHandler: `kind` {follower.kind!r}"
