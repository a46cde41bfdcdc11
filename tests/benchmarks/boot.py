"""How long `meishi serve` takes from its start to the first good answer, on a warm data folder.

The limit is a duration by its nature (a person waits for it), so it is measured in seconds;
`python_seconds` is the same machine's bare start of an interpreter that imports Flask and
SQLAlchemy, for comparison.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.processes import free_port, is_healthy, wait_until

ROUNDS = 7
LIMIT_SECONDS = 2.5


def first_ok_seconds(home: Path) -> float:
    """Start `meishi serve`, wait for `/health` to answer 200, stop it; return the wait."""
    port = free_port()
    started = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "meishi", "serve", "--port", str(port)],
        env={**os.environ, "MEISHI_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: is_healthy(port), "healthy", every=0.005)
        return time.perf_counter() - started
    finally:
        server.terminate()
        server.wait(30)


def python_seconds() -> float:
    """Return how long an interpreter takes that only imports what everybody has to."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask, sqlalchemy.orm, psycopg"], check=True)
    return time.perf_counter() - started


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder:
        home = Path(folder)
        cold = first_ok_seconds(home)
        pairs = [(first_ok_seconds(home), python_seconds()) for _ in range(ROUNDS)]
    warm = statistics.median(pair[0] for pair in pairs)
    bare = statistics.median(pair[1] for pair in pairs)
    for seconds, python in pairs:
        print(f"serve {seconds:.2f} s, bare imports {python:.2f} s")
    figures = {
        "first_ok_seconds": round(warm, 3),
        "cold_first_ok_seconds": round(cold, 3),
        "python_seconds": round(bare, 3),
        "ratio_to_python": round(warm / bare, 2),
    }
    targets = {"first_ok_seconds": LIMIT_SECONDS}
    holds = warm <= LIMIT_SECONDS
    print(json.dumps({"benchmark": "boot", "figures": figures, "targets": targets, "holds": holds}))


if __name__ == "__main__":
    main()
