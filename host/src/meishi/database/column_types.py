"""Types of PostgreSQL that SQLAlchemy has no name for."""

from __future__ import annotations

from sqlalchemy.types import UserDefinedType


class TransactionId(UserDefinedType[int]):
    """`xid8`, a transaction number that does not wrap around."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name."""
        return "xid8"


class Snapshot(UserDefinedType[str]):
    """`pg_snapshot`, which transactions had ended at a moment."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name."""
        return "pg_snapshot"
