"""The tie sources that other plugins supply."""

from __future__ import annotations

from collections.abc import Mapping

from crm_graph.contract import TieSource
from crm_graph.points import graph_tie_sources
from meishi.sdk.hooks import Implementation, extensions


def sources() -> Mapping[str, tuple[Implementation[TieSource], TieSource]]:
    """Return each source under its name, with the plugin that supplies it: `<plugin>.<name>`."""
    return {
        f"{found.plugin}.{source.name}": (found, source)
        for found in extensions(graph_tie_sources)
        for source in found.items
    }
