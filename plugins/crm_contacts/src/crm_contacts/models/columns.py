"""Columns as the tables of the contact service have them, and where the tables are listed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    Column,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from meishi.sdk.database import plugin_metadata

#: Columns that say from whom rows are kept, which no new row is given.
KEPT = ("readers", "writers")

#: Key of a column's `info` that tells what contacts are only looked up by, and nobody is shown.
LOOKED_UP = "looked_up"

metadata = plugin_metadata("crm_contacts")


def text_column(name: str, *, nullable: bool = True, examples: Iterable[Any] = ()) -> Column[Any]:
    """Return a column of text."""
    return Column(name, Text, nullable=nullable, info=holding(examples))


def holding(examples: Iterable[Any]) -> dict[str, Any]:
    """Return what tells the conformance suite which values a column holds."""
    return {"examples": tuple(examples)}


def texts_column(name: str) -> Column[Any]:
    """Return a column of texts in their order."""
    return Column(name, ARRAY(Text), nullable=False)


def kept_columns() -> list[Column[Any]]:
    """Return the columns of the users who see a row, and who write it; null for everybody.

    The database sees to those of what belongs to a contact.
    """
    return [Column(name, ARRAY(Uuid)) for name in KEPT]


def key_column(name: str, *, examples: Iterable[Any] = ()) -> Column[Any]:
    """Return a column for exact look-ups and prefixes, in the order of code points."""
    return Column(name, Text(collation="C"), nullable=False, info=holding(examples))


def look_up_column(name: str) -> Column[Any]:
    """Return such a column that is null, and stands in no index, where there is nothing to find."""
    return Column(name, Text(collation="C"), info=holding(()) | {LOOKED_UP: True})
