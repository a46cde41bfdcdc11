"""Procrastinate's queue, and what we know of its jobs besides."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "meishi_jobs_0001"
down_revision = None

#: Its statements name nothing by db_schema: they are made, and run, where the path leads.
_ENTER = """
    SELECT set_config('meishi.path', current_setting('search_path'), true),
           set_config('search_path', 'meishi_jobs, pg_catalog', true)
"""
_LEAVE = "SELECT set_config('search_path', current_setting('meishi.path'), true)"

#: Whoever calls one of its functions has a path of their own.
_PIN = """
DO $$
DECLARE found regprocedure;
BEGIN
    FOR found IN SELECT oid::regprocedure FROM pg_proc
        WHERE pronamespace = 'meishi_jobs'::regnamespace
    LOOP
        EXECUTE format(
            'ALTER ROUTINE %s SET search_path = meishi_jobs, pg_catalog, pg_temp', found
        );
    END LOOP;
END
$$
"""

_TABLES = """
CREATE TABLE meishi_jobs.run (
    job_id bigint PRIMARY KEY REFERENCES meishi_jobs.procrastinate_jobs ON DELETE CASCADE,
    operation uuid,
    workspace uuid,
    attempt integer NOT NULL DEFAULT 0,
    failures integer NOT NULL DEFAULT 0,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    started_at timestamptz,
    finished_at timestamptz
);
CREATE UNIQUE INDEX run_operation ON meishi_jobs.run (operation);
CREATE INDEX run_finished_at ON meishi_jobs.run (finished_at);
CREATE TABLE meishi_jobs.failure (
    job_id bigint NOT NULL REFERENCES meishi_jobs.procrastinate_jobs ON DELETE CASCADE,
    attempt integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    error text NOT NULL,
    PRIMARY KEY (job_id, attempt)
);
CREATE TABLE meishi_jobs.schedule (
    job text PRIMARY KEY,
    cron text NOT NULL,
    last_tick timestamptz NOT NULL
);
CREATE TABLE meishi_jobs.process (
    id uuid PRIMARY KEY,
    worker_id bigint NOT NULL REFERENCES meishi_jobs.procrastinate_workers ON DELETE CASCADE,
    host text NOT NULL,
    pid integer NOT NULL
);
CREATE INDEX process_worker_id ON meishi_jobs.process (worker_id);
CREATE TABLE meishi_jobs.outcome (
    job text NOT NULL,
    state text NOT NULL,
    runs bigint NOT NULL,
    seconds double precision NOT NULL,
    PRIMARY KEY (job, state)
);
"""

#: The functions go first: some would go with the types that they take.
_DROP = """
DO $$
DECLARE found text;
BEGIN
    FOR found IN SELECT format('ROUTINE %s', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'meishi_jobs'::regnamespace
    LOOP
        EXECUTE format('DROP %s CASCADE', found);
    END LOOP;
    FOR found IN SELECT format('TABLE %s', oid::regclass) FROM pg_class
        WHERE relnamespace = 'meishi_jobs'::regnamespace AND relkind = 'r'
            AND relname LIKE 'procrastinate%'
    LOOP
        EXECUTE format('DROP %s CASCADE', found);
    END LOOP;
    FOR found IN SELECT format('TYPE %s', t.oid::regtype) FROM pg_type AS t
        LEFT JOIN pg_class AS c ON c.oid = t.typrelid
        WHERE typnamespace = 'meishi_jobs'::regnamespace
            AND (typtype = 'e' OR c.relkind = 'c')
    LOOP
        EXECUTE format('DROP %s CASCADE', found);
    END LOOP;
END
$$
"""


def upgrade() -> None:
    """Create Procrastinate's own objects, from its package, and our tables beside them."""
    op.execute(_ENTER)
    op.execute(SchemaManager.get_schema())
    op.execute(_LEAVE)
    op.execute(_PIN)
    op.execute(_TABLES)


def downgrade() -> None:
    """Drop everything."""
    op.execute(
        "DROP TABLE meishi_jobs.run, meishi_jobs.failure, meishi_jobs.schedule, "
        "meishi_jobs.process, meishi_jobs.outcome"
    )
    op.execute(_DROP)
