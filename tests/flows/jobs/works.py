"""A throw-away plugin whose jobs do what a test says, in real worker processes."""

from __future__ import annotations

from meishi.testing.packages import PluginPackages

WORKS = "works"

_REVISION = """
from alembic import op
revision = "works_0001"
down_revision = None

def upgrade():
    op.execute(
        "CREATE TABLE works.part (workspace_id uuid NOT NULL,"
        " id bigint GENERATED ALWAYS AS IDENTITY, thing text NOT NULL, number integer NOT NULL,"
        " process integer NOT NULL, PRIMARY KEY (workspace_id, id))"
    )

def downgrade():
    op.execute("DROP TABLE works.part")
"""

_PLUGIN = """
import os
from works.acts import ATTEMPTS, LIMIT_SECONDS, act
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute
from meishi.sdk.plugin import (
    Job, JobProgress, JobResult, JobScope, Migrations, RetryPolicy, hookimpl,
)

#: Enough for nothing that melts, and for a new process to come as far as melting.
MELTING_SECONDS = 6.0

def cast(thing: str, total: int = 1) -> JobProgress | JobResult:
    query = "SELECT count(*) FROM works.part WHERE thing = %(thing)s"
    number = execute(query, {"thing": thing})[0][0] + 1
    execute(
        "INSERT INTO works.part (workspace_id, thing, number, process)"
        " VALUES (%(workspace)s, %(thing)s, %(number)s, %(process)s)",
        {"workspace": current_workspace(), "thing": thing, "number": number,
         "process": os.getpid()},
    )
    act(thing, number)
    if number < total:
        return JobProgress(done=number, total=total)
    return JobResult(value={"parts": number})

def stoke() -> None:
    pass

@hookimpl
def migrations():
    return Migrations("works.migrations.versions")

@hookimpl
def jobs():
    retry = RetryPolicy(attempts=ATTEMPTS, first_wait_seconds=0.2)
    return [
        Job(name="cast", run=cast, limit_seconds=LIMIT_SECONDS, retry=retry),
        Job(name="melt", run=cast, limit_seconds=MELTING_SECONDS, retry=retry),
        Job(name="stoke", run=stoke, schedule="0 0 1 1 *", scope=JobScope.DEPLOYMENT),
    ]
"""


def write_works(packages: PluginPackages, acts: str) -> None:
    """Write the plugin; `acts` is a module with `act(thing, number)` and the job's limits."""
    packages.add(
        WORKS,
        plugin=_PLUGIN,
        files={
            "acts.py": acts,
            "migrations/__init__.py": "",
            "migrations/versions/__init__.py": "",
            "migrations/versions/0001.py": _REVISION,
        },
    )
