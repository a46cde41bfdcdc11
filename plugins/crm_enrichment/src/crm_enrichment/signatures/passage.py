"""What is read from a text, and where in it that stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a passage tells of a person."""

    NAME = "name"
    TITLE = "title"
    ORGANISATION = "organisation"
    DEPARTMENT = "department"
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"
    ADDRESS = "address"


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
