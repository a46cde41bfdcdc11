"""What is specified ahead: hooks whose machinery comes with a later version.

A declaration that the host would never act on is not accepted in silence. To serve one, delete
its name here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from meishi import __version__

#: The hooks that are not served.
UNSERVED = frozenset({"meters", "plan_features"})


def is_served(hook: str) -> bool:
    """Whether the host acts on what a hook returns."""
    return hook not in UNSERVED


def unserved_faults(supplied: Mapping[str, Any]) -> Iterator[str]:
    """Yield one sentence for each hook that this version does not serve.

    `supplied` holds what the implemented hooks returned, by their names.
    """
    for hook in sorted(UNSERVED & supplied.keys()):
        yield f"hook `{hook}` is {_AHEAD}"


_AHEAD = f"specified but not served by this version of the host ({__version__})"
