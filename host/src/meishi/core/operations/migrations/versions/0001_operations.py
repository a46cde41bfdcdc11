"""Operations: what was asked for, how far it has come and how it ended."""

from alembic import op

revision = "meishi_operations_0001"
down_revision = None

_TABLE = """
CREATE TABLE meishi_operations.operation (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    subject text,
    state text COLLATE "C" NOT NULL,
    done bigint NOT NULL,
    total bigint,
    unit text,
    result text,
    error_code text,
    error_title text,
    error_detail text,
    cancel_requested boolean NOT NULL,
    attempts integer NOT NULL,
    created_by uuid,
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    version integer NOT NULL,
    CONSTRAINT operation_pkey PRIMARY KEY (workspace_id, id)
);
CREATE INDEX operation_kind_idx ON meishi_operations.operation (workspace_id, kind, id);
CREATE INDEX operation_state_idx ON meishi_operations.operation (workspace_id, state, id);
CREATE INDEX operation_finished_at_idx
    ON meishi_operations.operation (workspace_id, finished_at);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE meishi_operations.operation")
