"""Mermaid diagrams as SVG in the page: drawn while the site is built, without any script."""

from __future__ import annotations

from collections.abc import Mapping

from mermaid_render import convert
from pymdownx.superfences import SuperFencesException


def draw(
    source: str,
    _language: str,
    css_class: str,
    _options: Mapping[str, str],
    _markdown: object,
    **_attributes: object,
) -> str:
    """Return a figure with the diagram of a fenced block; its colours are those of the page.

    A diagram that cannot be drawn fails the build.
    """
    try:
        drawn = convert(source, format="svg").decode("utf-8")
    except Exception as fault:
        # Anything else would be swallowed, and the block shown as it was written.
        start = " ".join(source.split())[:60]
        message = f"the Mermaid diagram '{start} ...' cannot be drawn: {fault}"
        raise SuperFencesException(message) from fault
    return f'<figure class="{css_class}">{drawn}</figure>'
