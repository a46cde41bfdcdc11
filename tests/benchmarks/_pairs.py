"""Pairs of records of one person, and how good those are that somebody has found."""

from __future__ import annotations

Rows = list[dict[str, str | None]]
Pair = tuple[str, str]


def quality(name: str, found: set[Pair], truth: set[Pair]) -> dict[str, float]:
    """Return precision, recall and F1 of found pairs."""
    right = len(found & truth)
    precision, recall = right / max(len(found), 1), right / len(truth)
    return {
        f"precision_{name}": round(precision, 4),
        f"recall_{name}": round(recall, 4),
        f"f1_{name}": round(2 * right / max(len(found) + len(truth), 1), 4),
    }
