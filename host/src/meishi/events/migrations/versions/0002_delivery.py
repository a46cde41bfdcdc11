"""Delivery: ticks, subscriptions, cursors and what is parked; the log partitioned by position."""

from alembic import op

revision = "meishi_events_0002"
down_revision = "meishi_events_0001"

#: Defaults are drawn in this order: a snapshot between the two must find the transaction begun,
#: or its event would lie below where the next ticks look.
_COLUMNS = """
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    pos bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
    id uuid NOT NULL,
    source text NOT NULL,
    type text NOT NULL,
    version smallint NOT NULL,
    workspace_id uuid,
    subject text NOT NULL,
    key text NOT NULL,
    slot smallint NOT NULL,
    time timestamptz NOT NULL DEFAULT clock_timestamp(),
    trace jsonb NOT NULL,
    data jsonb NOT NULL
"""

_TABLES = """
CREATE TABLE meishi_events.epoch (
    id integer PRIMARY KEY,
    system_identifier text NOT NULL,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE meishi_events.tick (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    epoch integer NOT NULL,
    snap pg_snapshot NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    before_pos bigint NOT NULL,
    low_pos bigint NOT NULL,
    last_pos bigint NOT NULL
);
CREATE INDEX tick_last_pos ON meishi_events.tick (last_pos, id);
CREATE TABLE meishi_events.subscription (
    name text PRIMARY KEY,
    plugin text NOT NULL,
    types text[] NOT NULL,
    slots smallint NOT NULL,
    state text NOT NULL CHECK (state IN ('live', 'paused', 'backfilling')),
    barrier bigint,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE meishi_events.cursor (
    subscription text NOT NULL REFERENCES meishi_events.subscription ON DELETE CASCADE,
    slot smallint NOT NULL,
    owner uuid,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    replay_pos bigint NOT NULL DEFAULT 0,
    replay_shown pg_snapshot,
    replay_left bigint[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (subscription, slot)
);
CREATE TABLE meishi_events.progress (
    subscription text NOT NULL,
    slot smallint NOT NULL,
    seq bigint NOT NULL,
    tick bigint NOT NULL,
    upto bigint NOT NULL,
    pos bigint NOT NULL,
    attempt_pos bigint,
    attempt_size integer NOT NULL DEFAULT 0,
    attempt_count integer NOT NULL DEFAULT 0,
    attempt_by text,
    delivered bigint NOT NULL DEFAULT 0,
    latency bigint[] NOT NULL DEFAULT '{}',
    latency_seconds double precision NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subscription, slot, seq),
    FOREIGN KEY (subscription, slot) REFERENCES meishi_events.cursor ON DELETE CASCADE
);
CREATE TABLE meishi_events.parked (
    subscription text NOT NULL REFERENCES meishi_events.subscription ON DELETE CASCADE,
    pos bigint NOT NULL,
    slot smallint NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    workspace uuid,
    key text NOT NULL,
    event jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('retry', 'held', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    error text,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed_at timestamptz,
    PRIMARY KEY (subscription, pos)
);
CREATE INDEX parked_key ON meishi_events.parked (subscription, key, workspace, pos);
CREATE INDEX parked_due ON meishi_events.parked (subscription, slot, next_at) WHERE state = 'retry';
CREATE TABLE meishi_events.gap (
    subscription text NOT NULL REFERENCES meishi_events.subscription ON DELETE CASCADE,
    slot smallint NOT NULL,
    workspace uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'draining')),
    tick bigint NOT NULL,
    upto bigint NOT NULL,
    pos bigint NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (subscription, slot, workspace)
);
CREATE TABLE meishi_events.backfill (
    subscription text NOT NULL REFERENCES meishi_events.subscription ON DELETE CASCADE,
    workspace uuid NOT NULL,
    next text,
    done boolean NOT NULL DEFAULT false,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz,
    error text,
    PRIMARY KEY (subscription, workspace)
);
CREATE TABLE meishi_events.decision (
    id uuid PRIMARY KEY,
    subscription text NOT NULL,
    event_id uuid,
    pos bigint,
    type text,
    workspace uuid,
    key text,
    action text NOT NULL,
    reason text NOT NULL,
    decided_by text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX decision_subscription ON meishi_events.decision (subscription, at);
CREATE TABLE meishi_events.worker (
    id uuid PRIMARY KEY,
    host text NOT NULL,
    pid integer NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
INSERT INTO meishi_events.epoch (id, system_identifier)
    SELECT 1, system_identifier::text FROM pg_control_system();
INSERT INTO meishi_events.tick (epoch, snap, before_pos, low_pos, last_pos)
    VALUES (1, '1:1:', 0, 0, 0);
"""

#: Appends a position if the lease still holds, and if it follows the last one that is known: a
#: crash takes back the latest, with their effects. Who is told otherwise has everything undone.
_ADVANCE = """
CREATE FUNCTION meishi_events.advance(
    p_subscription text, p_slot smallint, p_fence bigint, p_seq bigint,
    p_tick bigint, p_upto bigint, p_pos bigint,
    p_attempt_pos bigint, p_attempt_size integer, p_attempt_count integer, p_attempt_by text,
    p_delivered bigint, p_latency bigint[], p_latency_seconds double precision
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM meishi_events.cursor
        WHERE subscription = p_subscription AND slot = p_slot AND fence = p_fence
        FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease of %/% is lost', p_subscription, p_slot
            USING ERRCODE = 'MSF01';
    END IF;
    PERFORM FROM meishi_events.progress
        WHERE subscription = p_subscription AND slot = p_slot AND seq = p_seq - 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a crash took back positions of %/%', p_subscription, p_slot
            USING ERRCODE = 'MSF01';
    END IF;
    INSERT INTO meishi_events.progress (
        subscription, slot, seq, tick, upto, pos,
        attempt_pos, attempt_size, attempt_count, attempt_by,
        delivered, latency, latency_seconds
    ) VALUES (
        p_subscription, p_slot, p_seq, p_tick, p_upto, p_pos,
        p_attempt_pos, p_attempt_size, p_attempt_count, p_attempt_by,
        p_delivered, p_latency, p_latency_seconds
    );
END $$
"""

