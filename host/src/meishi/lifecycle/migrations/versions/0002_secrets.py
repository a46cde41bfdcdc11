"""The deployment's key, by which it knows texts that it has signed."""

import secrets

import sqlalchemy as sa
from alembic import op

from meishi.signing import KEY_BYTES

revision = "meishi_0002"
down_revision = "meishi_0001"


def upgrade() -> None:
    """Create the table, and draw the key."""
    table = op.create_table(
        "secret",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="secret_pkey"),
        schema="meishi",
    )
    op.bulk_insert(table, [{"name": "signing", "value": secrets.token_bytes(KEY_BYTES)}])


def downgrade() -> None:
    """Drop the table."""
    op.drop_table("secret", schema="meishi")
