"""Jobs over HTTP: what `meishi jobs` does, for operators."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from flask import Response, current_app
from flask.views import MethodView

from meishi.jobs.book import JobBook
from meishi.jobs.operations import (
    InvalidJobInput,
    JobDetails,
    JobFilter,
    JobNotFound,
    JobRecord,
    JobState,
    WrongJobState,
    cancel_job,
    count_jobs,
    job_workers_alive,
    list_jobs,
    list_queues,
    list_schedules,
    retry_job,
    show_job,
)
from meishi.jobs.schemas import (
    JobDetailsSchema,
    JobPageSchema,
    JobQuerySchema,
    JobQueuesSchema,
    JobSchedulesSchema,
    JobSchema,
)
from meishi.sdk.contract import DocumentPage, ListQuery
from meishi.sdk.http import Blueprint, page_response

blueprint = Blueprint("jobs", description="Work that waits for a worker, for operators")

_NUMBER = "/<int:number>"

#: The largest number that a job can have: PostgreSQL keeps them in eight bytes.
_LAST = 2**63 - 1

_JOB = JobSchema()


@blueprint.route("")
class JobList(MethodView):
    """The jobs of all workspaces."""

    @blueprint.requires("operate")
    @blueprint.arguments(JobQuerySchema, location="query")
    @blueprint.page(JobPageSchema)
    @blueprint.problem(InvalidJobInput)
    def get(self, wanted: ListQuery) -> Response:
        """List jobs, the newest first."""
        asked = {item.field: item.value for item in wanted.conditions}
        meant = JobFilter(
            job=asked.get("job"),
            queue=asked.get("queue"),
            state=JobState(asked["state"]) if "state" in asked else None,
            workspace=UUID(asked["workspace"]) if "workspace" in asked else None,
        )
        page = list_jobs(
            meant,
            limit=wanted.limit,
            after=None if wanted.after is None else int(wanted.after[0]),
        )
        documents = DocumentPage(
            items=tuple(msgspec.json.encode(_JOB.dump(item)) for item in page.items),
            position=None if page.next_after is None else (str(page.next_after),),
            total=count_jobs(meant) if wanted.with_total else None,
        )
        return page_response(documents, wanted)


@blueprint.route(_NUMBER)
class JobItem(MethodView):
    """One job."""

    @blueprint.requires("operate")
    @blueprint.response(200, JobDetailsSchema)
    @blueprint.problem(JobNotFound)
    def get(self, number: int) -> JobDetails:
        """Return a job, with the tracebacks of its failures."""
        return show_job(_known(number))


@blueprint.route(f"{_NUMBER}/retry")
class JobRetrial(MethodView):
    """Running a job again."""

    @blueprint.requires("operate")
    @blueprint.response(200, JobSchema)
    @blueprint.problem(JobNotFound)
    @blueprint.problem(WrongJobState)
    def post(self, number: int) -> JobRecord:
        """Run a job as soon as a worker is free; one that failed for good, as another job."""
        return retry_job(_known(number))


@blueprint.route(f"{_NUMBER}/cancel")
class JobCancellation(MethodView):
    """Stopping a job."""

    @blueprint.requires("operate")
    @blueprint.response(200, JobSchema)
    @blueprint.problem(JobNotFound)
    @blueprint.problem(WrongJobState)
    def post(self, number: int) -> JobRecord:
        """Take back a job that waits, or have one that runs stop between two of its steps."""
        return cancel_job(_known(number))


@blueprint.route("/queues")
class JobQueues(MethodView):
    """What waits."""

    @blueprint.requires("operate")
    @blueprint.response(200, JobQueuesSchema)
    def get(self) -> dict[str, Any]:
        """Return how many jobs wait in each queue, and for how long."""
        return {"queues": list_queues(_book()), "workers_alive": job_workers_alive()}


@blueprint.route("/schedules")
class JobSchedules(MethodView):
    """What comes by itself."""

    @blueprint.requires("operate")
    @blueprint.response(200, JobSchedulesSchema)
    def get(self) -> dict[str, Any]:
        """Return which jobs run by a schedule, and when."""
        return {"schedules": list_schedules(_book(), _now())}


def _known(number: int) -> int:
    if number > _LAST:
        raise JobNotFound(f"There is no job {number}.")
    return number


def _book() -> JobBook:
    found: JobBook = current_app.extensions["meishi"].jobs
    return found


def _now() -> datetime:
    now: datetime = current_app.extensions["meishi"].clock()
    return now
