"""Imports: the file that came in, and what became of each row."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSON

from crm_contacts.contract import (
    CardStatus,
    ImportFormat,
    ImportState,
    KeptReason,
)
from crm_contacts.models.columns import holding, metadata, text_column, texts_column
from crm_contacts.models.contacts import of_contact

_COUNTS = ("created", "updated", "unchanged", "rejected")


def _count_columns() -> list[Column[Any]]:
    return [Column(name, Integer, nullable=False) for name in _COUNTS]


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
    *_count_columns(),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    Column("operation_id", Uuid),
    text_column("charset"),
    Column("charset_chosen", Boolean, nullable=False),
    text_column("delimiter"),
    Column("mapping", JSON, info=holding([{"columns": []}])),
    Column("headerless_columns", Integer),
    PrimaryKeyConstraint("workspace_id", "id"),
)


def _part_of_import(name: str, *columns: Column[Any], key: Column[Any] | None = None) -> Table:
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("import_id", Uuid, nullable=False),
        *([] if key is None else [key]),
        *columns,
        PrimaryKeyConstraint("workspace_id", "import_id", *([] if key is None else [key.name])),
        ForeignKeyConstraint(
            ["workspace_id", "import_id"],
            [contact_import.c.workspace_id, contact_import.c.id],
            ondelete="CASCADE",
        ),
    )


import_piece = _part_of_import(
    "import_piece",
    Column("content", LargeBinary, nullable=False),
    key=Column("number", Integer, nullable=False),
)
import_row = _part_of_import(
    "import_row",
    Column("line", Integer, nullable=False),
    text_column("status", nullable=False, examples=CardStatus),
    text_column("name"),
    Column("contact_id", Uuid),
    text_column("reason"),
    Column("original", LargeBinary),
    key=Column("index", Integer, nullable=False),
)
#: The last dry run of an import, the contacts that there would be, and how they are known again.
dry_run = _part_of_import(
    "dry_run",
    Column("next_offset", BigInteger, nullable=False),
    Column("next_line", Integer, nullable=False),
    *_count_columns(),
    Column("reasons", JSON, nullable=False, info=holding([[]])),
    Column("operation_id", Uuid),
    Column("completed_at", DateTime(timezone=True)),
)
dry_contact = _part_of_import(
    "dry_contact",
    Column("draft", JSON, nullable=False, info=holding([{"name": {"full": "A"}}])),
    key=Column("contact_id", Uuid, nullable=False),
)
dry_key = _part_of_import(
    "dry_key",
    Column("contact_id", Uuid, nullable=False),
    key=Column("content_key", LargeBinary, nullable=False),
)
Index(
    "import_row_status_idx",
    import_row.c.workspace_id,
    import_row.c.import_id,
    import_row.c.status,
    import_row.c.index,
)
#: Other files that speak of a contact: asked for when an import is undone.
Index(
    "import_row_unchanged_idx",
    import_row.c.workspace_id,
    import_row.c.contact_id,
    postgresql_where=text("status = 'unchanged'"),
)
import_undo = _part_of_import(
    "import_undo",
    Column("position", Uuid),
    *(
        Column(name, Integer, nullable=False)
        for name in ("done", "total", "deleted", "reverted", "gone", "kept")
    ),
    Column("operation_id", Uuid),
    Column("completed_at", DateTime(timezone=True)),
)
import_kept = _part_of_import(
    "import_kept",
    Column("created", Boolean, nullable=False),
    texts_column("fields"),
    text_column("reason", nullable=False, examples=KeptReason),
    key=Column("contact_id", Uuid, nullable=False),
)
#: How far photos in the cards of an import have become photos of contacts: how many there were,
#: and what became of them.
photo_intake = _part_of_import(
    "photo_intake",
    *(Column(name, Integer, nullable=False) for name in ("found", "taken", "unfit", "beyond")),
    Column("octets", BigInteger, nullable=False),
    Column("operation_id", Uuid),
)
import_photo = _part_of_import(
    "import_photo",
    text_column("source", nullable=False),
    Column("taken", Boolean, nullable=False),
    key=Column("contact_id", Uuid, nullable=False),
)
import_photo.append_constraint(of_contact())
import_photo.comment = (
    "Photos in cards of imports: they wait, or were taken; the source is the digest of one"
)
Index("import_photo_contact_id_idx", import_photo.c.workspace_id, import_photo.c.contact_id)
Index(
    "import_photo_waiting_idx",
    import_photo.c.workspace_id,
    import_photo.c.import_id,
    import_photo.c.contact_id,
    postgresql_where=text("NOT taken"),
)
