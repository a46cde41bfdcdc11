"""A deployment on its own PostgreSQL that keeps its promises, with accounts of the ledger."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from tests.benchmarks._ledger import BATCH, LEDGER, SINGLE, TYPES, add_ledger

from meishi.app import create_app
from meishi.database.embedded import EmbeddedPostgres
from meishi.database.location import Location
from meishi.host import Host
from meishi.settings import Settings, load_settings
from meishi.testing.databases import TestDatabases
from meishi.testing.fixtures import WorkspaceUnderTest, found_workspace
from meishi.testing.packages import plugin_packages

WORKSPACES = 4

#: Accounts of each workspace.
ACCOUNTS = 200

Row = tuple[Any, ...]

_ACCOUNTS = """
    INSERT INTO bench_ledger.account (workspace_id, id)
    SELECT workspace, gen_random_uuid() FROM unnest(%s::uuid[]) AS workspace, generate_series(1, %s)
"""

#: Events per second, without the first tenth; to be told where the table is.
RATE = """
    SELECT 0.9 * count(*) / extract(epoch FROM
        max(handled_at) - percentile_disc(0.1) WITHIN GROUP (ORDER BY handled_at))
    FROM {}handled
"""

#: What there must be, what there is once, and in how many places a number follows a larger one.
_JUDGED = """
    WITH heard AS (
        SELECT subscription, workspace_id, account, number,
            number < lag(number) OVER (
                PARTITION BY subscription, workspace_id, account ORDER BY id
            ) AS inverted
        FROM bench_ledger.handled WHERE subscription = %(subscription)s
    )
    SELECT (SELECT sum(number) FROM bench_ledger.account), count(*),
        count(DISTINCT (account, number)) FILTER (
            WHERE number <= (SELECT a.number FROM bench_ledger.account a WHERE a.id = account)
        ),
        count(*) FILTER (WHERE inverted)
    FROM heard
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """How what was heard differs from what was committed, in events."""

    lost: int
    duplicated: int
    inversions: int

    def __add__(self, other: Verdict) -> Verdict:
        """Return what is wrong with both."""
        return Verdict(
            self.lost + other.lost,
            self.duplicated + other.duplicated,
            self.inversions + other.inversions,
        )


@dataclass
class Site:
    """One database of the deployment, and whose events are published in it."""

    settings: Settings
    location: Location
    environment: dict[str, str]
    workspaces: list[WorkspaceUnderTest] = field(default_factory=list)

    @cached_property
    def administrator(self) -> psycopg.Connection[Row]:
        """A superuser's connection, above row security."""
        return psycopg.connect(self.location.administrator_url(), autocommit=True)

    @cached_property
    def host(self) -> Host:
        """A host in this process."""
        host: Host = create_app(self.settings, location=self.location).extensions["meishi"]
        return host

    def fill(self, *, accounts: int = ACCOUNTS) -> None:
        """Create the workspaces and their accounts, the planner's statistics."""
        self.workspaces = [found_workspace(self.host, f"ws{n}") for n in range(WORKSPACES)]
        ids = [workspace.id for workspace in self.workspaces]
        self.administrator.execute(_ACCOUNTS, [ids, accounts])
        self.administrator.execute("ANALYZE")

    def accounts(self) -> dict[UUID, list[UUID]]:
        """Return the accounts of each workspace."""
        return {workspace.id: self.accounts_of(workspace.id) for workspace in self.workspaces}

    def accounts_of(self, workspace: UUID) -> list[UUID]:
        """Return the accounts of a workspace."""
        query = "SELECT id FROM bench_ledger.account WHERE workspace_id = %s ORDER BY id"
        return [row[0] for row in self.administrator.execute(query, [workspace])]

    def reset(self) -> None:
        """Let all accounts begin at zero again, and forget what was heard."""
        self.administrator.execute("TRUNCATE bench_ledger.handled")
        self.administrator.execute("UPDATE bench_ledger.account SET number = 0")
        self.administrator.execute("VACUUM ANALYZE bench_ledger.account")

    def one(self, query: str, *values: object) -> Any:
        """Return what the administrator is answered: one value."""
        found = self.administrator.execute(query.encode(), values).fetchone()
        assert found is not None
        return found[0]

    def newest(self) -> int:
        """Return the position of the newest event."""
        return int(self.one("SELECT coalesce(max(pos), 0) FROM meishi_events.event"))

    def heard(self, subscription: str) -> int:
        """Return how many events a subscription has handled."""
        query = "SELECT count(*) FROM bench_ledger.handled WHERE subscription = %s"
        return int(self.one(query, subscription))

    def committed(self) -> int:
        """Return how many events were committed."""
        return int(self.one("SELECT sum(number) FROM bench_ledger.account"))

    def judged(self, subscription: str) -> Verdict:
        """Return how what a subscription has heard differs from what was committed."""
        row = self.administrator.execute(_JUDGED, {"subscription": subscription}).fetchone()
        assert row is not None
        committed, heard, distinct, inverted = row
        return Verdict(int(committed) - distinct, heard - distinct, inverted)

    def close(self) -> None:
        """Give all connections back."""
        self.host.close()
        self.administrator.close()


