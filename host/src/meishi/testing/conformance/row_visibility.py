"""The proof of row security: a row of one workspace, and what others can do with it."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
from psycopg import sql

from meishi.testing.conformance.acting import Administrator, acting_as, rows_reached
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.sample_rows import SampleRow, sample_row
from meishi.testing.conformance.workbench import Workbench

_TABLES = """
    SELECT c.relname FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND a.attnotnull
    WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND NOT a.attisdropped
    ORDER BY 1
"""
_REMEDY = "Leave policies and grants to the host, and write no policy of your own."


def row_visibility_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each table in which another workspace, or none, reaches a workspace's row."""
    models, role = bench.contribution(plugin).schemas.db, bench.roles.run(plugin)
    with bench.undone() as administrator:
        # Foreign keys are not looked at: a row can stand alone.
        administrator.execute("SET LOCAL session_replication_role = replica")
        for (table,) in administrator.execute(_TABLES, [plugin]).fetchall():
            with administrator.transaction(force_rollback=True):
                row = sample_row(administrator, plugin, table, models)
                yield from _faults_of(administrator, role, row)


def _faults_of(administrator: Administrator, role: str, row: SampleRow) -> Iterator[Fault]:
    ours, theirs = uuid4(), uuid4()
    table = f"{row.schema}.{row.table}"
    try:
        with administrator.transaction():
            administrator.execute(row.insert(ours))
    except psycopg.Error as error:
        yield Fault(
            f"No row of {table} could be made to try row security: {error.diag.message_primary}.",
            'Name values that fit: Column(..., info={"examples": (...)}).',
        )
        return
    for name, workspace in (("without a workspace", None), ("of another workspace", theirs)):
        with acting_as(administrator, role, workspace):
            for what in _reached(administrator, row, ours):
                yield Fault(f"Code {name} may {what} a row of {table}.", _REMEDY)
    with acting_as(administrator, role, ours):
        if not _shown(administrator, row):
            yield Fault(f"{table} does not show a row to its own workspace.", _REMEDY)
        moved = sql.SQL("UPDATE {} SET workspace_id = {}").format(row.identifier, theirs)
        if rows_reached(administrator, moved):
            yield Fault(f"A row of {table} may be given to another workspace.", _REMEDY)


def _reached(administrator: Administrator, row: SampleRow, owner: UUID) -> Iterator[str]:
    """Yield what can be done with the row of a workspace, or in its name."""
    if _shown(administrator, row):
        yield "read"
    change = sql.SQL("UPDATE {} SET workspace_id = workspace_id").format(row.identifier)
    for what, statement in (
        ("change", change),
        ("delete", sql.SQL("DELETE FROM {}").format(row.identifier)),
        ("insert", row.insert(owner)),
    ):
        if rows_reached(administrator, statement):
            yield what


def _shown(administrator: Administrator, row: SampleRow) -> int:
    """Return how many rows are visible; none, where the table cannot be read at all."""
    try:
        with administrator.transaction():
            count = sql.SQL("SELECT count(*) FROM {}").format(row.identifier)
            found = administrator.execute(count).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return 0
    return int(found[0]) if found else 0
