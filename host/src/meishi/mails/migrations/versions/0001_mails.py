"""Mails that are not sent yet."""

from alembic import op

revision = "meishi_mails_0001"
down_revision = None

_TABLE = """
CREATE TABLE meishi_mails.mail (
    id uuid PRIMARY KEY,
    kind text COLLATE "C" NOT NULL,
    message_id text NOT NULL,
    recipient text NOT NULL,
    name text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    html text,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX mail_asked_at_idx ON meishi_mails.mail (asked_at);
"""


def upgrade() -> None:
    """Create the table."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Drop the table."""
    op.execute("DROP TABLE meishi_mails.mail")
