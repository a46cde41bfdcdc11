"""Rows by the ten thousand for the tables of plugins, made from what the catalogue says of them.

Row n of every table goes with row n of every other: ids are made from the column and the number,
so that references fit; texts are made from the number alone, so that what is looked for in one
table is found in the next.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from uuid import NAMESPACE_OID, UUID, uuid5

import psycopg
from psycopg import sql

from meishi.database.location import Location
from meishi.lifecycle.contribution import Contribution
from meishi.testing.conformance.bulk_values import ALIKE, MadeRow, Unfillable, text_sql, value_of
from meishi.testing.conformance.columns import EXAMPLES, StoredColumns, stored_columns

WORKSPACES = 5
#: Rows of each table in each workspace.
ROWS = 10_000
#: How many of them refer to the first row, in columns that are crowded.
CROWD = ROWS // 2

#: Tables that are filled at the same time.
_AT_ONCE = 4

_EACH = MadeRow("r.n", "r.i", "r.alike", "r.text", "r.overall_text")
#: What crowded columns refer to.
_FIRST = MadeRow(
    "r.first_n",
    "(r.i - r.n + r.first_n)",
    text_sql(f"r.first_n - r.first_n % {ALIKE}"),
    text_sql("r.first_n"),
    text_sql("r.i - r.n + r.first_n"),
)

#: Rows of the workspaces lie between each other, as they come in. Many columns have one text: it
#: is made once, behind OFFSET.
_INSERT = f"""
    INSERT INTO {{table}} ({{columns}}) OVERRIDING SYSTEM VALUE SELECT {{values}}
    FROM (
        SELECT *, {text_sql(f"n - n % {ALIKE}")} AS alike, {text_sql("n")} AS text,
            {text_sql("i")} AS overall_text, CASE WHEN n < {CROWD} THEN 0 ELSE n END AS first_n
        FROM (
            SELECT ({{workspaces}}::uuid[])[1 + k % {WORKSPACES}] AS workspace,
                k / {WORKSPACES} AS n, k % {WORKSPACES} * {ROWS} + k / {WORKSPACES} AS i
            FROM generate_series(0, {ROWS * WORKSPACES} - 1) AS k
        ) numbered OFFSET 0
    ) r ON CONFLICT DO NOTHING
"""  # noqa: S608 (all of it is constants)

_SIZES = """
    SELECT n.nspname, c.relname, c.reltuples::bigint FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm') AND n.nspname = ANY (%s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilledTables:
    """Tables full of rows, of which every fifth belongs to one workspace.

    `sizes` are their rows, by db_schema and name; `faults` says of each plugin which of its
    tables could not be filled.
    """

    workspace: UUID
    columns: StoredColumns
    sizes: Mapping[tuple[str, str], int]
    faults: Mapping[str, Sequence[str]]


def fill_tables(
    location: Location,
    contributions: Sequence[Contribution],
    workspace: UUID,
    *,
    crowded: Collection[str] = (),
) -> FilledTables:
    """Fill the tables of plugins, and let the planner know them; row triggers do not fire.

    Half of a workspace's rows refer to its first row in columns of the `crowded` names.
    """
    url = location.administrator_url()
    faults: dict[str, list[str]] = {item.plugin: [] for item in contributions}
    with psycopg.connect(url) as admin:
        columns = stored_columns(admin, contributions, crowded)
    filler = _Filler(url, columns, workspace)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for (db_schema, _), fault in zip(
            columns.tables(), pool.map(filler.fill, columns.tables()), strict=True
        ):
            faults[db_schema] += [fault] if fault else []
    with psycopg.connect(url) as admin:
        sizes = {row[:2]: row[2] for row in admin.execute(_SIZES, [list(faults)])}
    return FilledTables(workspace=workspace, columns=columns, sizes=sizes, faults=faults)


class _Filler:
    """Fills tables, each on a connection of its own, so that their order does not matter."""

    def __init__(self, url: str, columns: StoredColumns, workspace: UUID) -> None:
        others = (uuid5(NAMESPACE_OID, str(number)) for number in range(1, WORKSPACES))
        self._url = url
        self._columns = columns
        self._tables = columns.tables()
        self._workspaces = [workspace, *others]

    def fill(self, table: tuple[str, str]) -> str:
        """Fill a table and let the planner know it; return why it cannot be filled, if so."""
        try:
            with psycopg.connect(self._url, autocommit=True) as admin:
                # Foreign keys are not asked for each row: the numbers of rows see to them.
                admin.execute("SET session_replication_role = replica; SET jit = off")
                admin.execute(self._statement(table))
                admin.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(*table)))
        except (Unfillable, psycopg.Error) as error:
            reason = error.diag.message_primary if isinstance(error, psycopg.Error) else str(error)
            return (
                f"the table {'.'.join(table)} cannot be filled with rows: {reason}; "
                f"say in `Column(..., info={{{EXAMPLES!r}: (...)}})` what its columns hold"
            )
        return ""

    def _statement(self, table: tuple[str, str]) -> sql.Composed:
        values = {
            column.place.column: made
            for column in self._tables[table]
            if (made := value_of(self._columns, column, _FIRST if column.crowded else _EACH))
        }
        return sql.SQL(_INSERT).format(
            table=sql.Identifier(*table),
            columns=sql.SQL(", ").join(map(sql.Identifier, values)),
            values=sql.SQL(", ").join(values.values()),
            workspaces=self._workspaces,
        )
