from __future__ import annotations

import pytest
from tests.benchmarks.signatures import FILES, TARGETS, figures, gold

pytestmark = pytest.mark.no_calls


@pytest.mark.parametrize("kind", FILES)
def test_gold_signatures_are_read_as_well_as_promised(kind: str) -> None:
    """Precision, F1 and calibration keep their targets, also where no rule was written for it."""
    found = figures(gold(FILES[kind]))
    assert {name: found[name] for name in TARGETS if found[name] < TARGETS[name]} == {}


def test_gold_set_is_large_and_varied() -> None:
    """The figures speak of many signatures in many languages, each of them another."""
    signatures = [signature for file in FILES.values() for signature in gold(file)]
    assert len({signature["text"] for signature in signatures}) >= 150
    assert len({signature["language"] for signature in signatures}) >= 10
