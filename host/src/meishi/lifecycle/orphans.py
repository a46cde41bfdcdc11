"""Orphans: plugins that the database remembers, and whose packages are not installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import msgspec

from meishi.database.unit_of_work import UnitOfWork
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.manifest import Manifest, ManifestError, from_document
from meishi.lifecycle.states import PluginState, PluginStatus

_ORPHANED = "in the database, but its package is not installed"

_DATA_ARE_THERE = "; its data are in the database"

_REMEMBERED = "SELECT name, manifest::text FROM meishi.plugin ORDER BY name"


def remembered(work: UnitOfWork) -> dict[str, Manifest | None]:
    """Return the plugins ever installed; None for one whose manifest cannot be read any more.

    The unit of work runs as the host's own code.
    """
    return {name: _manifest(document) for name, document in work.execute(_REMEMBERED)}


def add_orphans(plugins: PluginSet, known: Mapping[str, Manifest | None]) -> None:
    """Give a state to what is remembered and not installed.

    One that the settings name is missed all the same: its state stays, and its reason says where
    its data are.
    """
    for name, manifest in known.items():
        status = plugins.statuses.get(name)
        if status is None:
            plugins.statuses[name] = PluginStatus(
                name=name, state=PluginState.ORPHANED, reason=_ORPHANED, manifest=manifest
            )
        elif is_missed(status) and not status.reason.endswith(_DATA_ARE_THERE):
            reason = f"{status.reason}{_DATA_ARE_THERE}"
            plugins.statuses[name] = replace(status, reason=reason)


def needed_by(name: str, known: Mapping[str, Manifest | None]) -> list[str]:
    """Return the remembered plugins that need one, in the order in which they can go."""
    needs = {other: set(found.requires) for other, found in known.items() if found is not None}
    left = {name}
    while more := {other for other in needs if needs[other] & left} - left:
        left |= more
    order: list[str] = []
    while left:
        free = {one for one in left if not any(one in needs.get(other, ()) for other in left)}
        # Those that need each other go in the order of their names.
        order += sorted(free or left)
        left -= set(order)
    return [other for other in order if other != name]


def is_missed(status: PluginStatus) -> bool:
    """Return whether the settings name a plugin that nobody installed."""
    return status.manifest is None and status.state is PluginState.MISSING_DEPENDENCY


def _manifest(document: str) -> Manifest | None:
    try:
        return from_document(msgspec.json.decode(document, type=dict))
    except (ManifestError, msgspec.MsgspecError):
        return None
