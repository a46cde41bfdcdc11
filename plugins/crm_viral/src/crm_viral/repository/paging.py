"""Pages of lists: by programme and id, which every table has an index for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from meishi.sdk.database import execute

T = TypeVar("T")
#: A page's items, where the next one begins, and how many there are in all, if that is asked.
Found = tuple[tuple[T, ...], UUID | None, int | None]


def page(
    table: str,
    columns: str,
    make: Callable[..., T],
    *,
    programme_id: UUID | None,
    after: UUID | None,
    limit: int,
    with_total: bool,
    newest: bool = False,
) -> Found[T]:
    """Return a page of a table, called `t` in its columns, whose first one is the id.

    With `newest` the order is turned around.
    """
    values: dict[str, Any] = {"programme_id": programme_id, "after": after, "limit": limit + 1}
    chosen = ["true"] if programme_id is None else ["t.programme_id = %(programme_id)s"]
    behind = chosen if after is None else [*chosen, f"t.id {'<' if newest else '>'} %(after)s"]
    rows = execute(
        f"SELECT {columns} FROM {table} t WHERE {' AND '.join(behind)}"
        f" ORDER BY t.id {'DESC' if newest else 'ASC'} LIMIT %(limit)s",
        values,
    )
    total = None
    if with_total:
        counted = f"SELECT count(*) FROM {table} t WHERE {' AND '.join(chosen)}"
        total = int(execute(counted, values)[0][0])
    shown = rows[:limit]
    return (
        tuple(make(*row) for row in shown),
        shown[-1][0] if len(rows) > limit else None,
        total,
    )
