"""Patterns in the OpenAPI document, in the dialect that JSON Schema means."""

from __future__ import annotations

from typing import Any

#: Python's words for the ends of a text, and those of JavaScript.
_ENDS = ((r"\A", "^"), (r"\Z", "$"))


def translate_patterns(node: object) -> None:
    """Write all patterns in a document as JavaScript reads them, anchored as marshmallow does.

    Python looks for the pattern of a field at the beginning of a value only.
    """
    if isinstance(node, dict):
        pattern = node.get("pattern")
        if isinstance(pattern, str):
            node["pattern"] = _translated(pattern)
        for value in node.values():
            translate_patterns(value)
    elif isinstance(node, list):
        for value in node:
            translate_patterns(value)


def _translated(pattern: Any) -> str:
    for ours, theirs in _ENDS:
        pattern = pattern.replace(ours, theirs)
    return pattern if pattern.startswith("^") else f"^(?:{pattern})"
