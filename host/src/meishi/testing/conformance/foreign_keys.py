"""Whether foreign keys stay inside their db_schema."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_CROSSING = """
    SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text
    FROM pg_constraint c
    JOIN pg_class one ON one.oid = c.conrelid
    JOIN pg_class two ON two.oid = c.confrelid
    WHERE c.contype = 'f' AND one.relnamespace <> two.relnamespace
        AND to_regnamespace(quote_ident(%s)) IN (one.relnamespace, two.relnamespace)
    ORDER BY 1, 2
"""


def foreign_key_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each foreign key that leads from or to another db_schema."""
    with bench.undone() as administrator:
        for name, table, other in administrator.execute(_CROSSING, [plugin]).fetchall():
            yield Fault(
                f"The foreign key {name} leads from {table} to {other}.",
                "Store the other's UUID without a key, and follow its events.",
            )
