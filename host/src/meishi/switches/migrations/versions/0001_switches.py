"""What is switched, for the deployment and for each workspace; nothing is yet."""

from alembic import op

revision = "meishi_plugins_0001"
down_revision = None

_TABLES = """
CREATE TABLE meishi_plugins.epoch (
    one boolean NOT NULL DEFAULT true,
    number bigint NOT NULL,
    CONSTRAINT epoch_pkey PRIMARY KEY (one),
    CONSTRAINT epoch_one_check CHECK (one)
);
INSERT INTO meishi_plugins.epoch (number) VALUES (0);
CREATE TABLE meishi_plugins.deployment_switch (
    plugin text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    workspaces text NOT NULL,
    CONSTRAINT deployment_switch_pkey PRIMARY KEY (plugin),
    CONSTRAINT deployment_switch_workspaces_check CHECK (workspaces IN ('on', 'off', 'forced'))
);
CREATE TABLE meishi_plugins.workspace_switch (
    workspace_id uuid NOT NULL,
    plugin text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT workspace_switch_pkey PRIMARY KEY (workspace_id, plugin)
);
CREATE TABLE meishi_plugins.change (
    id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    plugin text COLLATE "C" NOT NULL,
    workspace uuid,
    said text NOT NULL,
    actor uuid,
    CONSTRAINT change_pkey PRIMARY KEY (id)
);
"""

#: Every process knows the choices of all workspaces, and acts in none when it reads them.
_CHOICES = """
CREATE FUNCTION meishi_plugins.resolve_choices()
RETURNS TABLE (workspace_id uuid, plugin text, enabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT workspace_id, plugin, enabled FROM meishi_plugins.workspace_switch
$$
"""


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)
    op.execute(_CHOICES)


def downgrade() -> None:
    """Drop the tables; everything is on then."""
    op.execute("DROP FUNCTION meishi_plugins.resolve_choices()")
    op.execute(
        "DROP TABLE meishi_plugins.change, meishi_plugins.workspace_switch, "
        "meishi_plugins.deployment_switch, meishi_plugins.epoch"
    )
