"""How many contacts benchmarks have: what their figures are about, or fewer while one tries."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

#: Takes the place of a benchmark's own number.
VARIABLE = "MEISHI_BENCH_CONTACTS"


def contacts(usual: int) -> int:
    """Return how many contacts are wanted."""
    return int(os.environ.get(VARIABLE, usual))


def shares(usual: Sequence[int]) -> list[int]:
    """Return in what proportion workspaces share them."""
    given = os.environ.get("MEISHI_BENCH_SHARES")
    return list(usual) if given is None else [int(part) for part in given.split(",")]


@contextmanager
def bench_home() -> Iterator[Path]:
    """Lend a data folder: one that is kept where somebody names it, or else one for this time."""
    kept = os.environ.get("MEISHI_BENCH_HOME")
    if kept is None:
        with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder:
            yield Path(folder)
    else:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
