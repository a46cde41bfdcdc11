"""Rows that are made from the types of columns fit any table."""

from __future__ import annotations

from uuid import uuid4

from psycopg import sql
from sqlalchemy import ARRAY, Column, Integer, MetaData, Table, Text

from meishi.testing.conformance import Workbench
from meishi.testing.conformance.sample_rows import sample_row

TYPES = (
    *("uuid", "text", "varchar(1)", "char(2)", '"char"', "name", "bytea", "json", "jsonb", "xid8"),
    *("smallint", "bigint", "numeric(3,3)", "real", "money", "boolean", "bit(3)", "bit varying"),
    *("date", "time", "timetz", "timestamp", "timestamptz", "interval", "inet", "cidr"),
    *("int4range", "tstzrange", "datemultirange", "text[]", "integer[][]", "tsvector", "tsquery"),
    *(
        "macaddr",
        "point",
        "qr.mood",
        "qr.key",
        "qr.better",
        "qr.positive",
        "meishi_extensions.hstore",
        "meishi_extensions.vector(3)",
    ),
)
PREPARE = """
    CREATE TYPE qr.mood AS ENUM ('good', 'bad');
    CREATE DOMAIN qr.key AS uuid;
    CREATE DOMAIN qr.better AS qr.mood;
    CREATE DOMAIN qr.positive AS integer CHECK (value > 0);
    CREATE EXTENSION hstore SCHEMA meishi_extensions;
    CREATE EXTENSION vector SCHEMA meishi_extensions
"""


def test_a_row_is_made_for_columns_of_any_type(bench: Workbench) -> None:
    """Enums, ranges, lists and extensions' types too; checks and made columns do not matter."""
    columns = ", ".join(f"c{place} {kind} NOT NULL" for place, kind in enumerate(TYPES))
    table = (
        f"CREATE TABLE qr.sample (workspace_id uuid NOT NULL, {columns},"
        " number bigint GENERATED ALWAYS AS IDENTITY, twice text GENERATED ALWAYS AS (c1 || c1),"
        " free text, CHECK (c1 = 'y'))"
    )
    positive = f"c{TYPES.index('qr.positive')}"
    models = MetaData()
    Table(
        "sample",
        models,
        Column(positive, Integer, info={"examples": (7, 8)}),
        Column(f"c{TYPES.index('text[]')}", ARRAY(Text), info={"examples": ("red",)}),
        schema="qr",
    )
    workspace = uuid4()
    with bench.undone() as administrator:
        administrator.execute(f"{PREPARE}; {table}".encode())
        row = sample_row(administrator, "qr", "sample", models)
        administrator.execute(row.insert(workspace))
        query = sql.SQL("SELECT workspace_id, {} FROM qr.sample").format(sql.Identifier(positive))
        assert administrator.execute(query).fetchall() == [(workspace, 7)]
