"""What is read from a text, and where in it that stands."""

from __future__ import annotations

from dataclasses import dataclass

from crm_enrichment.contract import Part

__all__ = ["Part", "Passage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A value, and the passage of the text from `start` to `end` that says it.

    `confidence` is from 0 to 1: what, beside the passage itself, speaks for it.
    """

    part: Part
    value: str
    start: int
    end: int
    confidence: float
