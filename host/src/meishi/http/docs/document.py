"""An OpenAPI document as the page reads it: whatever is missing or odd in it reads as empty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

Json = Mapping[str, Any]

_SCHEMAS = "#/components/schemas/"


def as_object(value: object) -> Json:
    """Return a JSON object, or an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> Sequence[Any]:
    """Return a JSON array, or an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Return a string, or an empty one."""
    return value.strip() if isinstance(value, str) else ""


def anchors(prefix: str, names: Iterable[str]) -> dict[str, str]:
    """Return an id for each name: readable, unique, and free of what an address must quote."""
    found: dict[str, str] = {}
    for name in names:
        base = f"{prefix}-{re.sub(r'[^A-Za-z0-9._-]+', '-', name).strip('-')}"
        anchor, number = base, 1
        while anchor in found.values():
            number += 1
            anchor = f"{base}-{number}"
        found[name] = anchor
    return found


class Document:
    """The document, with its references resolved on demand."""

    def __init__(self, content: Json) -> None:
        self.content = content
        self.components = as_object(content.get("components"))
        self.schemas = as_object(self.components.get("schemas"))
        self.schema_anchors = anchors("schema", self.schemas)

    def resolve(self, node: object) -> Json:
        """Return an object, or what its `$ref` leads to with the members beside it.

        A reference that leads nowhere, out of the document or back to itself reads as empty.
        """
        found, followed = as_object(node), set[str]()
        while isinstance(reference := found.get("$ref"), str):
            beside = {name: value for name, value in found.items() if name != "$ref"}
            if reference in followed:
                return beside
            followed.add(reference)
            found = {**as_object(self._target(reference)), **beside}
        return found

    def schema_name(self, node: object) -> str | None:
        """Return the name of the schema that an object refers to, if it is one of the document."""
        reference = as_text(as_object(node).get("$ref"))
        name = _unescaped(reference.removeprefix(_SCHEMAS))
        return name if reference.startswith(_SCHEMAS) and name in self.schemas else None

    def _target(self, reference: str) -> object:
        target: object = self.content if reference.startswith("#/") else None
        for step in reference.split("/")[1:]:
            if isinstance(target, list) and step.isdecimal() and int(step) < len(target):
                target = target[int(step)]
            else:
                target = as_object(target).get(_unescaped(step))
        return target


def _unescaped(step: str) -> str:
    """Return a step of a JSON pointer (RFC 6901, 6) as the member's name."""
    return unquote(step).replace("~1", "/").replace("~0", "~")
