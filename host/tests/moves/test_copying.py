"""Rows come over as they are, whatever happened to them meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg import Connection

from meishi.moves.copying import contents, copy_all, copy_since, snapshot
from meishi.moves.tables import MovedTable, copy_sequences, tables

from .conftest import Pair

ONE = uuid4()

Both = tuple[Connection[Any], Connection[Any]]


@pytest.fixture
def both(pair: Pair) -> Iterator[Both]:
    """A connection to each side."""
    with pair.main.connected() as source, pair.service.connected() as target:
        yield source, target


def put(connection: Connection[Any], *names: str, workspace: UUID = ONE) -> None:
    """Put something in, and say something of it."""
    for name in names:
        connection.execute(
            "INSERT INTO larder.item (workspace_id, name) VALUES (%s, %s)", (workspace, name)
        )
        connection.execute("INSERT INTO larder.remark VALUES (%s, %s)", (workspace, name))


def copied(source: Connection[Any], target: Connection[Any]) -> tuple[list[MovedTable], int]:
    """Copy everything at a snapshot."""
    found = tables(source, "larder")
    source.commit()
    oldest = snapshot(source)
    for table in found:
        copy_all(source, target, table)
    source.rollback()
    return found, oldest


def test_what_changed_after_the_snapshot_is_brought_over(pair: Pair, both: Both) -> None:
    """What was new, changed and deleted; and what a transaction did that was under way then."""
    source, target = both
    put(source, "bread", "salt", "oil")
    source.commit()
    with pair.main.connected() as late:
        put(late, "late")
        found, oldest = copied(source, target)
        assert target.execute("SELECT count(*) FROM larder.item").fetchone() == (3,)
        late.commit()
    put(source, "new")
    source.execute("UPDATE larder.item SET name = 'more salt' WHERE name = 'salt'")
    source.execute("DELETE FROM larder.item WHERE name = 'oil'")
    source.execute("DELETE FROM larder.remark WHERE text = 'bread'")
    source.commit()
    for table in found:
        copy_since(source, target, table, oldest)
        assert contents(source, table) == contents(target, table)
    names = target.execute("SELECT name, loud FROM larder.item ORDER BY name").fetchall()
    assert names == [
        ("bread", "BREAD"),
        ("late", "LATE"),
        ("more salt", "MORE SALT"),
        ("new", "NEW"),
    ]
    remarks = target.execute("SELECT text FROM larder.remark ORDER BY text").fetchall()
    assert remarks == [("late",), ("new",), ("oil",), ("salt",)]


def test_what_is_unique_may_have_passed_to_another_row(both: Both) -> None:
    """The row that had it before is gone first."""
    source, target = both
    for connection in both:
        connection.execute("CREATE UNIQUE INDEX ON larder.item (workspace_id, name)")
        connection.commit()
    put(source, "bread", "salt")
    source.commit()
    found, oldest = copied(source, target)
    source.execute("DELETE FROM larder.item WHERE name = 'bread'")
    put(source, "bread")
    source.commit()
    for table in found:
        copy_since(source, target, table, oldest)
        assert contents(source, table) == contents(target, table)


def test_numbers_go_on_where_they_were(both: Both) -> None:
    """What is new over there takes nobody's number."""
    source, target = both
    put(source, "bread", "salt")
    copied(source, target)
    copy_sequences(source, target, "larder")
    put(target, "oil")
    assert target.execute("SELECT max(id), count(DISTINCT id) FROM larder.item").fetchone() == (
        3,
        3,
    )


def test_checksums_know_no_order_and_every_value(both: Both) -> None:
    """The same rows in another order are the same; one other value is not."""
    source, target = both
    put(source, "bread", "salt")
    for name in ("salt", "bread"):
        target.execute("INSERT INTO larder.remark VALUES (%s, %s)", (ONE, name))
    remark = next(item for item in tables(source, "larder") if item.name == "remark")
    assert contents(source, remark) == contents(target, remark)
    target.execute("UPDATE larder.remark SET text = 'sand' WHERE text = 'salt'")
    assert contents(source, remark).rows == contents(target, remark).rows
    assert contents(source, remark) != contents(target, remark)
