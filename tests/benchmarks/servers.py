"""Which WSGI server: the same application and request under granian, gunicorn and waitress.

One worker with the same number of threads each, on an embedded database, loaded by `wrk` over
loopback; rounds are interleaved and medians reported. Needs Debian's `wrk`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks._limits import UNREACHED
from tests.processes import free_port, is_healthy, wait_until

ROUNDS = 7
SECONDS = 3
THREADS = 4
CONNECTIONS = 8
BIN = Path(sys.executable).parent
FACTORY = "meishi.serving:application"


def commands(port: int) -> dict[str, list[str]]:
    """Return how each server is started."""
    place = f"127.0.0.1:{port}"
    return {
        "granian": [
            *(str(BIN / "granian"), "--interface", "wsgi", "--factory", "--port", str(port)),
            *("--workers", "1", "--blocking-threads", str(THREADS), "--no-ws", FACTORY),
        ],
        "gunicorn": [
            *(str(BIN / "gunicorn"), "--bind", place, "--workers", "1"),
            *("--threads", str(THREADS), "--log-level", "error", f"{FACTORY}()"),
        ],
        "waitress": [
            *(str(BIN / "waitress-serve"), f"--listen={place}", f"--threads={THREADS}"),
            *("--call", FACTORY),
        ],
    }


@contextmanager
def running(name: str, environment: dict[str, str]) -> Iterator[int]:
    """Run one server, and yield its port once it answers."""
    port = free_port()
    server = subprocess.Popen(
        commands(port)[name],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: is_healthy(port), f"{name} healthy")
        yield port
    finally:
        server.terminate()
        server.wait(30)


@dataclass(frozen=True, slots=True)
class Load:
    """What one server did under load: successful requests per second, and latencies."""

    per_s: float
    p50_ms: float
    p99_ms: float


def loaded(port: int, path: str, token: str) -> Load:
    """Load one address for a while."""
    output = subprocess.run(
        [
            *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "--latency"),
            *("-H", f"Authorization: Bearer {token}", f"http://127.0.0.1:{port}{path}"),
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in output or "Socket errors" in output:
        raise SystemExit(f"not all requests were answered:\n{output}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if rate is None:
        raise SystemExit(f"wrk printed no figure:\n{output}")
    return Load(float(rate[1]), _milliseconds(output, "50%"), _milliseconds(output, "99%"))


def _milliseconds(output: str, percentile: str) -> float:
    found = re.search(rf"^\s+{percentile}\s+([\d.]+)(us|ms|s)$", output, re.MULTILINE)
    if found is None:
        raise SystemExit(f"wrk printed no latency:\n{output}")
    return float(found[1]) * {"us": 0.001, "ms": 1.0, "s": 1000.0}[found[2]]


def prepare(environment: dict[str, str]) -> tuple[str, str]:
    """Create a workspace with one contact; return a token and the contact's address."""
    meishi = [sys.executable, "-m", "meishi"]
    created = subprocess.run(
        [*meishi, "init", "--json"], env=environment, check=True, capture_output=True
    )
    token: str = json.loads(created.stdout)["token"]
    with running("granian", environment) as port:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/contacts",
            data=json.dumps({"name": {"full": "Anna Lindqvist"}}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return token, f"/api/v1/contacts/{json.load(response)['id']}"


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing: apt install wrk")
    measured: dict[str, list[Load]] = {name: [] for name in commands(0)}
    with tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder:
        environment = {**os.environ, **UNREACHED, "MEISHI_HOME": folder}
        token, path = prepare(environment)
        for number in range(ROUNDS):
            for name, loads in measured.items():
                with running(name, environment) as port:
                    loaded(port, path, token)
                    loads.append(loaded(port, path, token))
            print(
                f"round {number + 1}:", {name: round(r[-1].per_s) for name, r in measured.items()}
            )
    report(measured)


def report(measured: dict[str, list[Load]]) -> None:
    """Print medians, and our server's rate over the others' round by round."""
    figures: dict[str, float] = {}
    for name, loads in measured.items():
        figures[f"{name}_per_s"] = round(statistics.median(load.per_s for load in loads))
        figures[f"{name}_p50_ms"] = round(statistics.median(load.p50_ms for load in loads), 1)
        figures[f"{name}_p99_ms"] = round(statistics.median(load.p99_ms for load in loads), 1)
    ratios = {
        f"granian_vs_{name}": round(
            statistics.median(
                ours.per_s / theirs.per_s
                for ours, theirs in zip(measured["granian"], loads, strict=True)
            ),
            2,
        )
        for name, loads in measured.items()
        if name != "granian"
    }
    result = {
        "benchmark": "servers",
        "figures": figures | ratios,
        "targets": dict.fromkeys(ratios, 1.0),
        "holds": all(value >= 1.0 for value in ratios.values()),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
