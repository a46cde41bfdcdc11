"""Files that plugins read, in pieces, and what was rejected of them."""

from alembic import op

revision = "meishi_imports_0001"
down_revision = None

_IMPORT = """
CREATE TABLE meishi_imports.file_import (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    name text,
    media_type text NOT NULL,
    plugin text COLLATE "C",
    importer text COLLATE "C" NOT NULL,
    asked text[] NOT NULL,
    state text COLLATE "C" NOT NULL,
    size bigint NOT NULL,
    preview text,
    mapping text NOT NULL,
    dry_run boolean NOT NULL,
    next_offset bigint NOT NULL,
    next_state text NOT NULL,
    created integer NOT NULL,
    updated integer NOT NULL,
    unchanged integer NOT NULL,
    rejected integer NOT NULL,
    run uuid,
    tries integer NOT NULL,
    operation_id uuid,
    created_by uuid,
    created_at timestamptz NOT NULL,
    completed_at timestamptz,
    CONSTRAINT file_import_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX file_import_importer_idx ON meishi_imports.file_import (workspace_id, importer, id);
CREATE INDEX file_import_created_at_idx
    ON meishi_imports.file_import (workspace_id, created_at);
"""

_PART = """
CREATE TABLE meishi_imports.{name} (
    workspace_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number integer NOT NULL,
    {columns},
    CONSTRAINT {name}_pkey PRIMARY KEY (workspace_id, import_id, number),
    CONSTRAINT {name}_workspace_id_import_id_fkey FOREIGN KEY (workspace_id, import_id)
        REFERENCES meishi_imports.file_import (workspace_id, id) ON DELETE CASCADE
)
"""

_PARTS = {
    # What is read by parts must not be compressed as a whole.
    "import_piece": "content bytea STORAGE EXTERNAL NOT NULL",
    "import_reject": "position integer NOT NULL, code text NOT NULL, message text NOT NULL",
}


def upgrade() -> None:
    """Create the tables."""
    op.execute(_IMPORT)
    for name, columns in _PARTS.items():
        op.execute(_PART.format(name=name, columns=columns))


def downgrade() -> None:
    """Drop the tables."""
    for name in (*_PARTS, "file_import"):
        op.execute(f"DROP TABLE meishi_imports.{name}")
