"""The question who a key belongs to: asked before the workspace is known, and answered with it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from psycopg.pq.abc import PGresult
from psycopg.sql import Literal

from meishi.database.identity import WORKSPACE_SETTING

_FUNCTION = re.compile(r"[a-z_][a-z0-9_]*\.resolve_[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who a key belongs to: the workspace, and the function's whole row as JSON."""

    workspace_id: UUID | None
    row: bytes


def resolved(answer: PGresult) -> Resolved | None:
    """Read the server's answer; None where the key is nobody's.

    :raises LookupError: if the function returned several rows
    """
    if answer.ntuples > 1:
        raise LookupError("a key belonged to more than one")
    row = answer.get_value(0, 0) if answer.ntuples else None
    if row is None:
        return None
    workspace = answer.get_value(0, 1)
    return Resolved(UUID(workspace.decode()) if workspace else None, row)


def resolution(function: str, key: Sequence[object], role: str | None) -> str:
    """Return the statement that asks a function for its row, and goes on in the row's workspace.

    `role` is whose rights are needed then; None keeps those of who asks. Without a row nothing
    changes.

    :raises ValueError: for a name that is none of a `resolve_<thing>` in a db_schema
    """
    values = ", ".join(Literal(value).as_string() for value in key)
    return f"SELECT {_columns(role)} FROM {_checked(function)}({values}) AS found"  # noqa: S608


@lru_cache
def _columns(role: str | None) -> str:
    """Return what is selected: the row, and the settings of the transaction from then on."""
    workspace = f"set_config('{WORKSPACE_SETTING}', found.workspace_id::text, true)"
    columns = ["to_json(found)", workspace]
    if role is not None:
        columns.append(f"set_config('role', {Literal(role).as_string()}, true)")
    return ", ".join(columns)


@lru_cache
def _checked(function: str) -> str:
    if not _FUNCTION.fullmatch(function):
        raise ValueError(f"{function!r} is not the name of a resolve_<thing> in a db_schema")
    return function
