"""The order in which plugins are loaded: what is needed comes first, ties go by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from meishi.lifecycle.manifest import Manifest


def in_order(manifests: Sequence[Manifest]) -> tuple[list[Manifest], dict[str, str]]:
    """Sort by `requires` and `after`; return also the members of circles, each with a reason.

    An `after` that would close a circle is not followed; the first ones, by name, win.
    """
    known = {manifest.name: manifest for manifest in manifests}
    circular = _circles({name: _needs(item, known) for name, item in known.items()})
    sound = {name: item for name, item in known.items() if name not in circular}
    hard = {name: _needs(item, sound) for name, item in sound.items()}
    graph = hard
    for name, item in sorted(sound.items()):
        for other in sorted(set(item.after) & sound.keys()):
            softer = graph | {name: graph[name] | {other}}
            if not _circles(softer):
                graph = softer
    order = _sorted(graph)
    return [known[name] for name in order], circular


def _needs(manifest: Manifest, known: Mapping[str, Manifest]) -> set[str]:
    return set(manifest.requires) & known.keys()


def _sorted(graph: Mapping[str, set[str]]) -> list[str]:
    sorter = TopologicalSorter(graph)
    sorter.prepare()
    order: list[str] = []
    ready: list[str] = []
    while sorter.is_active():
        ready = sorted([*ready, *sorter.get_ready()])
        order.append(ready.pop(0))
        sorter.done(order[-1])
    return order


def _circles(graph: Mapping[str, set[str]]) -> dict[str, str]:
    """Name the members of every circle, with the circle as the reason, until none is left."""
    remaining = {name: set(needs) for name, needs in graph.items()}
    circular: dict[str, str] = {}
    while True:
        try:
            TopologicalSorter(remaining).prepare()
        except CycleError as error:
            circle = error.args[1]
            reason = f"requires go in a circle: {' → '.join(reversed(circle))}"
            circular |= dict.fromkeys(circle, reason)
            remaining = {
                name: needs - set(circle) for name, needs in remaining.items() if name not in circle
            }
        else:
            return circular
