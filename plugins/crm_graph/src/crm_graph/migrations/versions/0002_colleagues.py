"""Ties of colleagues, which follow from their organisations and are stored no more.

As long as code that stores them runs beside code that does not, they count twice.
"""

from alembic import op

revision = "crm_graph_0002"
down_revision = "crm_graph_0001"
phase = "contract"

_FORGET = """
UPDATE crm_graph.tie t SET held_forward = e.forward, held_backward = e.backward
FROM (
    SELECT workspace_id, low, high,
        coalesce(sum(weight * CASE direction WHEN 0 THEN 0.5 WHEN 1 THEN 1.0 ELSE 0.0 END
            ORDER BY source, key)
            FILTER (WHERE occurred_at IS NULL AND source <> 'organisation'), 0) AS forward,
        coalesce(sum(weight * CASE direction WHEN 0 THEN 0.5 WHEN -1 THEN 1.0 ELSE 0.0 END
            ORDER BY source, key)
            FILTER (WHERE occurred_at IS NULL AND source <> 'organisation'), 0) AS backward
    FROM crm_graph.evidence GROUP BY workspace_id, low, high
    HAVING bool_or(source = 'organisation')
) AS e
WHERE (t.workspace_id, t.low, t.high) = (e.workspace_id, e.low, e.high);
DELETE FROM crm_graph.evidence WHERE source = 'organisation';
DELETE FROM crm_graph.tie t WHERE NOT EXISTS (
    SELECT FROM crm_graph.evidence e
    WHERE (t.workspace_id, t.low, t.high) = (e.workspace_id, e.low, e.high)
);
UPDATE crm_graph.state SET version = version + 1, stamp = gen_random_uuid();
"""

_STORE = """
WITH said AS (
    INSERT INTO crm_graph.evidence (workspace_id, source, key, low, high, direction, weight)
    SELECT o.workspace_id, 'organisation', o.organisation_key, l.id, h.id, 0,
        power(o.members - 1, -0.5)
    FROM (
        SELECT workspace_id, organisation_key, count(*)::double precision AS members
        FROM crm_graph.node WHERE organisation_key IS NOT NULL
        GROUP BY workspace_id, organisation_key HAVING count(*) BETWEEN 2 AND 40
    ) AS o
    JOIN crm_graph.node l USING (workspace_id, organisation_key)
    JOIN crm_graph.node h USING (workspace_id, organisation_key)
    WHERE l.id < h.id
    RETURNING workspace_id, low, high, weight / 2 AS share
)
INSERT INTO crm_graph.tie AS t
    (workspace_id, low, high, held_forward, held_backward, met_forward, met_backward)
SELECT workspace_id, low, high, share, share, 0, 0 FROM said
ON CONFLICT (workspace_id, low, high) DO UPDATE SET
    held_forward = t.held_forward + excluded.held_forward,
    held_backward = t.held_backward + excluded.held_backward;
UPDATE crm_graph.state SET version = version + 1, stamp = gen_random_uuid();
"""


def upgrade() -> None:
    """Store what follows from organisations no more."""
    op.execute(_FORGET)


def downgrade() -> None:
    """Store it again."""
    op.execute(_STORE)
