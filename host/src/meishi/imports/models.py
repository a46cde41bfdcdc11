"""The tables of imports, all under row security."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from meishi.imports.records import ImportState

DB_SCHEMA = "meishi_imports"

metadata = MetaData(schema=DB_SCHEMA)

# `importer` is empty until somebody has said that they read the file, `asked` names those who were
# asked already. `run` is the attempt that has a say in it, `tries` counts calls that have not come
# back. `sent` is where a chunk begins that a service was to take in, until it is known whether it
# has.
file_import = Table(
    "file_import",
    metadata,
    Column("workspace_id", Uuid, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=True),
    Column("media_type", Text, nullable=False),
    Column("plugin", Text(collation="C"), nullable=True),
    Column("importer", Text(collation="C"), nullable=False, info={"examples": ("", "x")}),
    Column("asked", ARRAY(Text), nullable=False),
    Column(
        "state",
        Text(collation="C"),
        nullable=False,
        info={"examples": tuple(state.value for state in ImportState)},
    ),
    Column("size", BigInteger, nullable=False),
    Column("preview", Text, nullable=True, info={"examples": ('{"columns":[],"rows":[]}',)}),
    Column("mapping", Text, nullable=False, info={"examples": ('{"Mail":"email"}',)}),
    Column("dry_run", Boolean, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    Column("next_state", Text, nullable=False),
    Column("sent", BigInteger, nullable=True),
    Column("created", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("run", Uuid, nullable=True),
    Column("tries", Integer, nullable=False),
    Column("operation_id", Uuid, nullable=True),
    Column("created_by", Uuid, nullable=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=True),
    PrimaryKeyConstraint("workspace_id", "id", name="file_import_pkey"),
    Index("file_import_importer_idx", "workspace_id", "importer", "id"),
    Index("file_import_created_at_idx", "workspace_id", "created_at"),
)


def _part(name: str, *columns: Column[object]) -> Table:
    return Table(
        name,
        metadata,
        Column("workspace_id", Uuid, nullable=False),
        Column("import_id", Uuid, nullable=False),
        Column("number", Integer, nullable=False),
        *columns,
        PrimaryKeyConstraint("workspace_id", "import_id", "number", name=f"{name}_pkey"),
        ForeignKeyConstraint(
            ["workspace_id", "import_id"],
            [file_import.c.workspace_id, file_import.c.id],
            name=f"{name}_workspace_id_import_id_fkey",
            ondelete="CASCADE",
        ),
    )


import_piece = _part("import_piece", Column("content", LargeBinary, nullable=False))

import_reject = _part(
    "import_reject",
    Column("position", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
)
