"""Why two people are tied: what each source says, in short."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from crm_graph.contract import TieReason
from crm_graph.repository.evidence import Said
from crm_graph.strength import decayed, scaled


def reasons(said: Sequence[Said], at: datetime) -> tuple[TieReason, ...]:
    """Return a reason for each source, those that weigh most at a time first."""
    found = [
        _reason(source, list(pieces), at)
        for source, pieces in groupby(sorted(said, key=lambda piece: piece[0]), lambda p: p[0])
    ]
    return tuple(sorted(found, key=lambda reason: (-reason.weight, reason.source)))


def _reason(source: str, pieces: Sequence[Said], at: datetime) -> TieReason:
    times = [occurred_at for _, _, occurred_at in pieces if occurred_at is not None]
    return TieReason(
        source=source,
        count=len(pieces),
        weight=sum(
            weight if time is None else float(decayed(scaled(weight, time), at))
            for _, weight, time in pieces
        ),
        last_at=max(times, default=None),
    )
