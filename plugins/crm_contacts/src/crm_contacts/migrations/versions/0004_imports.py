"""Imports: files on their way in, in pieces, and what became of their rows."""

from alembic import op

revision = "crm_contacts_0004"
down_revision = "crm_contacts_0003"

_IMPORT = """
CREATE TABLE crm_contacts.contact_import (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text,
    state text NOT NULL,
    format text,
    shape text,
    unmapped_columns text[] NOT NULL,
    header bytea NOT NULL,
    size bigint NOT NULL,
    next_offset bigint NOT NULL,
    next_line integer NOT NULL,
    created integer NOT NULL,
    updated integer NOT NULL,
    unchanged integer NOT NULL,
    rejected integer NOT NULL,
    created_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT contact_import_pkey PRIMARY KEY (workspace_id, id)
);
"""

_PART = """
CREATE TABLE crm_contacts.{name} (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    {columns},
    CONSTRAINT {name}_pkey PRIMARY KEY (workspace_id, import_id, {key}),
    CONSTRAINT {name}_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES crm_contacts.contact_import (workspace_id, id) ON DELETE CASCADE
)
"""

_PARTS = {
    # What is read by parts must not be compressed as a whole.
    "import_piece": ("number", "number integer NOT NULL, content bytea STORAGE EXTERNAL NOT NULL"),
    "import_row": (
        "index",
        (
            "index integer NOT NULL, line integer NOT NULL, status text NOT NULL, name text,"
            " contact_id uuid, reason text, original bytea"
        ),
    ),
}


def upgrade() -> None:
    """Create the tables."""
    op.execute(_IMPORT)
    for name, (key, columns) in _PARTS.items():
        op.execute(_PART.format(name=name, key=key, columns=columns))
    op.execute(
        "CREATE INDEX import_row_status_idx"
        " ON crm_contacts.import_row (workspace_id, import_id, status, index)"
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (*_PARTS, "contact_import"):
        op.execute(f"DROP TABLE crm_contacts.{name}")
