"""What is specified ahead: hooks and parts of hooks whose machinery comes with a later version.

A declaration that the host would never act on is not accepted in silence. To serve one, delete
its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from meishi import __version__
from meishi.declarations import Lifetime


@dataclass(frozen=True, slots=True)
class UnservedPart:
    """A part of a hook that is served otherwise, and whether one declaration asks for it."""

    name: str
    asked: Callable[[Any], bool]


#: What is not served, by hook: all of it (None), or a part.
UNSERVED: Mapping[str, UnservedPart | None] = {
    "health": None,
    "hookspecs": None,
    "importers": None,
    "lifecycle": None,
    "meters": None,
    "metrics": None,
    "plan_features": None,
    "services": UnservedPart(
        "lifetime 'application'", lambda declared: declared.lifetime is Lifetime.APPLICATION
    ),
}


def is_served(hook: str) -> bool:
    """Whether the host acts on what a hook returns, if perhaps not on every part of it."""
    return UNSERVED.get(hook, hook) is not None


def unserved_faults(supplied: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence for each hook, or part of one, that this version does not serve.

    `supplied` holds what the implemented hooks returned, by their names.
    """
    for hook in sorted(UNSERVED.keys() & supplied.keys()):
        part, result = UNSERVED[hook], supplied[hook]
        declared = result if isinstance(result, tuple) else (result,)
        if part is None:
            yield f"hook `{hook}` is {_AHEAD}"
        elif any(part.asked(item) for item in declared):
            yield f"hook `{hook}`: {part.name} is {_AHEAD}"


_AHEAD = f"specified but not served by this version of the host ({__version__})"
