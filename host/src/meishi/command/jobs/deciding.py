"""`meishi jobs retry`, `cancel` and `abandon`: what becomes of a job, by an operator's decision."""

from __future__ import annotations

from uuid import UUID

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.operating import json_option
from meishi.command.jobs.operating import job_document, number_argument, operating
from meishi.command.output import print_json
from meishi.command.session import working_in, workspace_option
from meishi.errors import OperatorError

_CANCELS = "`meishi jobs list` shows it, and `meishi jobs cancel` takes it back."

_NAMES = "`meishi doctor` names the operations that have no job."


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


@click.command()
@click.argument("operation", type=click.UUID)
@workspace_option
def abandon(*, operation: UUID, workspace: str | None) -> None:
    """End OPERATION as cancelled, whose job is gone: nobody else would."""
    from meishi.core.operations.contract import OperationOvertaken, Operations
    from meishi.jobs.operations import DB_SCHEMA, without_job

    host = current_deployment().host()
    with working_in(workspace, plugin=DB_SCHEMA) as session:
        with host.within(DB_SCHEMA) as scope:
            going_on = not without_job(scope.work, [operation])
        if going_on:
            raise OperatorError(f"The operation {operation} has a job.", hint=_CANCELS)
        try:
            with session.unit_of_work():
                host.service(Operations).stop(operation)
        except OperationOvertaken as error:
            raise OperatorError(error.detail, hint=_NAMES) from error
    click.echo(f"The operation {operation} is cancelled.")
