"""Explanations: what a decision rests on, as it is stored beside the decision."""

from __future__ import annotations

import msgspec

from crm_viral.contract import WeighedReward, WeighedTouch


class Explanation(msgspec.Struct, frozen=True):
    """Every touch and why it won or lost, and both sides of the reward."""

    touches: tuple[WeighedTouch, ...]
    rewards: tuple[WeighedReward, ...]


def written(explanation: Explanation) -> str:
    """Return an explanation as JSON."""
    return msgspec.json.encode(explanation).decode()


def read(stored: object) -> Explanation:
    """Return an explanation from its JSON."""
    return msgspec.convert(stored, Explanation)
