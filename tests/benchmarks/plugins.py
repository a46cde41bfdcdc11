"""What a deployment pays for its plugins: at its start, and with each request to others.

Plugins are generated: each has a contract with a service and an event, a table with its revision,
a route, a page with navigation, two schemas, settings, two permissions, a job, and a subscription
(about 150 lines). They are all installed in one database; deployments of 0, 5, 20 and 50 of
them run beside `crm_contacts`.

- `boot_ms_per_plugin`: by how much `create_app` takes longer in a new process, on the slope of a
  line through the medians; a duration by its nature. `boot_ms_0` and `boot_ms_50` are medians.
- `request_ratio_50`: median time of a request for one contact with 50 plugins, as a multiple of
  that with none; rounds of all four servers take turns.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

from tests.benchmarks._generated import add_plugins, name_of
from tests.benchmarks._limits import UNREACHED
from tests.processes import free_port, is_healthy, wait_until

from meishi.testing.packages import plugin_packages

COUNTS = (0, 5, 20, 50)
BOOTS, ROUNDS, REQUESTS = 5, 15, 200
TARGETS = {"boot_ms_per_plugin": 30.0, "request_ratio_50": 1.05}

_BOOT = """
import time
begun = time.perf_counter()
from meishi.app import create_app
from meishi.settings import load_settings
app = create_app(load_settings())
print(time.perf_counter() - begun)
app.extensions["meishi"].close()
app.extensions["meishi_location"].close()
"""


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meishi-bench-")))
        add_plugins(stack.enter_context(plugin_packages(folder)), max(COUNTS))
        environments = {count: _environment(folder, count) for count in COUNTS}
        token = _prepared(environments[max(COUNTS)])
        ports = {}
        for count in COUNTS:
            ports[count] = free_port()
            process = _served(environments[count], ports[count])
            stack.callback(_ended, process)
            wait_until(lambda port=ports[count]: is_healthy(port), "healthy")  # type: ignore[misc]
        requests = _requests(ports, token)
        boots: dict[int, list[float]] = {count: [] for count in COUNTS}
        for _ in range(BOOTS):
            for count in COUNTS:
                boots[count].append(_boot(environments[count]))
    report(boots, requests)


def _environment(folder: Path, count: int) -> dict[str, str]:
    plugins = ",".join(["crm_contacts", *map(name_of, range(count))])
    return {
        **os.environ,
        **UNREACHED,
        "MEISHI_HOME": str(folder / "home"),
        "MEISHI_PLUGINS": plugins,
        "MEISHI_WORKERS": "1",
        "MEISHI_BOOT_POLICY": "strict",
        "PYTHONPATH": os.pathsep.join([str(folder), str(Path.cwd())]),
    }


def _prepared(environment: dict[str, str]) -> str:
    """Install all plugins, make a workspace, and return a token."""
    command = [sys.executable, "-P", "-m", "meishi", "init", "--json"]
    made = subprocess.run(command, env=environment, check=True, capture_output=True)
    return str(json.loads(made.stdout)["token"])


def _served(environment: dict[str, str], port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "meishi", "serve", "--port", str(port)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet)


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(60)


def _boot(environment: dict[str, str]) -> float:
    command = [sys.executable, "-P", "-c", _BOOT]
    done = subprocess.run(command, env=environment, check=True, capture_output=True)
    return float(done.stdout)


def _requests(ports: dict[int, int], token: str) -> dict[int, list[float]]:
    """Return the median time of a request in each round, for each server."""
    clients = {count: HTTPConnection("127.0.0.1", port) for count, port in ports.items()}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = json.dumps({"name": {"full": "Ada Byron"}})
    clients[0].request("POST", "/api/v1/contacts", body, headers)
    path = f"/api/v1/contacts/{json.loads(clients[0].getresponse().read())['id']}"
    found: dict[int, list[float]] = {count: [] for count in ports}
    for number in range(ROUNDS + 1):
        for count, client in clients.items():
            times = []
            for _ in range(REQUESTS):
                begun = time.perf_counter()
                client.request("GET", path, headers=headers)
                answer = client.getresponse()
                answer.read()
                times.append(time.perf_counter() - begun)
                assert answer.status == 200
            if number:  # in the first round, everything is done for the first time
                found[count].append(statistics.median(times))
    return found


def report(boots: dict[int, list[float]], requests: dict[int, list[float]]) -> None:
    """Print the figures, and whether all targets are met."""
    medians = {count: statistics.median(found) * 1000 for count, found in boots.items()}
    slope = statistics.linear_regression([*medians], [*medians.values()]).slope
    ratios = {
        count: statistics.median(a / b for a, b in zip(found, requests[0], strict=True))
        for count, found in requests.items()
    }
    figures = {
        **{f"boot_ms_{count}": round(value) for count, value in medians.items()},
        "boot_ms_per_plugin": round(slope, 1),
        "request_ms_0": round(statistics.median(requests[0]) * 1000, 2),
        **{f"request_ratio_{count}": round(ratios[count], 3) for count in COUNTS if count},
    }
    holds = all(figures[name] <= most for name, most in TARGETS.items())
    document = {"benchmark": "plugins", "figures": figures, "targets": TARGETS, "holds": holds}
    print(json.dumps(document))


if __name__ == "__main__":
    main()
