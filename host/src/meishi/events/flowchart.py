"""The catalogue as a Mermaid flowchart: from who publishes, through the types, to who listens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meishi.declarations import DeliveryMode
from meishi.events.event_map import EventMap, Listener, MappedType

#: What means nothing in a quoted label; all else is written as its number.
_PLAIN = re.compile(r"[^\w .-]")


def flowchart(found: EventMap) -> str:
    """Return the chart: thick arrows inside the transaction, dotted ones after the commit.

    Nodes have numbers for names, since a type or plugin may be called like a word of Mermaid's.
    """
    plugins = _numbered("p", found.concerned)
    types = _numbered("e", [item.name for item in found.types])
    lines = ["flowchart LR"]
    lines += [
        f'    {number}["{_label(found.titles.get(name, name))}<br/>{_label(name)}"]'
        for name, number in plugins.items()
    ]
    lines += [f'    {types[item.name]}(["{_label(item.name)}"])' for item in found.types]
    for item in found.types:
        lines += [f"    {line}" for line in _arrows(item, plugins, types)]
    retired = [types[item.name] for item in found.types if item.read_as]
    if retired:
        lines.append("    classDef retired stroke-dasharray: 4 4")
        lines.append(f"    class {','.join(retired)} retired")
    return "\n".join(lines) + "\n"


def _numbered(prefix: str, names: list[str]) -> dict[str, str]:
    return {name: f"{prefix}{number}" for number, name in enumerate(names)}


def _arrows(item: MappedType, plugins: dict[str, str], types: dict[str, str]) -> Iterator[str]:
    node = types[item.name]
    if item.read_as is not None:
        yield f'{node} -->|"read as"| {types[item.read_as]}'
    elif item.owner is not None:
        yield f"{plugins[item.owner]} --> {node}"
    for listener in item.listeners:
        yield f"{node} {_arrow(listener)} {plugins[listener.plugin]}"


def _arrow(listener: Listener) -> str:
    if listener.mode is DeliveryMode.IN_TRANSACTION:
        return "==>"
    name = listener.subscription.partition(".")[2]
    return f'-.->|"{_label(name)}"|'


def _label(text: str) -> str:
    """Return a text that a quoted label shows as it is."""
    return _PLAIN.sub(lambda found: f"#{ord(found[0])};", text)