#: Adds a partition from `p_from` to before `p_to`; the log takes events all the while. Only where
#: some may be on their way to the default partition do they wait: its bounds must not change then.
_ADD_PARTITION = """
CREATE FUNCTION meishi_events.add_partition(p_from bigint, p_to bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := format('event_%s', p_from);
    last bigint := coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0);
BEGIN
    IF p_from - last < (p_to - p_from) / 4 THEN
        LOCK TABLE meishi_events.event IN SHARE ROW EXCLUSIVE MODE;
    END IF;
    EXECUTE format('CREATE TABLE meishi_events.%I (LIKE meishi_events.event
        INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', name);
    EXECUTE format('ALTER TABLE meishi_events.event ATTACH PARTITION meishi_events.%I
        FOR VALUES FROM (%s) TO (%s)', name, p_from, p_to);
    RETURN true;
END $$
"""

#: Nobody publishes before there is a partition, so that what finds none is a rare thing.
_FIRST_PARTITION = """
SELECT meishi_events.add_partition(last + 1, last + 10001)
FROM (SELECT coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0) AS last) AS log
"""

#: Drops the partition that ends before `p_end`, and what is older and had found none.
_DROP_PARTITION = """
CREATE FUNCTION meishi_events.drop_partition(p_name text, p_end bigint)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF p_name !~ '^event_[0-9]+$' THEN
        RAISE EXCEPTION '% is no partition of the event log', p_name;
    END IF;
    EXECUTE format('DROP TABLE meishi_events.%I', p_name);
    DELETE FROM meishi_events.event_default WHERE pos < p_end;
    RETURN true;
END $$
"""

#: Begins an epoch after a restore: a tick that shows all that is there while nobody writes.
_BEGIN_EPOCH = """
CREATE FUNCTION meishi_events.begin_epoch()
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    here text := (SELECT system_identifier::text FROM pg_control_system());
    last integer;
    boundary bigint;
BEGIN
    LOCK TABLE meishi_events.event IN EXCLUSIVE MODE;
    SELECT id INTO last FROM meishi_events.epoch ORDER BY id DESC LIMIT 1 FOR UPDATE;
    IF (SELECT system_identifier FROM meishi_events.epoch WHERE id = last) = here THEN
        RETURN false;
    END IF;
    SELECT coalesce(pg_sequence_last_value('meishi_events.event_pos_seq'), 0) INTO boundary;
    INSERT INTO meishi_events.epoch (id, system_identifier) VALUES (last + 1, here);
    INSERT INTO meishi_events.tick (epoch, snap, before_pos, low_pos, last_pos)
        VALUES (last + 1, pg_current_snapshot(), boundary, boundary, boundary);
    RETURN true;
END $$
"""


def upgrade() -> None:
    """Partition the log by position, and create what delivery keeps."""
    _remake(
        f"CREATE TABLE meishi_events.event ({_COLUMNS}, CONSTRAINT event_pkey PRIMARY KEY (pos)) "
        "PARTITION BY RANGE (pos)"
    )
    op.execute(_TABLES)
    for function in (_ADVANCE, _ADD_PARTITION, _DROP_PARTITION, _BEGIN_EPOCH):
        op.execute(function)
    op.execute(_FIRST_PARTITION)


def downgrade() -> None:
    """Drop what delivery keeps, and partition the log by time again."""
    for name in ("advance", "add_partition", "drop_partition", "begin_epoch"):
        op.execute(f"DROP FUNCTION meishi_events.{name}")
    for name in (
        "worker", "decision", "backfill", "gap", "parked", "progress", "cursor", "subscription",
        "tick", "epoch",
    ):  # fmt: skip
        op.execute(f"DROP TABLE meishi_events.{name}")
    _remake(
        f"CREATE TABLE meishi_events.event ({_COLUMNS}, "
        "CONSTRAINT event_pkey PRIMARY KEY (time, pos)) PARTITION BY RANGE (time)"
    )


def _remake(create: str) -> None:
    """Make the log anew with the events that it holds; their positions go on."""
    names = (
        "pos, xid, id, source, type, version, workspace_id, subject, key, slot, time, trace, data"
    )
    op.execute("CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT * FROM meishi_events.event")
    op.execute("DROP TABLE meishi_events.event")
    op.execute(create)
    op.execute("CREATE INDEX event_xid_pos ON meishi_events.event (xid, pos)")
    op.execute("CREATE TABLE meishi_events.event_default PARTITION OF meishi_events.event DEFAULT")
    op.execute(
        f"INSERT INTO meishi_events.event ({names}) OVERRIDING SYSTEM VALUE "
        f"SELECT {names} FROM kept ORDER BY pos"
    )
    op.execute(
        "SELECT setval('meishi_events.event_pos_seq', max(pos)) FROM kept HAVING max(pos) > 0"
    )
    op.execute("DROP TABLE kept")
