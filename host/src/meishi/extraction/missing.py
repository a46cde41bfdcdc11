"""What the main deployment does not have any more of a plugin that runs elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any

from meishi.extraction.reasons import Reason, misses
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.placing import placed
from meishi.placement import Placement

#: What is missed, by the part of a contribution, and of its schemas.
MISSED = {
    "public_pages": "Visitors do not get its public pages.",
    "cli": "Its commands are the service's: run them there.",
    "importers": "Its importers are not offered.",
    "exporters": "Its exporters are not offered.",
}

#: What goes on over there as it did here, so that nobody misses it.
ELSEWHERE = frozenset(
    {
        *("versions", "event_handlers", "merge_handlers", "jobs", "lifecycle", "implementations"),
        "schemas.db",
    }
)

_SOMEWHERE = Placement(url="https://service.example", token="x" * 32)


def missed_of(contribution: Contribution) -> Iterator[Reason]:
    """Yield what a plugin has that stays behind when it runs elsewhere."""
    for part in dropped(contribution):
        if part in MISSED:
            code = part.rpartition(".")[2].replace("_", "-")
            yield misses(code, MISSED[part])


def dropped(contribution: Contribution) -> Iterator[str]:
    """Yield the parts that a plugin has, and that what stands for it elsewhere has not."""
    here = replace(contribution, placement=None)
    there = placed(here, _SOMEWHERE, hooked=True)
    left = _parts(there)
    yield from (name for name, value in _parts(here).items() if value and not left[name])


def _parts(contribution: Contribution) -> Mapping[str, Any]:
    found = {item.name: getattr(contribution, item.name) for item in fields(contribution)}
    schemas = found.pop("schemas")
    return found | {f"schemas.{item.name}": getattr(schemas, item.name) for item in fields(schemas)}
