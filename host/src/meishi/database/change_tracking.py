"""Tables whose rows say which transaction changed them last, and what a revision makes for that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, Table, text

from meishi.database.column_types import TransactionId

#: The column that holds the transaction which changed a row last.
CHANGED = "changed"


def change_column() -> Column[Any]:
    """Return the column of a table whose changes are tracked; the database alone writes it."""
    return Column(
        CHANGED, TransactionId, nullable=False, server_default=text("pg_current_xact_id()")
    )


def change_index(table: Table) -> Index:
    """Return the index that finds the changes of a table, declared on it."""
    columns = (table.c.workspace_id, table.c[CHANGED], table.c.id)
    return Index(f"{table.name}_{CHANGED}_idx", *columns)


def track_changes(table: str) -> str:
    """Return the SQL by which a revision has `<db_schema>.<table>` track its changes.

    It makes the column, its index, and a trigger for updates. The table has a `workspace_id` and
    an `id`. Rows that are there count as changed now.
    """
    db_schema, name = table.split(".")
    return f"""
        ALTER TABLE {table} ADD COLUMN {CHANGED} xid8 NOT NULL DEFAULT pg_current_xact_id();
        CREATE INDEX {name}_{CHANGED}_idx ON {table} (workspace_id, {CHANGED}, id);
        CREATE FUNCTION {db_schema}.{name}_{CHANGED}() RETURNS trigger
            LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
            AS $$ BEGIN NEW.{CHANGED} := pg_current_xact_id(); RETURN NEW; END $$;
        CREATE TRIGGER {name}_{CHANGED} BEFORE UPDATE ON {table}
            FOR EACH ROW EXECUTE FUNCTION {db_schema}.{name}_{CHANGED}();
    """


def untrack_changes(table: str) -> str:
    """Return the SQL that takes back what `track_changes` makes."""
    db_schema, name = table.split(".")
    return f"""
        DROP TRIGGER {name}_{CHANGED} ON {table};
        DROP FUNCTION {db_schema}.{name}_{CHANGED}();
        ALTER TABLE {table} DROP COLUMN {CHANGED};
    """
