"""The list of processes that run jobs, on which one of them signs."""

from __future__ import annotations

import os
import socket
from uuid import UUID

from meishi.jobs.environment import JobEnvironment
from meishi.jobs.models import DB_SCHEMA

_REGISTER = "SELECT worker_id FROM meishi_jobs.procrastinate_register_worker_v1()"

_SIGN = """
    INSERT INTO meishi_jobs.process (id, worker_id, host, pid)
    VALUES (%(id)s, %(worker)s, %(host)s, %(pid)s)
    ON CONFLICT (id) DO UPDATE SET worker_id = excluded.worker_id
"""

_BEAT = """
    UPDATE meishi_jobs.procrastinate_workers SET last_heartbeat = clock_timestamp()
    WHERE id = %(worker)s RETURNING id
"""

_LEAVE = "DELETE FROM meishi_jobs.procrastinate_workers WHERE id = %(worker)s"


class JobRoster:
    """One process's place among those that run jobs; `worker` is its number in the queue."""

    def __init__(self, host: JobEnvironment, process: UUID) -> None:
        self._host = host
        self._process = process
        self.worker: int | None = None

    def sign(self) -> None:
        """Tell that this process is alive; under a new number if it was taken for dead."""
        with self._host.within(DB_SCHEMA) as scope:
            if self.worker is not None and scope.work.execute(_BEAT, {"worker": self.worker}):
                return
            worker = int(scope.work.execute(_REGISTER)[0][0])
            values = {
                "id": self._process, "worker": worker,
                "host": socket.gethostname(), "pid": os.getpid(),
            }  # fmt: skip
            scope.work.execute(_SIGN, values)
        self.worker = worker

    def leave(self) -> None:
        """Take this process off the list."""
        if self.worker is not None:
            with self._host.within(DB_SCHEMA) as scope:
                scope.work.execute(_LEAVE, {"worker": self.worker})
            self.worker = None
