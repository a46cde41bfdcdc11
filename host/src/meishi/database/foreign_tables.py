"""Tables in a plugin's db_schema that a library made there: no model describes them."""

from __future__ import annotations

from sqlalchemy import MetaData

#: Key in the `info` of a MetaData, of the names of such tables.
FOREIGN_TABLES = "foreign_tables"


def foreign_tables(metadata: MetaData | None) -> frozenset[str]:
    """Return the names of the tables that models leave to a library."""
    found: frozenset[str] = (
        frozenset() if metadata is None else metadata.info.get(FOREIGN_TABLES, frozenset())
    )
    return found
