"""Check of lists: whatever they are filtered and sorted by, an index finds each page."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from uuid import UUID

import psycopg
from flask import Flask
from flask.testing import FlaskClient

from meishi.database.location import Location
from meishi.host import Host
from meishi.lifecycle.contribution import Contribution
from meishi.testing.conformance.bulk_rows import ROWS, FilledTables, fill_tables
from meishi.testing.conformance.feed_requests import FeedTokens
from meishi.testing.conformance.list_requests import (
    AFTER,
    SINCE,
    SORT,
    ListRequest,
    UnknownParameter,
    list_routes,
    requests_of,
)
from meishi.testing.conformance.plans import PlanLog, Scan, reported_plans, scans_of
from meishi.testing.conformance.stored_values import StoredValues

#: Rows from which on a table is one that nobody reads from end to end.
_MANY = 1_000
#: Rows that a page may go through, of the ten thousand that a workspace has.
_MOST = ROWS // 4
#: What a feed goes on with.
NEXT = "next"
#: Characters of a filter that are quoted.
_QUOTED = 200


class PlansMissing(RuntimeError):
    """The server does not report plans, so that nothing was checked."""


def fill_lists(
    location: Location, contributions: Sequence[Contribution], workspace: UUID
) -> FilledTables:
    """Fill the tables of the plugins that have lists, and of those that they require.

    One data set serves the checks of all plugins: 50,000 rows in each table, in five
    workspaces, of which `workspace` is one.
    """
    known = {item.plugin: item for item in contributions}
    wanted = {item.plugin for item in contributions if any(list_routes(item))}
    waiting = list(wanted)
    while waiting:
        further = set(known[waiting.pop()].manifest.requires) & known.keys() - wanted
        wanted |= further
        waiting += further
    parameters = {
        name for item in contributions for route in list_routes(item) for name in route.parameters
    }
    chosen = [item for item in contributions if item.plugin in wanted]
    return fill_tables(location, chosen, workspace, crowded=parameters)


def list_plan_faults(
    app: Flask, location: Location, tables: FilledTables, headers: Mapping[str, str], plugin: str
) -> Iterator[str]:
    """Yield a sentence for each list request of a plugin that reads much more than its page.

    Every list is asked for plain, by each filter, in each order, and for the next page of each; a
    feed for much that has changed, and for little.
    `headers` authenticate requests in the workspace of `tables`. Counts of all items (`total`)
    are left out: they read what they count.
    """
    host: Host = app.extensions["meishi"]
    yield from tables.faults.get(plugin, ())
    with (
        psycopg.connect(location.administrator_url()) as admin,
        reported_plans(host, location) as log,
    ):
        stored = StoredValues(admin, tables, plugin)
        for route in list_routes(host.plugins.contributions[plugin]):
            tokens = FeedTokens(host.signer, tables.workspace) if route.is_feed else None
            lists = _ListUnderTest(app.test_client(), headers, log, tables.sizes, tokens)
            try:
                requests = list(requests_of(route, stored))
            except UnknownParameter as error:
                yield str(error)
            else:
                yield from lists.faults(requests)


@dataclass(slots=True)
class _ListUnderTest:
    """Asks for one list, and remembers what was said of it already."""

    client: FlaskClient
    headers: Mapping[str, str]
    log: PlanLog
    sizes: Mapping[tuple[str, str], int]
    tokens: FeedTokens | None = None
    said: set[tuple[object, ...]] = field(default_factory=set)

    def faults(self, requests: Sequence[ListRequest]) -> Iterator[str]:
        """Yield what is wrong with the answers and their plans; the first request is plain."""
        plain = requests[0]
        for request in requests:
            found: dict[str, Any] | None = yield from self._asked(request)
            if found is None:
                continue
            if request is plain and not found.get("items"):
                yield f"{request} shows none of the rows that its tables were filled with"
            yield from self._asked_further(request, found)
            if self.tokens is not None and found.get(NEXT) is not None:
                for delta in self.tokens.requests(request, found[NEXT]):
                    changed: dict[str, Any] | None = yield from self._asked(delta)
                    yield from self._asked_further(delta, changed or {})

    def _asked_further(self, request: ListRequest, found: Mapping[str, Any]) -> Iterator[str]:
        """Yield the faults of the next page, if there is one."""
        further = {AFTER: found.get("next_after")}
        if self.tokens is not None:
            further = {SINCE: found.get(NEXT) if found.get("more") else None}
        for name, place in further.items():
            if place is not None:
                yield from self._asked(replace(request, query={**request.query, name: str(place)}))

    def _asked(self, request: ListRequest) -> Generator[str, None, dict[str, Any] | None]:
        """Yield the faults of one request; return the document that it is answered with."""
        answer = self.client.get(
            request.path, query_string=dict(request.query), headers=dict(self.headers)
        )
        plans = self.log.take()
        if not plans:
            raise PlansMissing(f"the server reported no plan for {request}")
        for plan in plans:
            for scan in scans_of(plan):
                yield from self._faults_of_scan(request, scan)
        if answer.status_code != HTTPStatus.OK:
            yield f"{request} answers {answer.status_code}, not 200: {answer.text[:_QUOTED]}"
            return None
        return answer.json if isinstance(answer.json, dict) else {}

    def _faults_of_scan(self, request: ListRequest, scan: Scan) -> Iterator[str]:
        fault = _fault(scan) if self.sizes.get(scan.table, 0) >= _MANY else None
        order = request.query.get(SORT, "").partition(",")[0].removeprefix("-")
        parameters = frozenset(request.query.keys() - {AFTER, SINCE})
        about = (scan.table, scan.sequential, scan.of_whole_index, order, parameters)
        if fault is not None and about not in self.said:
            self.said.add(about)
            yield f"{request} {fault}"


def _fault(scan: Scan) -> str | None:
    """Return what is wrong with a step of a plan that reads a large table."""
    table = ".".join(scan.table)
    used = f" by {scan.index}" if scan.index else ""
    no_index = f"; no index serves {scan.filter[:_QUOTED]}" if scan.filter else ""
    if scan.sequential:
        return f"reads {table} from end to end{no_index}"
    if scan.of_whole_index:
        return f"reads the index {scan.index} from its beginning{no_index}"
    if scan.rows > _MOST:
        return f"goes through {scan.rows:.0f} rows of {table}{used} for one page{no_index}"
    if scan.pages > _MOST:
        return f"looks at {scan.pages} pages of {table}{used} for {scan.condition[:_QUOTED]}"
    return None
