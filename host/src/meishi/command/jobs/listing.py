"""`meishi jobs list` and `show`: what was asked for, what became of it, and why it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meishi.command.events.operating import chosen_workspace, json_option, workspace_option
from meishi.command.events.text import moment, printable
from meishi.command.jobs.operating import job_document, number_argument, operating
from meishi.command.output import print_json, print_table

if TYPE_CHECKING:
    from meishi.jobs.operations import JobDetails, JobRecord

_HEADERS = ("number", "job", "state", "attempts", "failures", "workspace", "due", "requested")


@click.command("list")
@click.option(
    "--state",
    type=click.Choice(["waiting", "running", "succeeded", "failed", "cancelled"]),
    help="This state only.",
)
@click.option("--job", metavar="NAME", help="This job only: `plugin.name`.")
@click.option("--queue", metavar="NAME", help="This queue only: `plugin.name`.")
@workspace_option
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="At most."
)
@click.option("--after", type=click.IntRange(1), metavar="NUMBER", help="Go on behind this job.")
@json_option
def list_(
    *,
    state: str | None,
    job: str | None,
    queue: str | None,
    workspace: str | None,
    limit: int,
    after: int | None,
    as_json: bool,
) -> None:
    """List jobs, the newest first."""
    from meishi.jobs.operations import JobFilter, JobState, list_jobs

    with operating() as host:
        wanted = JobFilter(
            job=job,
            queue=queue,
            state=None if state is None else JobState(state),
            workspace=chosen_workspace(host, workspace),
        )
        page = list_jobs(wanted, limit=limit, after=after)
    if as_json:
        items = [job_document(item) for item in page.items]
        print_json({"items": items, "next_after": page.next_after})
        return
    if not page.items:
        click.echo("There is no such job." if after is None else "There are no more.")
        return
    print_table(_HEADERS, [_row(item) for item in page.items])
    if page.next_after:
        click.echo(f"There are more: --after {page.next_after}")


@click.command()
@number_argument
@json_option
def show(*, number: int, as_json: bool) -> None:
    """Show all about the job NUMBER, with the tracebacks of its failures."""
    from meishi.jobs.operations import show_job

    with operating():
        found = show_job(number)
    if as_json:
        print_json({"job": job_document(found.job), "failures": found.failures})
    else:
        _print(found)


def _row(item: JobRecord) -> tuple[str, ...]:
    return (
        str(item.id),
        printable(item.job),
        state_of(item),
        str(item.attempts),
        str(item.failures),
        "" if item.workspace is None else str(item.workspace),
        moment(item.due_at) if item.state.value == "waiting" else "",
        moment(item.requested_at),
    )


def state_of(item: JobRecord) -> str:
    """Return a job's state as people read it."""
    stopping = item.cancel_requested and item.state.value == "running"
    return "running (to be cancelled)" if stopping else item.state.value


def _print(found: JobDetails) -> None:
    job = found.job
    for name, value in (
        ("number", job.id),
        ("job", job.job),
        ("queue", job.queue),
        ("state", state_of(job)),
        ("priority", job.priority),
        ("lock", job.lock or ""),
        ("workspace", job.workspace or "none"),
        ("operation", job.operation or "none"),
        ("requested by", job.requested_by or "the system"),
        ("arguments", job.arguments),
        ("attempts", job.attempts),
        ("failures", job.failures),
        ("due", moment(job.due_at)),
        ("requested", moment(job.requested_at)),
        ("started", moment(job.started_at)),
        ("finished", moment(job.finished_at)),
    ):
        if value != "":
            click.echo(f"{name + ':':<14}{printable(str(value))}")
    for failure in found.failures:
        click.echo(f"\nattempt {failure.attempt}, {moment(failure.at)}:")
        click.echo(printable(failure.error.rstrip()))
