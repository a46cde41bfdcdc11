"""A throw-away plugin with jobs: a foundry that casts things, part by part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from meishi.testing.packages import PluginPackages

FOUNDRY = "foundry"

_REVISION = """
from alembic import op
revision = "foundry_0001"
down_revision = None

def upgrade():
    op.execute(
        "CREATE TABLE foundry.part (workspace_id uuid NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, thing text NOT NULL, number integer NOT NULL,"
        " CONSTRAINT part_pkey PRIMARY KEY (workspace_id, id))"
    )

def downgrade():
    op.execute("DROP TABLE foundry.part")
"""

_MODELS = """
from sqlalchemy import BigInteger, Column, Identity, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy import Uuid
from meishi.sdk.database import plugin_metadata

metadata = plugin_metadata("foundry")
part = Table(
    "part", metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", BigInteger, Identity(always=True)),
    Column("thing", Text, nullable=False),
    Column("number", Integer, nullable=False),
    PrimaryKeyConstraint("workspace_id", "id", name="part_pkey"),
)
"""

#: What the foundry does is kept apart: tests put something in its way.
_WORKS = '''
"""What the foundry does; `ACTS` holds what a test does beside, by the name of the thing."""
from uuid import UUID
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import DomainError
from meishi.sdk.database import execute
from meishi.sdk.plugin import JobProgress, JobResult

ACTS = {}

class Cold(DomainError):
    """The fire is out."""
    code = "foundry-cold"
    title = "The fire is out"

def parts(thing):
    """Return how many parts of a thing there are."""
    query = "SELECT count(*) FROM foundry.part WHERE thing = %(thing)s"
    return execute(query, {"thing": thing})[0][0]

def add(thing, number):
    """Cast one part."""
    execute(
        "INSERT INTO foundry.part (workspace_id, thing, number)"
        " VALUES (%(workspace)s, %(thing)s, %(number)s)",
        {"workspace": current_workspace(), "thing": thing, "number": number},
    )

def cast(thing: str, total: int = 1) -> JobProgress | JobResult:
    """Cast the next part of a thing."""
    number = parts(thing) + 1
    add(thing, number)
    answer = ACTS.get(thing, lambda number: None)(number)
    if answer is not None:
        return answer
    if number < total:
        return JobProgress(done=number, total=total, unit="parts")
    return JobResult(value={"parts": number})

def forge(piece: str, order: int = 0, owner: UUID | None = None) -> None:
    """Forge a piece; those of one name one after the other."""
    add(piece, order)
    ACTS.get(piece, lambda order: None)(order)

def sweep() -> None:
    """Sweep a workspace."""
    add("sweep", 1)

def stoke() -> None:
    """Keep the fire of the deployment."""
    ACTS.get("stoke", lambda: None)()

def survey(site: str) -> None:
    """Look at what belongs to no workspace."""
    ACTS.get(site, lambda: None)()
'''

_PLUGIN = """
from foundry import works
from foundry.models import metadata
from meishi.sdk.plugin import Job, JobScope, Migrations, RetryPolicy, Schemas, hookimpl

@hookimpl
def schemas():
    return Schemas(db=metadata)

@hookimpl
def migrations():
    return Migrations("foundry.migrations.versions")

@hookimpl
def jobs():
    return [
        Job(name="cast", run=works.cast, retry=RetryPolicy(attempts=3, fatal=(ZeroDivisionError,))),
        Job(name="forge", run=works.forge, queue="anvil", key="piece", priority=5),
        Job(name="sweep", run=works.sweep, schedule="15 3 * * 1"),
        Job(name="stoke", run=works.stoke, schedule="0 * * * *", scope=JobScope.DEPLOYMENT),
        Job(name="survey", run=works.survey, key="site", scope=JobScope.DEPLOYMENT),
    ]
"""


def write_foundry(packages: PluginPackages) -> None:
    """Write the plugin."""
    packages.add(
        FOUNDRY,
        plugin=_PLUGIN,
        files={
            "models.py": _MODELS,
            "works.py": _WORKS,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001.py": _REVISION,
        },
    )


@contextmanager
def acting(thing: str, act: Callable[..., Any]) -> Iterator[None]:
    """Do something at every part of a thing until the block ends."""
    acts: dict[str, Callable[..., Any]] = import_module("foundry.works").ACTS
    acts[thing] = act
    try:
        yield
    finally:
        del acts[thing]
