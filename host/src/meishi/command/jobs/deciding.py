"""`meishi jobs retry` and `cancel`: what becomes of a job, by an operator's decision."""

from __future__ import annotations

import click

from meishi.command.events.operating import json_option
from meishi.command.jobs.operating import job_document, number_argument, operating
from meishi.command.output import print_json


@click.command()
@number_argument
@json_option
def retry(*, number: int, as_json: bool) -> None:
    """Run the job NUMBER as soon as a worker is free.

    One that failed for good is asked for anew, as another job.
    """
    from meishi.jobs.operations import retry_job

    with operating():
        done = retry_job(number)
    if as_json:
        print_json(job_document(done))
    elif done.id == number:
        click.echo(f"Job {number} runs as soon as a worker is free.")
    else:
        click.echo(f"Job {number} was asked for anew: job {done.id}.")


@click.command()
@number_argument
@json_option
def cancel(*, number: int, as_json: bool) -> None:
    """Take back the job NUMBER, or have it stop between two of its steps."""
    from meishi.jobs.operations import JobState, cancel_job

    with operating():
        done = cancel_job(number)
    if as_json:
        print_json(job_document(done))
    elif done.state is JobState.RUNNING:
        click.echo(f"Job {number} stops behind the step that it is at.")
    else:
        click.echo(f"Job {number} is cancelled.")
