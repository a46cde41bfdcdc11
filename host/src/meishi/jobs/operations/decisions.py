"""What operators do to a job: let it run now, or not at all."""

from __future__ import annotations

from meishi.jobs.operations.records import JobRecord


def retry_job(number: int) -> JobRecord:
    """Let a job run as soon as somebody is free: one that waits for its time, or that failed.

    One that failed for good, and so has ended its operation, is asked for anew: what is returned
    is another job, with another operation.

    :raises JobNotFound: if there is none of that number
    :raises WrongJobState: if it runs, or was done or cancelled
    """
    raise NotImplementedError(number)


def cancel_job(number: int) -> JobRecord:
    """Take back a job that waits, or have one that runs stop between two of its steps.

    :raises JobNotFound: if there is none of that number
    :raises WrongJobState: if it has ended
    """
    raise NotImplementedError(number)
