"""The hook by which other plugins add sources of ties."""

from __future__ import annotations

from collections.abc import Sequence

from crm_graph.contract import TieSource


def graph_tie_sources() -> Sequence[TieSource]:  # type: ignore[empty-body]
    """Return where evidence of ties comes from, besides what contacts and cards say themselves."""
