"""Rows that are kept from some members: which policies the host makes, by columns and keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from meishi.context import Actor
from meishi.database.identity import EVERYTHING
from meishi.database.reader_policies import reader_policies
from meishi.database.readers import Readers

OVERSEE = "notes.oversee"


def answering(*answers: Sequence[Sequence[Any]]) -> list[tuple[str, str]]:
    """Return table and command of the policies for what a catalogue answers in turn."""
    left = list(answers)
    return [(item.table, item.command) for item in reader_policies(lambda _: left.pop(0), "notes")]


def test_what_refers_to_a_kept_row_is_kept_with_it() -> None:
    """A key of several columns counts once; one to another table keeps nothing."""
    keys = [
        ("line", 1, "note", "workspace_id", "workspace_id"),
        ("line", 1, "note", "note_id", "id"),
        ("shelf", 2, "room", "room_id", "id"),
    ]
    commands = ("SELECT", "UPDATE", "DELETE")
    assert answering([("note",)], keys) == [
        (table, command) for table in ("note", "line") for command in commands
    ]
    assert answering([]) == []


def test_a_table_with_columns_of_its_own_looks_nothing_up() -> None:
    """What it refers to is not asked, whoever reads."""
    keys = [("line", 1, "note", "note_id", "id")]
    found = list(
        reader_policies(
            lambda query: keys if "contype" in query else [("line",), ("note",)], "notes"
        )
    )
    assert len(found) == 6
    assert not [item for item in found if "EXISTS" in item.using]


def test_who_reads_is_who_acts() -> None:
    """The system and who oversees read everything; strangers, and other plugins, nothing kept."""
    readers = Readers({"notes": OVERSEE})
    user = uuid4()
    for acting, read_as in (
        (None, ""),
        (Actor(), EVERYTHING),
        (Actor(visitor=True), ""),
        (Actor(token_id=uuid4()), ""),
        (Actor(user_id=user), str(user)),
        (Actor(user_id=user, permissions=frozenset({OVERSEE})), EVERYTHING),
    ):
        readers.acting = acting
        assert readers.of("notes") == read_as
        assert readers.of("other") == ""
    readers.acting = Actor(user_id=user)
    with readers.passed():
        assert readers.of("notes") == EVERYTHING
    assert readers.of("notes") == str(user)
