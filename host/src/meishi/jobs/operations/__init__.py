"""Operating on jobs: what `meishi jobs` and its twins on the web do.

Each function works in the unit of work that is current, as `meishi_jobs`, in no workspace:
`with host.scope(plugin=DB_SCHEMA)`.
"""

from meishi.jobs.models import DB_SCHEMA
from meishi.jobs.operations.decisions import cancel_job, retry_job
from meishi.jobs.operations.errors import (
    InvalidJobInput,
    JobNotFound,
    JobRefused,
    WrongJobState,
)
from meishi.jobs.operations.queues import (
    QueueStatus,
    ScheduleStatus,
    job_workers_alive,
    list_queues,
    list_schedules,
)
from meishi.jobs.operations.records import (
    JobDetails,
    JobFailure,
    JobFilter,
    JobPage,
    JobRecord,
    JobState,
    count_jobs,
    list_jobs,
    show_job,
)
from meishi.jobs.operations.stranded import without_job

__all__ = [
    "DB_SCHEMA",
    "InvalidJobInput",
    "JobDetails",
    "JobFailure",
    "JobFilter",
    "JobNotFound",
    "JobPage",
    "JobRecord",
    "JobRefused",
    "JobState",
    "QueueStatus",
    "ScheduleStatus",
    "WrongJobState",
    "cancel_job",
    "count_jobs",
    "job_workers_alive",
    "list_jobs",
    "list_queues",
    "list_schedules",
    "retry_job",
    "show_job",
    "without_job",
]
