"""Plans of the statements that an application runs, as the server reports them.

The server's module auto_explain sends each plan to the client as a notice: also those of
statements inside of functions, with the roles and policies under which they really ran.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg
from psycopg import sql
from psycopg.errors import Diagnostic
from sqlalchemy import event

from meishi.database.location import Location
from meishi.host import Host

SETTINGS = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_format": "json",
    "auto_explain.log_level": "info",  # the one that no setting of a session holds back
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_verbose": "on",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_parameter_max_length": "0",
}
_SET, _RESET = sql.SQL("ALTER DATABASE {} SET {} = {}"), sql.SQL("ALTER DATABASE {} RESET {}")
_MARK = "plan:\n"

_BITMAPS = frozenset({"Bitmap Heap Scan", "BitmapAnd", "BitmapOr"})
_BY_INDEX = frozenset({"Index Scan", "Index Only Scan", "Bitmap Index Scan", "Bitmap Heap Scan"})
_REMOVED_BY = ("Filter", "Index Recheck")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A step of a plan that reads a table, or looks rows up in an index of it.

    `condition` is what the index is asked for, `filter` what rows must fulfil that were read;
    both are SQL and may be empty. `rows` is how many it went through, however few are left;
    `pages` how many it looked at, counted each time.
    """

    table: tuple[str, str]
    kind: str
    index: str
    condition: str
    filter: str
    rows: float
    pages: int

    @property
    def sequential(self) -> bool:
        """Whether it reads the table from end to end, whatever it holds."""
        return self.kind == "Seq Scan"

    @property
    def of_whole_index(self) -> bool:
        """Whether it reads an index from end to end, or until somebody has enough."""
        return bool(self.index) and not self.condition


class PlanLog:
    """The plans that have come in."""

    def __init__(self) -> None:
        self._documents: list[str] = []

    def note(self, notice: Diagnostic) -> None:
        """Keep a notice if it is a plan."""
        _, mark, document = (notice.message_primary or "").partition(_MARK)
        if mark:
            self._documents.append(document)

    def take(self) -> list[Mapping[str, Any]]:
        """Return the plans since the last time."""
        taken, self._documents = self._documents, []
        return [msgspec.json.decode(document)["Plan"] for document in taken]


@contextmanager
def reported_plans(host: Host, location: Location) -> Iterator[PlanLog]:
    """Have the server report the plans of whatever a host's connections run in the block."""
    log = PlanLog()

    def listen(connection: psycopg.Connection[Any], _record: object) -> None:
        connection.add_notice_handler(log.note)

    with psycopg.connect(location.administrator_url(), autocommit=True) as admin:
        database = sql.Identifier(admin.info.dbname)
        for name, value in SETTINGS.items():
            admin.execute(_SET.format(database, sql.SQL(name), value))
        host.use_database(location.runtime_url)
        event.listen(host.engine, "connect", listen)
        try:
            yield log
        finally:
            for name in SETTINGS:
                admin.execute(_RESET.format(database, sql.SQL(name)))
            host.use_database(location.runtime_url)


def scans_of(plan: Mapping[str, Any], table: tuple[str, str] | None = None) -> Iterator[Scan]:
    """Yield every step of a plan that reads; `table` is the one that the step above it reads."""
    if "Relation Name" in plan:
        table = plan["Schema"], plan["Relation Name"]
    kind = plan["Node Type"]
    if table is not None and (kind == "Seq Scan" or kind in _BY_INDEX):
        removed = sum(plan.get(f"Rows Removed by {reason}", 0) for reason in _REMOVED_BY)
        yield Scan(
            table=table,
            kind=kind,
            index=plan.get("Index Name", ""),
            condition=plan.get("Index Cond", ""),
            filter=plan.get("Filter", ""),
            rows=(plan["Actual Rows"] + removed) * plan["Actual Loops"],
            pages=sum(plan.get(f"Shared {how} Blocks", 0) for how in ("Hit", "Read")),
        )
    for part in plan.get("Plans", ()):
        yield from scans_of(part, table if kind in _BITMAPS else None)
