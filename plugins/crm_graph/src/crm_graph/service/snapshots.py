"""Graphs in memory: one per workspace, read again when the graph has another version."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from threading import Lock
from uuid import UUID
from weakref import WeakValueDictionary

from crm_graph.contract import GraphTooLarge
from crm_graph.repository import ties
from crm_graph.snapshot import PackedGraph, Snapshot
from meishi.sdk.context import current_workspace
from meishi.sdk.plugin import PluginContext

_MEBIBYTE = 1024 * 1024
_NOTHING = PackedGraph(0, UUID(int=0), 0, *[b""] * 8)


class Snapshots:
    """What a process keeps of graphs, those used last; several threads ask at a time.

    Each graph is read by one of them, however many want it, so it is in memory once.
    """

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._settings = context.settings
        self._lock = Lock()
        self._kept: OrderedDict[UUID, Snapshot] = OrderedDict()
        self._reading: WeakValueDictionary[UUID, Lock] = WeakValueDictionary()

    def current(self) -> Snapshot:
        """Return the graph of the current workspace as the transaction sees it.

        Strengths fade from day to day: within a day, they are those of its beginning, so that all
        answers agree.

        :raises GraphTooLarge: if it has more ties than the deployment allows
        """
        workspace, today = current_workspace(), self._today()
        kept = self._kept_as_of(workspace, today)
        if kept is not None:
            return kept
        with self._reading_of(workspace):
            # Whoever waited has it from whoever has read it meanwhile.
            kept = self._kept_as_of(workspace, today)
            if kept is not None:
                return kept
            fresh = _read(int(self._settings["max_ties"]), today)
            self._keep(workspace, fresh)
            return fresh

    def _today(self) -> datetime:
        return self._clock().replace(hour=0, minute=0, second=0, microsecond=0)

    def _kept_as_of(self, workspace: UUID, today: datetime) -> Snapshot | None:
        """Return what is kept of a workspace, if it is the graph that the transaction sees."""
        found = ties.version()
        with self._lock:
            kept = self._kept.get(workspace)
            if kept is None or found != (kept.version, kept.stamp) or kept.at != today:
                return None
            self._kept.move_to_end(workspace)
            return kept

    def _reading_of(self, workspace: UUID) -> Lock:
        """Return what lets one thread at a time read a workspace's graph.

        Who reads waits for nobody in the database, so nobody waits for each other.
        """
        with self._lock:
            return self._reading.setdefault(workspace, Lock())

    def _keep(self, workspace: UUID, fresh: Snapshot) -> None:
        most = int(self._settings["memory_mb"]) * _MEBIBYTE
        with self._lock:
            self._kept[workspace] = fresh
            self._kept.move_to_end(workspace)
            while len(self._kept) > 1 and sum(one.bytes for one in self._kept.values()) > most:
                self._kept.popitem(last=False)


def _read(most: int, today: datetime) -> Snapshot:
    packed = ties.load(most) or _NOTHING
    graph = Snapshot(packed, today) if packed.ties <= most else None
    if graph is None or len(graph.low) > most:
        raise GraphTooLarge(
            f"This workspace has more than {most} ties, which is all that the deployment keeps in "
            "memory: an operator can raise the setting max_ties of crm_graph."
        )
    return graph
