"""What contacts are filtered by besides their names: keys of what is rare, and what is there."""

from alembic import op

from crm_contacts.migrations import filters_0023

revision = "crm_contacts_0023"
down_revision = "crm_contacts_0022"
phase = "expand"

#: Columns of folded forms, by their table: null where there is nothing to find.
_KEYS = {
    "contact": ("role_key", "birthday_key", "birth_day_key"),
    "link": ("site_key",),
    "address": tuple(
        f"{name}_key" for name in ("street", "locality", "region", "postal_code", "country")
    ),
    "held_position": ("past_organisation_key", "past_title_key"),
}
_FILLED = ("filled_person", "filled_work", "filled_reach", "filled_place")
_THERE = "deleted_at IS NULL"
_INDEX = """
CREATE INDEX {table}_{name}_idx ON crm_contacts.{table} (workspace_id, {name}, {of})
    INCLUDE (readers) WHERE {rows}
"""
_PRIVATE = f"""
CREATE INDEX contact_private_idx ON crm_contacts.contact (workspace_id, id)
    INCLUDE (readers) WHERE {_THERE} AND readers IS NOT NULL
"""


def upgrade() -> None:
    """Add the columns, fill them, then make the indexes; nobody hears that contacts changed."""
    for table, names in _KEYS.items():
        op.execute(_add(table, *(f'{name} text COLLATE "C"' for name in names)))
    op.execute(_add("contact", *(f"{name} smallint NOT NULL DEFAULT 0" for name in _FILLED)))
    op.execute("ALTER TABLE crm_contacts.contact DISABLE TRIGGER contact_changed")
    filters_0023.fill(op.get_bind())
    op.execute("ALTER TABLE crm_contacts.contact ENABLE TRIGGER contact_changed")
    for table, names in _KEYS.items():
        for name in names:
            _make_index(
                table, name, *([_THERE] if table == "contact" else []), f"{name} IS NOT NULL"
            )
    for name in _FILLED:
        _make_index("contact", name, _THERE)
    op.execute(_PRIVATE)


def downgrade() -> None:
    """Take them away with their indexes."""
    op.execute("DROP INDEX crm_contacts.contact_private_idx")
    for table, names in _KEYS.items():
        for name in (*names, *(_FILLED if table == "contact" else ())):
            op.execute(f"ALTER TABLE crm_contacts.{table} DROP COLUMN {name}")


def _add(table: str, *columns: str) -> str:
    added = ", ".join(f"ADD COLUMN {column}" for column in columns)
    return f"ALTER TABLE crm_contacts.{table} {added}"


def _make_index(table: str, name: str, *rows: str) -> None:
    of = "id" if table == "contact" else "contact_id"
    op.execute(_INDEX.format(table=table, name=name, of=of, rows=" AND ".join(rows)))