#: Two subscriptions that note what they hear: one on four cursors, one on the usual one.
RECORDING = f"""
    single = Subscription(name="{SINGLE}", batch=1, slots=4)
    batch = Subscription(name="{BATCH}", batch=500)
    return [
        on(EntryMade, on_single, subscription=single),
        on(SingleEntryMade, on_single, subscription=single),
        on(EntryMade, on_batch, subscription=batch),
        on(BatchEntryMade, on_batch, subscription=batch),
    ]
"""


@contextmanager
def deployment(
    folder: Path, subscriptions: str, *, heard: Iterable[str] = TYPES
) -> Iterator[LedgerDeployment]:
    """Run a cluster that flushes what it commits, and knows when each transaction did."""
    with ExitStack() as stack:
        packages = stack.enter_context(plugin_packages(folder))
        add_ledger(packages, subscriptions, heard)
        wanted = {
            "MEISHI_HOME": str(folder / "home"),
            "MEISHI_DEPLOYMENT": "bench",
            "MEISHI_BOOT_POLICY": "strict",
            "MEISHI_PLUGINS": LEDGER,
        }
        settings = load_settings(environment=wanted)
        with EmbeddedPostgres(settings.home) as server, _superuser(server) as connection:
            connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        server = stack.enter_context(EmbeddedPostgres(settings.home))
        path = os.pathsep.join([str(folder), str(Path.cwd())])
        environment = os.environ | wanted | {"PYTHONPATH": path}
        yield LedgerDeployment(stack, server, settings, environment)


class LedgerDeployment:
    """Makes sites; they go with it."""

    def __init__(
        self,
        stack: ExitStack,
        server: EmbeddedPostgres,
        settings: Settings,
        environment: dict[str, str],
    ) -> None:
        self._stack = stack
        self.server = server
        self._settings = settings
        self._environment = environment
        self._databases = TestDatabases(server, settings)

    def site(self) -> Site:
        """Return a site with workspaces and accounts."""
        location = self._stack.enter_context(self._databases.clone())
        url = {
            "MEISHI_DATABASE_URL": location.runtime_url,
            "MEISHI_DATABASE_ADMIN_URL": location.administrator_url(),
        }
        site = Site(self._settings, location, self._environment | url)
        self._stack.callback(site.close)
        site.fill()
        return site

    @contextmanager
    def pinned_horizon(self) -> Iterator[None]:
        """Keep a transaction with an xid and a snapshot open, in another database."""
        with _superuser(self.server) as connection:
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            connection.execute("SELECT pg_current_xact_id()")
            yield

    @contextmanager
    def empty_database(self) -> Iterator[str]:
        """Lend a database of a peer, and return where its superuser connects."""
        name = "bench_peer"
        with _superuser(self.server) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            yield self.server.admin_url.replace("/postgres?", f"/{name}?")


def _superuser(server: EmbeddedPostgres) -> psycopg.Connection[Row]:
    return psycopg.connect(server.admin_url, autocommit=True)
