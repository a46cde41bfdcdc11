"""Reasons: what is to be said of running a plugin as a service."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """What a reason means: the plugin must stay, something of it is missed, or is to be known."""

    PINS = "pins"
    MISSES = "misses"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason. `code` is stable, `message` a sentence for people.

    `others` are the plugins that would have to move along, or come back.
    """

    weight: Weight
    code: str
    message: str
    others: tuple[str, ...] = ()


def pins(code: str, message: str, *others: str) -> Reason:
    """Return a reason why a plugin must stay."""
    return Reason(weight=Weight.PINS, code=code, message=message, others=others)


def misses(code: str, message: str, *others: str) -> Reason:
    """Return what the main deployment does not have any more of a plugin that runs elsewhere."""
    return Reason(weight=Weight.MISSES, code=code, message=message, others=others)


def note(code: str, message: str, *others: str) -> Reason:
    """Return what operators should know."""
    return Reason(weight=Weight.NOTE, code=code, message=message, others=others)
