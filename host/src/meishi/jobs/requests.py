"""Requests for jobs: an event in the requester's transaction, from which the job is deferred."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from meishi.context import Scope
from meishi.core.operations.contract import Operations
from meishi.jobs.book import DeclaredJob, is_fanned_out
from meishi.jobs.environment import in_workspace
from meishi.jobs.models import DB_SCHEMA
from meishi.sdk.contract import Event

#: What a priority may be.
LOWEST, HIGHEST = -100, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequested(Event):
    """A plugin asked for work; `arguments` is JSON text.

    `queue`, `lock` and `priority` are what the declaration said at that time. `oversees` says
    whether who asked sees what the plugin keeps from others, if their role does: a token may not.
    """

    event_type: ClassVar[str] = "job.requested.v1"
    subject: ClassVar[str] = "operation_id"

    operation_id: UUID
    job: str
    queue: str
    lock: str | None
    priority: int
    arguments: str
    at: datetime | None = None
    oversees: bool = True


class UnfitRequest(ValueError):
    """A job was asked for in a way in which it could never be done."""


def request(
    scope: Scope,
    job: DeclaredJob,
    arguments: Mapping[str, Any],
    *,
    operation_id: UUID,
    at: datetime | None,
    priority: int | None,
    subject: str | None,
    oversees: bool,
) -> None:
    """Begin an operation and ask for a job, in the current transaction.

    A job of the deployment runs in no workspace, wherever it is asked for, and has no operation:
    it is no member's to look at, or to cancel.

    :raises UnfitRequest: if there is no workspace for a job of one, or the time or priority is none
    :raises UnfitArguments: if the job cannot be called with the arguments
    """
    workspace = scope.workspace_id if is_fanned_out(job) else None
    if workspace is None and is_fanned_out(job):
        raise UnfitRequest(f"{job.name} must be asked for inside of a workspace")
    if at is not None and at.tzinfo is None:
        raise UnfitRequest(f"{job.name}: the time {at} needs a time zone")
    if priority is not None and not LOWEST <= priority <= HIGHEST:
        raise UnfitRequest(f"{job.name}: a priority is {LOWEST} to {HIGHEST}, not {priority}")
    text = job.encode(arguments)
    requested = JobRequested(
        operation_id=operation_id,
        job=job.name,
        queue=job.queue,
        lock=job.lock(workspace, text),
        priority=job.declared.priority if priority is None else priority,
        arguments=text,
        at=at,
        oversees=oversees,
    )
    with scope.work.entered(DB_SCHEMA):
        if workspace is not None:
            scope.host.service(Operations).begin(operation_id, kind=job.name, subject=subject)
        with in_workspace(workspace) as inner:
            inner.host.publish([requested])
