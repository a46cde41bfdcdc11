"""The benchmark of searches, with few contacts: whom it asks for is there, in every way it asks."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks import search
from tests.benchmarks._contact_questions import LISTS, SEARCHES


def test_searches_are_measured_in_every_way(tmp_path: Path) -> None:
    """Of each kind there is a figure; who is not found, or is not known again, would end it."""
    figures = search.measured(tmp_path, 1_600, times=3)
    assert {*figures["lists"]} == {*LISTS, "further pages"}
    assert {*figures["searches"]} == {*SEARCHES}
    for name in search.TARGETS:
        found = figures.get(f"{name}_most", figures[name])
        assert min(found["quiet_p95_ms"], found["p95_ms"]) > 0
    assert figures["index_bytes"]["contact_word_pkey"] > 0
