"""A plugin for tests that is moved: with a key and without, a handler, and a job."""

from __future__ import annotations

from meishi.testing.packages import PluginPackages

_CONTRACT = '''
"""The larder's contract."""

from dataclasses import dataclass
from typing import Protocol

from meishi.sdk.contract import Event, command, query


@dataclass(frozen=True)
class Put(Event):
    """Something was put into the larder."""

    event_type = "larder.put.v1"
    subject = "item"

    item: str


class Larder(Protocol):
    """What the larder does."""

    @query()
    def count(self) -> int:
        """Return how much there is."""

    @command()
    def put(self, item: str) -> None:
        """Put something in."""
'''

_PLUGIN = """
from meishi.sdk.context import current_workspace, publish
from meishi.sdk.database import execute
from meishi.sdk.plugin import Migrations, Service, hookimpl

from larder.contract import Larder, Put


class Shelves:
    def __init__(self, context):
        self.context = context

    def count(self):
        return execute("SELECT count(*)::int FROM larder.item")[0][0]

    def put(self, item):
        execute(
            "INSERT INTO larder.item (workspace_id, name) VALUES (%(w)s, %(name)s)",
            {"w": current_workspace(), "name": item},
        )
        publish(Put(item))


@hookimpl
def services():
    return [Service(Larder, Shelves)]


@hookimpl
def event_types():
    return [Put]


@hookimpl
def migrations():
    return Migrations("larder.migrations")
"""

_REVISION = '''
"""The tables."""

from alembic import op

revision = "larder_0001"
down_revision = None


def upgrade():
    """Create them."""
    op.execute(
        "CREATE TABLE larder.item (workspace_id uuid NOT NULL, name text NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, loud text GENERATED ALWAYS AS (upper(name))"
        " STORED, PRIMARY KEY (workspace_id, id))"
    )
    op.execute("CREATE TABLE larder.remark (workspace_id uuid NOT NULL, text text NOT NULL)")


def downgrade():
    """Drop them."""
    op.execute("DROP TABLE larder.item, larder.remark")
'''


def write_larder(packages: PluginPackages) -> None:
    """Write the package."""
    packages.add(
        "larder",
        plugin=_PLUGIN,
        files={
            "contract.py": _CONTRACT.lstrip(),
            "migrations/__init__.py": "",
            "migrations/0001_tables.py": _REVISION,
        },
        events={"emits": ["larder.put.v1"]},
        scope="workspace",
        api_prefix="larder",
    )
