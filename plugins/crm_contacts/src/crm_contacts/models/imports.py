"""Imports: the file that came in, and what became of each row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
)

from crm_contacts.contract import (
    CardStatus,
    ImportFormat,
    ImportState,
)
from crm_contacts.models.columns import metadata, text_column, texts_column

contact_import = Table(
    "contact_import",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    text_column("name"),
    text_column("state", nullable=False, examples=ImportState),
    text_column("format", examples=ImportFormat),
    text_column("shape"),
    texts_column("unmapped_columns"),
    Column("header", LargeBinary, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("next_line", Integer, nullable=False),
    *(
        Column(name, Integer, nullable=False)
        for name in ("created", "updated", "unchanged", "rejected")
    ),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    Column("operation_id", Uuid),
    PrimaryKeyConstraint("workspace_id", "id"),
)


def _part_of_import(name: str, *columns: Column[Any], key: str) -> Table:
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("import_id", Uuid, nullable=False),
        Column(key, Integer, nullable=False),
        *columns,
        PrimaryKeyConstraint("workspace_id", "import_id", key),
        ForeignKeyConstraint(
            ["workspace_id", "import_id"],
            [contact_import.c.workspace_id, contact_import.c.id],
            ondelete="CASCADE",
        ),
    )


import_piece = _part_of_import(
    "import_piece", Column("content", LargeBinary, nullable=False), key="number"
)
import_row = _part_of_import(
    "import_row",
    Column("line", Integer, nullable=False),
    text_column("status", nullable=False, examples=CardStatus),
    text_column("name"),
    Column("contact_id", Uuid),
    text_column("reason"),
    Column("original", LargeBinary),
    key="index",
)
Index(
    "import_row_status_idx",
    import_row.c.workspace_id,
    import_row.c.import_id,
    import_row.c.status,
    import_row.c.index,
)
