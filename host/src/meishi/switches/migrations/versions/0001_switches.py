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
    workspace uuid NOT NULL,
    plugin text COLLATE "C" NOT NULL,
    enabled boolean NOT NULL,
    CONSTRAINT workspace_switch_pkey PRIMARY KEY (workspace, plugin)
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


def upgrade() -> None:
    """Create the tables."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop the tables; everything is on then."""
    op.execute(
        "DROP TABLE meishi_plugins.change, meishi_plugins.workspace_switch, "
        "meishi_plugins.deployment_switch, meishi_plugins.epoch"
    )
