"""Where users are known, also those who are in no such workspace: they may ask to be forgotten."""

from alembic import op

revision = "crm_viral_0003"
down_revision = "crm_viral_0002"
phase = "expand"

# Who signed up by a link of a workspace, or took part there, need not be in it. One at a time,
# in the order of their ids.
_RESOLVE_PERSON = """
CREATE FUNCTION crm_viral.resolve_person(wanted uuid, behind uuid)
RETURNS TABLE (workspace_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.workspace_id FROM crm_viral.conversion c
    WHERE c.referee_id = wanted AND c.workspace_id > behind
    UNION
    SELECT p.workspace_id FROM crm_viral.participant p
    WHERE p.user_id = wanted AND p.workspace_id > behind
    ORDER BY 1 LIMIT 1
$$
"""


def upgrade() -> None:
    """Create the function."""
    op.execute(_RESOLVE_PERSON)


def downgrade() -> None:
    """Drop it."""
    op.execute("DROP FUNCTION crm_viral.resolve_person(uuid, uuid)")
