"""Plugins that run elsewhere: what stands for them here, and what keeps them from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from meishi.calls.rules import contract_methods
from meishi.declarations import DeliveryMode, Importer, Schemas
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.manifest import Manifest
from meishi.placement import Placement
from meishi.sdk.contract import CallKind

#: What nobody asks for in a service of another plugin.
_UNASKED: Mapping[str, Any] = {
    "pages": (),
    "public_pages": (),
    "navigation": (),
    "panels": (),
    "data_subject": None,
    "search_providers": (),
    "health": (),
    "metrics": (),
    "lifecycle": None,
    "importers": (),
    "exporters": (),
}


def placed(contribution: Contribution, placement: Placement, *, hooked: bool) -> Contribution:
    """Return what stands for a plugin that runs elsewhere: its contract and its addresses.

    Its tables, handlers and work are there and not here; of its commands only that it has some.
    Where it is `hooked` the declarations stay that are asked while somebody waits, for
    `remote.standing_in`, and what it supplies to hooks of who is here, for `lifecycle.loading`; and
    what says of importers and exporters for what they are, for those parts of the host that ask
    them there.
    """
    kept = contribution if hooked else replace(contribution, **_UNASKED)
    return replace(
        kept,
        placement=placement,
        schemas=Schemas(
            resources=contribution.schemas.resources,
            merges=contribution.schemas.merges,
            extensions=contribution.schemas.extensions if hooked else (),
        ),
        versions=None,
        event_handlers=(),
        jobs=(),
        merge_handlers=(),
        importers=tuple(map(_importer, kept.importers)),
        exporters=tuple(replace(item, write=_elsewhere) for item in kept.exporters),
        implementations=contribution.implementations if hooked else {},
    )


def _importer(item: Importer) -> Importer:
    detect = None if item.detect is None else _elsewhere
    return replace(item, detect=detect, preview=_elsewhere, run=_elsewhere)


def _elsewhere(*_: object) -> Any:
    raise AssertionError("this runs elsewhere, and is asked there")


def pinning(contribution: Contribution) -> Iterator[str]:
    """Yield what keeps a plugin in the processes of those that use it."""
    for service in contribution.services:
        for name, method in contract_methods(service.protocol).items():
            if method.rule.kind is CallKind.ATOMIC:
                yield f"{service.protocol.__qualname__}.{name} needs its caller's transaction"
    for handler in contribution.event_handlers:
        if handler.mode is DeliveryMode.IN_TRANSACTION:
            event = handler.event.event_type
            yield f"it hears {event} inside the transaction that publishes it"


def needed_by(names: tuple[str, ...], manifests: Mapping[str, Manifest]) -> tuple[str, ...]:
    """Return plugins together with all whose contracts they use, if they are there."""
    found: dict[str, None] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        if name in manifests:
            waiting += [*manifests[name].requires, *manifests[name].after]
    return tuple(found)
