"""Asking for the plugin's own jobs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from meishi.context import current_scope

__all__ = ["JobOptions", "request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """What is wanted of one request beside its arguments.

    The job runs no sooner than `at`. `priority` stands for the declared one. `subject` is the path
    of the resource that the operation is about.
    """

    at: datetime | None = None
    priority: int | None = None
    subject: str | None = None


def request(job: str, options: JobOptions | None = None, /, **arguments: Any) -> UUID:
    """Ask for a job of the running plugin, and return the id of its operation.

    It is asked for with the commit of the current transaction, or not at all. `arguments` are those
    of the job's `run`; they stand in the event log, so name people by their ids. A job of the
    deployment has no operation: nobody can ask for what is returned.

    :raises UnknownJob: if the plugin declares no such job
    :raises UnfitArguments: if the job cannot be called like that
    """
    scope = current_scope()
    wanted = options or JobOptions()
    return scope.host.request_job(
        job, arguments, at=wanted.at, priority=wanted.priority, subject=wanted.subject
    )
