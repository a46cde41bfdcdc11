"""The benchmark of searches, with few contacts: whom it asks for is there, in every way it asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.benchmarks import search
from tests.benchmarks._contact_questions import LISTS, SEARCHES

_SIZES = [800, 200, 200]


def test_searches_are_measured_in_every_way(tmp_path: Path) -> None:
    """Of each kind there is a figure; who is not found, or is not known again, would end it."""
    figures = search.measured(tmp_path, _SIZES, times=3)
    assert {*figures["lists"]} == {*LISTS, "further pages"}
    assert {*figures["searches"]} == {*SEARCHES}
    for name in search.TARGETS:
        found = figures.get(f"{name}_most", figures[name])
        assert min(found["quiet_p95_ms"], found["p95_ms"]) > 0
    assert figures["index_bytes"]["contact_word_pkey"] > 0
    _is_kept(tmp_path, figures["written_per_s"])


def _is_kept(folder: Path, written_per_s: int) -> None:
    """What was written is asked again another time; who wants others is told so."""
    assert search.measured(folder, _SIZES, times=2)["written_per_s"] == written_per_s
    with pytest.raises(SystemExit, match="other contacts"):
        search.measured(folder, [800, 400], times=1)
