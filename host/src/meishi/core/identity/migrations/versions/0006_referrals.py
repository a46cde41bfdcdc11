"""What led to an account, until its address is proved."""

from alembic import op

revision = "identity_0006"
down_revision = "identity_0005"
phase = "expand"


def upgrade() -> None:
    """Add the column; of accounts that wait, nothing is known."""
    op.execute('ALTER TABLE identity."user" ADD COLUMN referral text')


def downgrade() -> None:
    """Drop it; who waits comes as if by themselves."""
    op.execute('ALTER TABLE identity."user" DROP COLUMN referral')
