"""Where a plugin's tables stand, compared with its code: behind, level, or ahead of it.

Two versions of a plugin's code run on one database for a while when it is upgraded without a
pause. A revision says by its `phase` what it means for that: `expand` leaves all that older code
needs, `contract` takes away what newer code needs no more. One that says nothing goes with the code
of its own version only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, text

from meishi.database.provision import VERSION_TABLE
from meishi.database.revisions import Phase, RevisionError, RevisionFile
from meishi.database.roles import quoted

#: Column beside Alembic's own: the newest revisions that code may know and still run.
RUNS_ON = "runs_on"


class DatabaseAhead(RevisionError):
    """Newer code has changed the tables beyond what this code can use."""


class Reach(StrEnum):
    """How far an upgrade goes.

    `NEEDED` ends with what the installed code cannot do without, `EXPAND` before the first thing
    that older code may miss.
    """

    ALL = "all"
    NEEDED = "needed"
    EXPAND = "expand"


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database says of a plugin: its revision, and which code runs on that."""

    revision: str | None = None
    runs_on: tuple[str, ...] = ()

    @classmethod
    def of(cls, row: Mapping[str, Any] | None) -> Stored:
        """Return what a row of the version table says; one of an older host says less."""
        if row is None:
            return cls()
        return cls(str(row["version_num"]), tuple(row.get(RUNS_ON) or ()))


@dataclass(frozen=True, slots=True)
class Standing:
    """The `revision` of the tables, which may be new or ahead of the code, and what is pending."""

    pending: tuple[RevisionFile, ...] = ()
    fresh: bool = False
    ahead: bool = False
    revision: str | None = None

    def within(self, reach: Reach) -> tuple[RevisionFile, ...]:
        """Return the pending revisions as far as an upgrade goes; new tables get all of them."""
        if reach is Reach.ALL or self.fresh:
            return self.pending
        if reach is Reach.EXPAND:
            return (*takewhile(lambda item: item.phase is not Phase.CONTRACT, self.pending),)
        needed = [item.phase is not Phase.CONTRACT for item in self.pending]
        return self.pending[: len(needed) - [*reversed(needed), True].index(True)]


def standing(line: Sequence[RevisionFile], stored: Stored) -> Standing:
    """Compare a package's revisions with the database; raise if the code cannot run on it."""
    names = [item.revision for item in line]
    if stored.revision is None:
        return Standing((*line,), fresh=True)
    if stored.revision in names:
        pending = (*line[names.index(stored.revision) + 1 :],)
        return Standing(pending, revision=stored.revision)
    if names and names[-1] in stored.runs_on:
        return Standing(ahead=True, revision=stored.revision)
    raise DatabaseAhead(
        f"the database is at {stored.revision!r}, which the package does not have; "
        "install the version that it was upgraded with"
    )


def version_row(plugin: str) -> str:
    """Return the statement that reads a plugin's row of the version table, as JSON."""
    return f"SELECT to_jsonb(v) FROM {_table(plugin)} v"  # noqa: S608 (quoted)


def stored_in(connection: Connection, plugin: str) -> Stored:
    """Return what the database says of a plugin, before its first upgrade, too."""
    there = text("SELECT to_regclass(:table) IS NOT NULL")
    if not connection.execute(there, {"table": _table(plugin)}).scalar():
        return Stored()
    return Stored.of(connection.execute(text(version_row(plugin))).scalar())


def remember_what_runs(connection: Connection, plugin: str, line: Sequence[RevisionFile]) -> None:
    """Write down which code runs on the tables as they are now, for code that is older."""
    table, at = _table(plugin), stored_in(connection, plugin).revision
    if at is None:
        return
    known = text(
        "SELECT FROM pg_attribute WHERE attrelid = (:table)::text::regclass AND attname = :column"
    )
    if connection.execute(known, {"table": table, "column": RUNS_ON}).first() is None:
        column = f"{RUNS_ON} text[] NOT NULL DEFAULT '{{}}'"
        connection.execute(text(f"ALTER TABLE {table} ADD COLUMN {column}"))
    update = text(f"UPDATE {table} SET {RUNS_ON} = :names")  # noqa: S608 (quoted)
    connection.execute(update, {"names": _code_that_runs(line, at)})


def _code_that_runs(line: Sequence[RevisionFile], at: str) -> list[str]:
    """Return the revision where the tables are, and those before it that only expansions follow."""
    place = [item.revision for item in line].index(at)
    found = [at]
    while place and line[place].phase is Phase.EXPAND:
        place -= 1
        found.append(line[place].revision)
    return found


def _table(plugin: str) -> str:
    return f"{quoted(plugin)}.{VERSION_TABLE}"
