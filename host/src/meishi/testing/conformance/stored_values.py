"""Values that are in filled tables, to ask lists for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from psycopg import sql

from meishi.testing.conformance.acting import Administrator
from meishi.testing.conformance.bulk_rows import FilledTables
from meishi.testing.conformance.columns import WORKSPACE, Place, StoredColumn

_FEW = 0.002


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of a column: one with few rows below, one in the middle, one with few above."""

    low: Any
    middle: Any
    high: Any


class StoredValues:
    """Looks up what the columns of a plugin hold in the workspace whose rows are asked for."""

    def __init__(self, admin: Administrator, tables: FilledTables, plugin: str) -> None:
        self._admin = admin
        self._workspace = tables.workspace
        self._known = tables.columns.by_place
        self._columns = [
            column
            for column in tables.columns.by_place.values()
            if column.place.db_schema == plugin
        ]
        self._samples: dict[Place, Sample | None] = {}

    def sample(self, name: str, path: str) -> Sample | None:
        """Return values of the column with a name, of the table that a path tells of."""
        for column in self._named(name, path):
            if column.array or column.base in {"json", "bool"}:
                continue
            if column.place not in self._samples:
                self._samples[column.place] = self._sample(column)
            return self._samples[column.place]
        return None

    def examples(self, name: str, path: str) -> tuple[Any, ...]:
        """Return what the models say that the column with a name holds."""
        return next((column.examples for column in self._named(name, path)), ())

    def usual(self, name: str, path: str) -> Any:
        """Return the value that most rows have in a column called as a path's parameter.

        `path` is what stands before it. Without such a column it is an id of the table that the
        parameter is named after.
        """
        named = name.removesuffix("_id")
        ids = [
            column
            for column in self._columns
            if column.place.column == "id" and f"_{column.place.table}".endswith(f"_{named}")
        ]
        for column in (*self._named(name, path), *ids):
            found = self._one(column, "SELECT mode() WITHIN GROUP (ORDER BY {column})")
            if found is not None and found[0] is not None:
                return found[0]
        return None

    def _named(self, name: str, path: str) -> list[StoredColumn]:
        """Return the columns with a name, those of the table that the path is about first."""
        found = [column for column in self._columns if column.place.column == name]
        return sorted(found, key=lambda column: -_told(column.place.table, path))

    def _sample(self, column: StoredColumn) -> Sample | None:
        found = self._one(
            column,
            "SELECT percentile_disc(ARRAY[{few}, 0.5, 1 - {few}]) WITHIN GROUP (ORDER BY {column})",
        )
        return None if found is None or found[0] is None else Sample(*found[0])

    def _one(self, column: StoredColumn, statement: str) -> tuple[Any, ...] | None:
        place = column.place
        of_workspaces = replace(place, column=WORKSPACE) in self._known
        asked = sql.SQL(f"{statement} FROM {{table}} WHERE {{condition}}").format(
            few=_FEW,
            column=sql.Identifier(place.column),
            table=sql.Identifier(place.db_schema, place.table),
            condition=sql.SQL("workspace_id = {}" if of_workspaces else "{} IS NOT NULL").format(
                self._workspace
            ),
        )
        return self._admin.execute(asked).fetchone()


def _told(table: str, path: str) -> int:
    """Return how much a path says of a table: `/imports/{import_id}/rows` of `import_row`."""
    return len(table) if all(word in path for word in table.split("_")) else 0
