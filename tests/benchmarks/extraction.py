"""What people notice of a plugin that is moved to its service, and back, while they work.

Contacts are made all the time, which enrichment makes proposals for; proposals are rejected; other
plugins are asked, and enrichment is again and again. It is moved meanwhile, there and back. In the
end what was acknowledged is compared with what is there.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from tests.benchmarks._import_server import PAUSE
from tests.topologies import Deployment, deployed

PLUGIN = "crm_enrichment"
#: Seconds of traffic before, between and after the moves.
SECONDS = 6.0
#: Seconds until everything that follows from the traffic must be there.
PATIENCE = 45.0
#: Seconds between two requests of one client.
BETWEEN = 0.05
#: More than the traffic has, so that nobody is told to slow down.
LIMITS = ("MEISHI_RATE_LIMIT_PER_MINUTE", "MEISHI_RATE_LIMIT_WORKSPACE_PER_MINUTE")

TARGETS = {"lost": 0, "duplicated": 0, "foreign_failures": 0}


class Client:
    """Somebody who does one thing again and again, and what came of it."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.requests = 0
        self.failures: list[str] = []
        self.done: list[str] = []
        self.away: list[float] = []

    def api(self) -> httpx.Client:
        """Return a connection of its own."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=60)

    def sent(self, api: httpx.Client, method: str, path: str, **values: Any) -> httpx.Response:
        """Return an answer; whatever is no success is a failure."""
        self.requests += 1
        answer = api.request(method, path, **values)
        if not answer.is_success:
            self.failures.append(f"{path}: {answer.status_code} {answer.text[:200]}")
        return answer


def make_contact(client: Client, api: httpx.Client) -> None:
    """Make a contact of whom the organisation can be told."""
    contact = {
        "name": {"full": "Bo Nilsson"},
        "emails": [{"address": f"{uuid4().hex}@holm-keramik.example"}],
    }
    answer = client.sent(api, "POST", "/contacts", json=contact)
    if answer.is_success:
        client.done.append(answer.json()["id"])


def read_contacts(client: Client, api: httpx.Client) -> None:
    """Read what other plugins have."""
    for path in ("/contacts?limit=1", "/qr/cards?limit=1"):
        client.sent(api, "GET", path)


def reject(client: Client, api: httpx.Client) -> None:
    """Reject a proposal, under a key until there is an answer."""
    query = {"filter[state][eq]": "proposed", "filter[field][eq]": "organisation", "limit": "1"}
    found = api.get("/enrichment/proposals", params=query)
    if not found.is_success or not found.json()["items"]:
        return
    proposal = found.json()["items"][0]["id"]
    key = {"Idempotency-Key": uuid4().hex}
    for _ in range(round(PATIENCE / BETWEEN)):
        answer = api.post(f"/enrichment/proposals/{proposal}/reject", headers=key)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            break
        time.sleep(BETWEEN)
    client.requests += 1
    if answer.is_success:
        client.done.append(proposal)
    else:
        client.failures.append(f"{answer.status_code} {answer.text[:200]}")


def ask_plugin(client: Client, api: httpx.Client) -> None:
    """Ask the plugin, and remember for how long it was away."""
    begun = time.perf_counter()
    while not api.get("/enrichment/proposals?limit=1").is_success:
        time.sleep(PAUSE / 5)
        if not client.away or client.away[-1] > 0:
            client.away.append(-begun)
    if client.away and client.away[-1] < 0:
        client.away[-1] += time.perf_counter()


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    os.environ |= dict.fromkeys(LIMITS, "100000")
    with (
        tempfile.TemporaryDirectory(prefix="meishi-bench-") as folder,
        deployed(Path(folder), elsewhere=[PLUGIN], placed=False) as made,
    ):
        token = json.loads(made.console.run("init", "--json"))["token"]
        url = made.places[0].url
        contacts, others, decisions, asking = (Client(url, token) for _ in range(4))
        with ExitStack() as stack:
            for client, does in (
                (contacts, make_contact),
                (others, read_contacts),
                (decisions, reject),
                (asking, ask_plugin),
            ):
                stack.enter_context(_again_and_again(client, does))
            time.sleep(SECONDS)
            reports = []
            for how in (("--run", made.places[1].url), ("--back",)):
                reports.append(_moved(made, *how))
                time.sleep(SECONDS)
        figures = _figures(contacts, others, decisions, asking, reports)
    holds = all(figures[name] == target for name, target in TARGETS.items())
    document = {"benchmark": "extraction", "figures": figures, "targets": TARGETS, "holds": holds}
    print(json.dumps(document))


def _figures(
    contacts: Client,
    others: Client,
    decisions: Client,
    asking: Client,
    reports: list[dict[str, Any]],
) -> dict[str, Any]:
    with contacts.api() as api:
        proposals = _complete(api, len(contacts.done))
        events = _created(api, proposals)
    of_contacts = Counter(item["contact_id"] for item in proposals)
    rejected = {item["id"] for item in proposals if item["state"] == "rejected"}
    unheard = {item["id"] for item in proposals} - events.keys()
    lost = {
        "proposals": len(set(contacts.done) - of_contacts.keys()),
        "decisions": len(set(decisions.done) - rejected),
        "events": len(unheard),
    }
    duplicated = {
        "proposals": sum(of_contacts.values()) - len(of_contacts),
        "events": sum(events.values()) - len(events),
    }
    failures = [*contacts.failures, *others.failures]
    for failure in [*failures, *decisions.failures]:
        print(f"failed: {failure}")
    print(f"lost {lost}, duplicated {duplicated}")
    return {
        "lost": sum(lost.values()),
        "duplicated": sum(duplicated.values()),
        "foreign_failures": len(failures),
        "foreign_requests": contacts.requests + others.requests,
        "contacts": len(contacts.done),
        "decisions": len(decisions.done),
        "decision_failures": len(decisions.failures),
        "rows": [sum(table["rows"] for table in report["tables"]) for report in reports],
        "held_ms": [report["pause_ms"] for report in reports],
        "pause_ms": round(max(asking.away, default=0.0) * 1000),
    }


@contextmanager
def _again_and_again(
    client: Client, does: Callable[[Client, httpx.Client], None]
) -> Iterator[None]:
    """Have a client do something in a thread of its own until the block ends."""
    stop = threading.Event()

    def run() -> None:
        with client.api() as api:
            while not stop.wait(BETWEEN):
                try:
                    does(client, api)
                except httpx.HTTPError as error:
                    client.failures.append(repr(error))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _moved(made: Deployment, *how: str) -> dict[str, Any]:
    command = ("extract", PLUGIN, *how, "--home", str(made.places[1].home), "--json")
    report: dict[str, Any] = json.loads(made.console.run(*command))
    print(f"{' '.join(how)}: {report['pause_ms']} ms")
    return report


def _complete(api: httpx.Client, expected: int) -> list[dict[str, Any]]:
    """Return the proposals once there are as many as there must be, or no more come."""
    query = {"filter[field][eq]": "organisation"}
    deadline = time.monotonic() + PATIENCE
    while len(found := _all(api, "/enrichment/proposals", query)) < expected:
        if time.monotonic() > deadline:
            break
        time.sleep(1.0)
    return found


def _created(api: httpx.Client, proposals: list[dict[str, Any]]) -> Counter[str]:
    """Return how often the feed tells of each of these proposals."""
    wanted = {item["id"] for item in proposals}
    deadline = time.monotonic() + PATIENCE
    while True:
        counted: Counter[str] = Counter()
        query = {"filter[type]": "proposal.created.v1", "from": "oldest"}
        while True:
            page = api.get("/events", params={**query, "limit": "200"}).raise_for_status().json()
            counted.update(item["data"]["proposal_id"] for item in page["items"])
            if not page["more"]:
                break
            query = {"filter[type]": "proposal.created.v1", "after": page["next_after"]}
        found = Counter({name: count for name, count in counted.items() if name in wanted})
        if wanted <= found.keys() or time.monotonic() > deadline:
            return found
        time.sleep(1.0)


def _all(api: httpx.Client, path: str, query: dict[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    query = {**query, "limit": "200"}
    while True:
        page = api.get(path, params=query).raise_for_status().json()
        found += page["items"]
        if page.get("next_after") is None:
            return found
        query["after"] = page["next_after"]


if __name__ == "__main__":
    main()
