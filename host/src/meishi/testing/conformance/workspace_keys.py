"""Whether a plugin of scope `workspace` has the workspace in every table, first in every key."""

from __future__ import annotations

import re
from collections.abc import Iterator

from meishi.database.provision import VERSION_TABLE
from meishi.lifecycle.manifest import PluginScope
from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.definer_functions import RESOLVE, definer_functions
from meishi.testing.conformance.findings import Fault
from meishi.testing.conformance.workbench import Workbench

_WITHOUT = """
    SELECT c.oid::regclass::text, a.attname IS NOT NULL
    FROM pg_class c
    LEFT JOIN pg_attribute a
        ON a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT a.attisdropped
    WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND c.relname <> %s AND NOT coalesce(a.attnotnull, false)
    ORDER BY 1
"""
_KEYS = """
    SELECT c.oid::regclass::text, c.relname, keys.name, keys.sole, keys.is_unique
    FROM (
        SELECT indrelid, indexrelid::regclass::text, indkey[0], indnkeyatts = 1 AND indisunique,
            pg_get_indexdef(indexrelid, 1, false)
        FROM pg_index
        UNION ALL
        SELECT conrelid, conname::text, conkey[1], false, ''
        FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
    ) AS keys (oid, name, first, is_unique, sole)
    JOIN pg_class c ON c.oid = keys.oid
    JOIN pg_attribute w ON w.attrelid = c.oid AND w.attname = 'workspace_id'
    WHERE c.relnamespace = to_regnamespace(quote_ident(%s)) AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition AND keys.first <> w.attnum
    ORDER BY 1, 3
"""


def workspace_key_faults(bench: Workbench, plugin: str) -> Iterator[Fault]:
    """Yield each table without a workspace, and each key or index that begins otherwise.

    A unique key of one column by which a `resolve_<thing>` function finds the workspace may.
    """
    if bench.contribution(plugin).manifest.scope is not PluginScope.WORKSPACE:
        return
    with bench.undone() as administrator:
        for table, nullable in administrator.execute(_WITHOUT, [plugin, VERSION_TABLE]).fetchall():
            what = "a workspace_id that may be null" if nullable else "no workspace_id"
            yield Fault(
                f"{table} has {what}, though the plugin's scope is `workspace`.",
                "Declare workspace_id NOT NULL, or scope = 'deployment' in the manifest.",
            )
        bodies = _resolving(administrator, plugin)
        for table, name, key, column, unique in administrator.execute(_KEYS, [plugin]).fetchall():
            if unique and any(_reads(body, name, column) for body in bodies):
                continue
            yield Fault(
                f"{key} of {table} does not begin with workspace_id.",
                "Put workspace_id first, or look the key up in a function resolve_<thing>.",
            )


def _resolving(administrator: Administrator, plugin: str) -> list[str]:
    return [
        item.body
        for item in definer_functions(administrator, plugin)
        if item.name.startswith(RESOLVE)
    ]


def _reads(body: str, table: str, column: str) -> bool:
    """Whether a function's text names a table and a column."""
    return all(re.search(rf"\b{re.escape(name)}\b", body) for name in (table, column.strip('"')))
