"""What a plugin does with the resources of others: the values that it adds, merges that it follows.

The owners need not be there: ids that nobody has heard of are enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID, uuid4

from meishi.declarations import Extension, MergeHandler, MergeReport, UnmergeReport
from meishi.host import Host
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.plans import reported_plans, scans_of
from meishi.testing.conformance.workbench import Workbench

R = TypeVar("R")

#: Resources of a long answer.
_MANY = 50


class _Undone(Exception):
    """Nothing of what was tried is kept."""


def extension_load_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what is wrong with the loaders of a plugin's extensions."""
    extensions = bench.contribution(plugin).schemas.extensions
    if extensions:
        host: Host = bench.application.extensions["meishi"]
        with reported_plans(host, bench.location) as log:
            for extension in extensions:
                costs: list[int] = []
                for size in (1, _MANY):
                    log.take()
                    yield from _load_faults(host, plugin, extension, size)
                    # Who enters a role sends statements, too; they read no table.
                    costs.append(sum(any(scans_of(plan)) for plan in log.take()))
                if costs[0] < costs[1]:
                    yield Fault(
                        f"`load` of the extension of {extension.target} reads tables in"
                        f" {costs[1]} statements for {_MANY} ids, and in {costs[0]} for one.",
                        "Ask for all ids in one statement, or one call of a contract.",
                    )


def merge_handler_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield what is wrong with a plugin's merge handlers where there is nothing to move."""
    followers = bench.contribution(plugin).merge_handlers
    if followers:
        host: Host = bench.application.extensions["meishi"]
        for follower in followers:
            yield from _merge_faults(host, plugin, follower)


def _load_faults(host: Host, plugin: str, extension: Extension, size: int) -> Iterator[Fault]:
    ids = tuple(uuid4() for _ in range(size))
    said = f"`load` of the extension of {extension.target}"
    try:
        found = _tried(host, plugin, lambda: extension.load(ids))
    except Exception as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
        yield Fault(f"{said} raises for ids that are new to it: {error!r}.", _LEAVE_OUT)
        return
    if not isinstance(found, Mapping):
        kind = type(found).__qualname__
        yield Fault(f"{said} returns no mapping, but a {kind}.", "Return values by their ids.")
    elif not _are_of(found, ids):
        yield Fault(f"{said} returns values of ids that were not asked for.", _LEAVE_OUT)


def _merge_faults(host: Host, plugin: str, follower: MergeHandler) -> Iterator[Fault]:
    source, target = uuid4(), uuid4()
    said = f"The merge handler of {follower.kind}"
    try:
        report: object = _tried(host, plugin, lambda: follower.handler(source, target))
    except Exception as error:  # noqa: BLE001 (as above)
        yield Fault(
            f"{said} raises where there is nothing to move: {error!r}.",
            "It is called for every merge, and again after it has succeeded: return a report.",
        )
        return
    if not isinstance(report, MergeReport):
        kind = type(report).__qualname__
        yield Fault(f"{said} returns no MergeReport, but a {kind}.", "Say what it has moved.")
    elif any(report.moved.values()):
        yield Fault(
            f"{said} says that it has moved {dict(report.moved)} of a resource that nothing"
            " refers to.",
            "Move only what refers to the source, and count that.",
        )
    if follower.undo is not None:
        yield from _unmerge_faults(host, plugin, follower.kind, follower.undo)


def _unmerge_faults(
    host: Host,
    plugin: str,
    kind: str,
    undo: Callable[[tuple[UUID, ...], UUID], UnmergeReport],
) -> Iterator[Fault]:
    source, target = uuid4(), uuid4()
    said = f"Undoing a merge of {kind}"
    try:
        report: object = _tried(host, plugin, lambda: undo((source,), target))
    except Exception as error:  # noqa: BLE001 (as above)
        yield Fault(
            f"{said} raises where there is nothing to give back: {error!r}.",
            "It is called again after it has succeeded: return a report.",
        )
        return
    if not isinstance(report, UnmergeReport):
        found = type(report).__qualname__
        yield Fault(f"{said} returns no UnmergeReport, but a {found}.", "Say what went back.")
    elif any((*report.returned.values(), *report.kept.values())):
        yield Fault(
            f"{said} says that it gave back {dict(report.returned)} and kept {dict(report.kept)} of"
            " a resource that nothing refers to.",
            "Count only what came from the source.",
        )


def _tried(host: Host, plugin: str, act: Callable[[], R]) -> R:
    """Do something as the plugin's code in a workspace with nothing in it, and undo it."""
    results: list[R] = []
    try:
        with host.scope(workspace=uuid4(), plugin=plugin):
            results.append(act())
            raise _Undone
    except _Undone:
        return results[0]


def _are_of(found: Mapping[Any, Any], ids: Sequence[UUID]) -> bool:
    return found.keys() <= set(ids)


_LEAVE_OUT = "Return what there is of the ids that were asked for, and leave out the rest."
