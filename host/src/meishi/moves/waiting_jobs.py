"""Jobs: those that wait go on on the other side, with their operations and schedules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import Connection, sql

from meishi.moves.tables import columns

_OF = "task_name LIKE replace(%(plugin)s, '_', '\\_') || '.%%'"
#: Imports are worked at in the main deployment, where their files are, wherever the plugin is.
_MOVED = f"""{_OF} AND NOT EXISTS (
    SELECT FROM meishi_imports.file_import WHERE operation_id::text = args->>'operation')
"""

_RUNNING = f"""
    SELECT count(*) FROM meishi_jobs.procrastinate_jobs WHERE status = 'doing' AND {_OF}
"""  # noqa: S608 (constants)

#: What was asked for becomes a job a moment later, which remembers the event. Where an operation
#: stands for it and is none any more, or is over, the job is elsewhere by now, or was not wanted.
_ON_THEIR_WAY = """
    SELECT count(*) FROM meishi_events.event AS e
    WHERE e.type = 'job.requested.v1' AND e.time > clock_timestamp() - interval '1 hour'
    AND e.data->>'job' LIKE replace(%(plugin)s, '_', '\\_') || '.%%'
    AND NOT EXISTS (SELECT FROM meishi_jobs.procrastinate_jobs AS j
                    WHERE j.args->>'causation' = e.id::text)
    AND (e.workspace_id IS NULL OR EXISTS (
        SELECT FROM meishi_operations.operation AS o
        WHERE o.workspace_id = e.workspace_id AND o.id = (e.data->>'operation_id')::uuid
        AND o.state = 'waiting'))
"""

_WAITING = f"""
    SELECT j.id, j.queue_name, j.task_name, j.priority, j.lock, j.queueing_lock, j.args::text,
        j.scheduled_at, j.attempts,
        r.operation, r.workspace, r.attempt, r.failures, r.requested_at, r.started_at
    FROM meishi_jobs.procrastinate_jobs AS j LEFT JOIN meishi_jobs.run AS r ON r.job_id = j.id
    WHERE j.status = 'todo' AND {_MOVED} ORDER BY j.id FOR UPDATE OF j
"""  # noqa: S608 (constants)
_SCHEDULES = """
    SELECT job, cron, last_tick FROM meishi_jobs.schedule
    WHERE job LIKE replace(%(plugin)s, '_', '\\_') || '.%%'
"""
_OPERATIONS = "SELECT * FROM meishi_operations.operation WHERE id = ANY (%(ids)s)"

_IDS = """
    SELECT nextval('meishi_jobs.procrastinate_jobs_id_seq') FROM generate_series(1, %s::integer)
"""
_ADD_JOB = """
    INSERT INTO meishi_jobs.procrastinate_jobs (id, queue_name, task_name, priority, lock,
        queueing_lock, args, scheduled_at, attempts)
    VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s)
"""
_ADD_RUN = """
    INSERT INTO meishi_jobs.run (job_id, operation, workspace, attempt, failures, requested_at,
        started_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
_ADD_SCHEDULE = """
    INSERT INTO meishi_jobs.schedule (job, cron, last_tick) VALUES (%s, %s, %s)
    ON CONFLICT (job) DO UPDATE SET cron = excluded.cron, last_tick = excluded.last_tick
"""

_FORGET = f"""
    DELETE FROM meishi_jobs.procrastinate_jobs WHERE status = 'todo' AND {_MOVED}
"""  # noqa: S608 (constants)
_FORGET_THESE = "DELETE FROM meishi_jobs.procrastinate_jobs WHERE id = ANY (%(ids)s)"
_FORGET_OPERATIONS = "DELETE FROM meishi_operations.operation WHERE id = ANY (%(ids)s)"


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """The jobs of a plugin that wait, what is shown of them, and how far its schedules are."""

    jobs: list[tuple[Any, ...]]
    schedules: list[tuple[Any, ...]]
    operations: list[tuple[Any, ...]]
    operation_columns: tuple[str, ...]

    @property
    def operation_ids(self) -> list[Any]:
        """The operations of these jobs."""
        return [job[9] for job in self.jobs if job[9] is not None]


def running(connection: Connection[Any], plugin: str) -> int:
    """Return how many of a plugin's jobs are running."""
    return _number(connection, _RUNNING, plugin)


def on_their_way(connection: Connection[Any], plugin: str) -> int:
    """Return how many of a plugin's jobs were asked for, and are not in the queue yet."""
    return _number(connection, _ON_THEIR_WAY, plugin)


def waiting_jobs(connection: Connection[Any], plugin: str) -> WaitingJobs:
    """Return what waits in the queue of a side; nobody takes it until the transaction ends."""
    values = {"plugin": plugin}
    jobs = connection.execute(_WAITING, values).fetchall()
    ids = [job[9] for job in jobs if job[9] is not None]
    operations = connection.execute(_OPERATIONS, {"ids": ids})
    names = tuple(item.name for item in operations.description or ())
    return WaitingJobs(
        jobs=jobs,
        schedules=connection.execute(_SCHEDULES, values).fetchall(),
        operations=operations.fetchall(),
        operation_columns=names,
    )


def forget_jobs(connection: Connection[Any], waiting: WaitingJobs) -> None:
    """Take out what waits on the other side now."""
    connection.execute(_FORGET_THESE, {"ids": [job[0] for job in waiting.jobs]})
    connection.execute(_FORGET_OPERATIONS, {"ids": waiting.operation_ids})


def add_jobs(connection: Connection[Any], plugin: str, waiting: WaitingJobs) -> None:
    """Have jobs wait here, in their order, and nothing else of the plugin."""
    connection.execute(_FORGET, {"plugin": plugin})
    ids = [row[0] for row in connection.execute(_IDS, (len(waiting.jobs),))]
    with connection.cursor() as cursor:
        cursor.executemany(
            _ADD_JOB, [(new, *job[1:9]) for new, job in zip(ids, waiting.jobs, strict=True)]
        )
        cursor.executemany(
            _ADD_RUN,
            [
                (new, *job[9:])
                for new, job in zip(ids, waiting.jobs, strict=True)
                if job[11] is not None
            ],
        )
        cursor.executemany(_ADD_SCHEDULE, waiting.schedules)
    if not waiting.operations:
        return
    statement = sql.SQL(
        "INSERT INTO meishi_operations.operation ({columns}) VALUES ({values}) "
        "ON CONFLICT DO NOTHING"
    ).format(
        columns=columns(waiting.operation_columns),
        values=sql.SQL(", ").join([sql.Placeholder()] * len(waiting.operation_columns)),
    )
    with connection.cursor() as cursor:
        cursor.executemany(statement, waiting.operations)


def _number(connection: Connection[Any], statement: str, plugin: str) -> int:
    row = connection.execute(statement.encode(), {"plugin": plugin}).fetchone()
    assert row is not None
    return int(row[0])
