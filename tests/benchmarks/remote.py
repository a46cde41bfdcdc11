"""What it costs that a plugin runs as a service of its own.

A call: one query of the contract of enrichment, through the registry, against the same request by
a bare httpx client to the same server, in pairs one after the other. The whole: an import until all
proposals are there that follow from it, in one piece and with enrichment as a service.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from uuid import UUID

import httpx
from tests.benchmarks._address_books import address_book
from tests.benchmarks._import_server import PAUSE, Api
from tests.topologies import TOKEN, TOPOLOGIES, Deployment, deployed

from crm_enrichment.contract import Proposals
from meishi.calls.codec import CallCodec
from meishi.calls.elsewhere import CallName
from meishi.calls.rules import contract_methods
from meishi.command.deployment import Deployment as Commands
from meishi.core.identity.contract import Workspaces
from meishi.remote.wire import ACTING, JSON, acting_in, call_path

CALLS = 400
ROUNDS = 3
CONTACTS = 2_000
#: The most that the registry, its protection and its encoding may add to a bare request.
MOST_CALL_RATIO = 2.0
#: Seconds without another proposal after which there will be none.
QUIET = 5.0


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    book = address_book(CONTACTS)
    ratios: list[float] = []
    calls: list[float] = []
    measured = ("one", "split")
    seconds: dict[str, list[float]] = {name: [] for name in measured}
    for _ in range(ROUNDS):
        for name in measured:
            elsewhere = TOPOLOGIES[name]
            with (
                tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder,
                deployed(Path(folder), elsewhere=elsewhere) as made,
            ):
                seconds[name].append(_until_all_is_proposed(made, book))
                if elsewhere:
                    ours, ratio = _calls(made)
                    calls.append(ours)
                    ratios.append(ratio)
            print(f"{name}: {seconds[name][-1]:.2f} s until all is proposed")
        print(f"a call {calls[-1] * 1000:.2f} ms, {ratios[-1]:.2f} of a bare request")
    pairs = zip(seconds["split"], seconds["one"], strict=True)
    figures = {
        "call_ratio": round(statistics.median(ratios), 3),
        "call_ms": round(statistics.median(calls) * 1000, 2),
        "split_ratio": round(statistics.median(split / one for split, one in pairs), 3),
        "one_per_s": round(CONTACTS / statistics.median(seconds["one"])),
        "split_per_s": round(CONTACTS / statistics.median(seconds["split"])),
    }
    targets = {"call_ratio": f"<= {MOST_CALL_RATIO}"}
    holds = figures["call_ratio"] <= MOST_CALL_RATIO
    print(
        json.dumps({"benchmark": "remote", "figures": figures, "targets": targets, "holds": holds})
    )


def _until_all_is_proposed(made: Deployment, book: bytes) -> float:
    """Return the seconds from the start of an import to the last proposal that it leads to."""
    token = json.loads(made.console.run("init", "--json"))["token"]
    started = time.perf_counter()
    Api(made.places[0].port, token).imported(book)
    found, last = 0, time.perf_counter()
    while time.perf_counter() - last < QUIET:
        time.sleep(PAUSE)
        now = _proposed(made, token)
        if now != found:
            found, last = now, time.perf_counter()
    if not found:
        raise SystemExit("nothing was proposed")
    return last - started


def _proposed(made: Deployment, token: str) -> int:
    answer = httpx.get(
        f"{made.console.url}/api/v1/enrichment/proposals",
        params={"limit": 1, "total": "true"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    return int(answer.json()["total"]) if answer.is_success else 0


def _calls(made: Deployment) -> tuple[float, float]:
    """Return the seconds of a call, and their ratio to those of a bare request."""
    main, service = made.places
    environment = {"MEISHI_HOME": str(main.home), **main.environment}
    with closing(Commands(None, environment=environment)) as commands:
        host = commands.host()
        with host.scope():
            workspace: UUID = host.calls.get(Workspaces).all()[0].id
        method = contract_methods(Proposals)["page"]
        name = CallName(plugin="crm_enrichment", protocol="Proposals", method="page")
        document = CallCodec(method).encode_arguments((), {"limit": 10})
        with (
            host.scope(workspace=workspace, plugin="crm_contacts") as scope,
            httpx.Client(base_url=service.url) as bare,
        ):
            headers = {
                "Authorization": f"Bearer {TOKEN}",
                "Content-Type": JSON,
                ACTING: acting_in(scope),
            }
            ours: list[float] = []
            theirs: list[float] = []
            for _ in range(CALLS):
                begun = time.perf_counter()
                host.calls.get(Proposals).page(limit=10)
                between = time.perf_counter()
                bare.post(call_path(name), content=document, headers=headers).raise_for_status()
                ours.append(between - begun)
                theirs.append(time.perf_counter() - between)
    return statistics.median(ours), statistics.median(ours) / statistics.median(theirs)


if __name__ == "__main__":
    main()
