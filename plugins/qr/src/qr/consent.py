"""What visitors agree to who leave their card: every version that was ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentWords:
    """The words of one version; whoever changes one adds a version instead."""

    version: str
    text: str
    purpose: str


_FIRST = ConsentWords(
    version="2026-11",
    text=(
        "I agree that the person whose card this is, and those who work with them, keep the "
        "details that I enter here. I can ask them at any time to see, correct or erase these."
    ),
    purpose="To stay in contact with me. The details are not used for anything else.",
)

#: By version. What a page that was open for a while has shown is still here.
CONSENTS: Mapping[str, ConsentWords] = {_FIRST.version: _FIRST}

CURRENT_CONSENT = _FIRST
