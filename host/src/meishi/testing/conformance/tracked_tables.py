"""Check of tables that track their changes: nothing changes in them without a trace."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.database.change_tracking import CHANGED
from meishi.database.column_types import TransactionId
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

#: Whether new rows get their transaction by themselves, and whether each update notes its own: by
#: a trigger (1 each row, 2 before, 16 update) without conditions that is not turned off.
_TRACKED = """
    SELECT EXISTS (
        SELECT FROM pg_attrdef d JOIN pg_attribute a ON (a.attrelid, a.attnum) = (adrelid, adnum)
        WHERE adrelid = c.oid AND a.attname = %(column)s
            AND pg_get_expr(adbin, adrelid) = 'pg_current_xact_id()'
    ), EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = tgfoid
        WHERE tgrelid = c.oid AND tgtype & 19 = 19 AND tgenabled IN ('O', 'A')
            AND tgqual IS NULL AND tgattr = ''
            AND strpos(prosrc, 'NEW.' || %(column)s || ' := pg_current_xact_id()') > 0
    )
    FROM pg_class c WHERE c.oid = to_regclass(%(table)s)
"""
_REMEDY = "Have a revision run `track_changes` of meishi.sdk.changes for the table."


def change_tracking_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each table of a plugin that tracks changes and misses some of them."""
    metadata = bench.contribution(plugin).schemas.db
    tables = () if metadata is None else metadata.sorted_tables
    tracked = [
        table.fullname
        for table in tables
        if CHANGED in table.columns and isinstance(table.c[CHANGED].type, TransactionId)
    ]
    if not tracked:
        return
    with bench.undone() as administrator:
        for table in tracked:
            values = {"table": table, "column": CHANGED}
            found = administrator.execute(_TRACKED, values).fetchone()
            of_new, of_updates = found or (False, False)
            if not of_new:
                yield Fault(f"{table} does not note which transaction made a row.", _REMEDY)
            if not of_updates:
                yield Fault(f"{table} does not note which transaction updates a row.", _REMEDY)
