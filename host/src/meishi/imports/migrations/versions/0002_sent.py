"""Chunks that a service was to take in, and of which it is not known yet whether it has."""

from alembic import op

revision = "meishi_imports_0002"
down_revision = "meishi_imports_0001"


def upgrade() -> None:
    """Add the place where such a chunk begins."""
    op.execute("ALTER TABLE meishi_imports.file_import ADD COLUMN sent bigint")


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE meishi_imports.file_import DROP COLUMN sent")
