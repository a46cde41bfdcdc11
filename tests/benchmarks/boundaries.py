"""What the walls between plugins cost a request: roles, row security, the gate, proxies.

One process answers WSGI requests without a server in front of it, in turn with its walls and
without them (see `_without_walls`), on databases of one embedded PostgreSQL; without a server's
share the percentages come out higher than they are in production. Figures are medians of the
differences of interleaved pairs, over the median of the side that has less.

- `single_plugin_overhead`: reading one contact over the web API, against the same application
  without walls.
- `crossing_overhead`: a request in which one of three look-ups is made by another plugin,
  through its contract and in the same transaction, against the same three look-ups in the own
  plugin. `command_overhead` is the same with a change, which runs in a savepoint of its own.
"""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql
from sqlalchemy import make_url
from tests.benchmarks._crossing import HOME, PEER, files_of
from tests.benchmarks._without_walls import open_application, take_policies_down
from werkzeug.test import EnvironBuilder, run_wsgi_app

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import DRIVER, Location
from meishi.settings import load_settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import plugin_packages

ROUNDS = 5
PAIRS = 1_000
WARM_UP = 300
TARGETS = {"single_plugin_overhead_percent": 5.0, "crossing_overhead_percent": 15.0}
PLUGINS = ("crm_contacts", HOME, PEER)
CONTACTS = 1_000

Call = Callable[[], object]


def request(app: Flask, workspace: WorkspaceUnderTest, path: str) -> Call:
    """Return what sends one request to the application, and checks that it is answered."""
    prepared = EnvironBuilder(path=path, headers=[*workspace.headers.items()]).get_environ()

    def call() -> bytes:
        body, status, _ = run_wsgi_app(app, dict(prepared))
        content = b"".join(body)
        if status != "200 OK":
            raise SystemExit(f"{path}: {status} {content.decode()}")
        return content

    return call


def seconds(call: Call) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def overhead(more: Call, less: Call) -> tuple[float, float]:
    """Return what `more` takes longer than `less`: in microseconds, and in percent of it."""
    assert more() == less(), "the two answer differently"
    for _ in range(WARM_UP):
        more(), less()
    found: list[tuple[float, float]] = []
    for number in range(PAIRS):
        if number % 2:
            a, b = seconds(more), seconds(less)
        else:
            b, a = seconds(less), seconds(more)
        found.append((a, b))
    base = statistics.median(b for _, b in found)
    longer = statistics.median(a for a, _ in found) - base
    return longer * 1e6, longer / base * 100


def fill(administrator_url: str, workspace: WorkspaceUnderTest) -> None:
    """Give both small plugins an item, the planner its statistics."""
    with psycopg.connect(administrator_url, autocommit=True) as connection:
        for name in (HOME, PEER):
            connection.execute(
                sql.SQL("INSERT INTO {} VALUES (%s, %s, 'An item', 0)").format(
                    sql.Identifier(name, "item")
                ),
                [workspace.id, workspace.id],
            )
        connection.execute("ANALYZE")


def contact_ids(app: Flask, workspace: WorkspaceUnderTest) -> list[str]:
    """Create contacts, and return their ids."""
    client = app.test_client()
    return [
        client.post(
            "/api/v1/contacts",
            json={
                "name": {"full": f"Person {number}"},
                "emails": [{"address": f"p{number}@example.com"}],
                "phones": [{"number": "+46 70 123 45 67"}],
            },
            headers=workspace.headers,
        ).get_json()["id"]
        for number in range(CONTACTS)
    ]


@contextmanager
def copy_of(location: Location) -> Iterator[Location]:
    """Lend a copy of a database that nobody uses at the moment."""
    administrator = make_url(location.administrator_url().replace("postgresql", DRIVER, 1))
    name = f"{administrator.database}_open"
    elsewhere = administrator.set(drivername="postgresql", database="postgres")
    with psycopg.connect(elsewhere.render_as_string(False), autocommit=True) as connection:
        names = sql.Identifier(name), sql.Identifier(str(administrator.database))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        try:
            url = administrator.set(drivername="postgresql", database=name)
            yield Location(url.render_as_string(False), url.render_as_string(False))
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(names[0]))


def measured(stack: ExitStack) -> Iterator[tuple[str, Call, Call]]:
    """Yield what is compared: the figure's name, what has more walls, and what has less."""
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meishi-bench-")))
    packages = stack.enter_context(plugin_packages(folder))
    packages.add(PEER, files=files_of(PEER), api_prefix="peer")
    packages.add(HOME, files=files_of(HOME), api_prefix="home", requires={PEER: "*"})
    overrides: dict[str, Any] = {
        "home": str(folder / "home"), "deployment": "bench", "boot_policy": "strict",
        "plugins": [*PLUGINS],
    }  # fmt: skip
    settings = load_settings(environment={}, overrides=overrides)
    server = stack.enter_context(EmbeddedPostgres(settings.home, durable=False))
    location = stack.enter_context(TestDatabases(server, settings).clone())
    walled = create_app(settings, location=location)
    stack.callback(walled.extensions["meishi"].close)
    workspace = found_workspace(walled.extensions["meishi"], "one")
    contact = f"/api/v1/contacts/{contact_ids(walled, workspace)[CONTACTS // 2]}"
    fill(location.administrator_url(), workspace)
    walled.extensions["meishi"].close()
    peer = stack.enter_context(copy_of(location))
    take_policies_down(peer.administrator_url(), [*PLUGINS, "identity"])
    bare = open_application(settings, peer)
    stack.callback(bare.extensions["meishi"].close)
    yield (
        "single_plugin_overhead",
        request(walled, workspace, contact),
        request(bare, workspace, contact),
    )
    for name, what in (("crossing_overhead", "title"), ("command_overhead", "read")):
        yield (
            name,
            request(walled, workspace, f"/api/v1/home/across/{what}/{workspace.id}"),
            request(walled, workspace, f"/api/v1/home/inside/{what}/{workspace.id}"),
        )


def main() -> None:
    """Measure, and print one JSON document as the last line."""
    with ExitStack() as stack:
        found: dict[str, list[tuple[float, float]]] = {}
        compared = list(measured(stack))
        gc.freeze()
        for _ in range(ROUNDS):
            for name, more, less in compared:
                found.setdefault(name, []).append(overhead(more, less))
    figures: dict[str, float] = {}
    for name, rounds in found.items():
        print(name, [f"{us:.0f} us {percent:.1f} %" for us, percent in rounds])
        figures[f"{name}_us"] = round(statistics.median(us for us, _ in rounds), 1)
        figures[f"{name}_percent"] = round(statistics.median(percent for _, percent in rounds), 2)
    holds = all(figures[name] <= target for name, target in TARGETS.items())
    document = {
        "benchmark": "boundaries", "figures": figures, "targets": TARGETS, "holds": holds,
    }  # fmt: skip
    print(json.dumps(document))


if __name__ == "__main__":
    main()
