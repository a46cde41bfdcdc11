"""Operating on jobs from the command line: one unit of work, and refusals as errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import msgspec

from meishi.command.deployment import current_deployment
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.host import Host
    from meishi.jobs.operations import JobRecord

#: The largest number that a job can have.
_LAST = 2**63 - 1

number_argument = click.argument("number", type=click.IntRange(1, _LAST))


@contextmanager
def operating() -> Iterator[Host]:
    """Run a block as one operation on jobs; it is kept at the end, or not at all."""
    from meishi.jobs.operations import DB_SCHEMA, JobRefused

    host = current_deployment().host()
    try:
        with host.within(DB_SCHEMA):
            yield host
    except JobRefused as error:
        raise OperatorError(error.detail, hint=error.hint) from error


def job_document(job: JobRecord) -> dict[str, Any]:
    """Return a job as the web API shows it: its arguments are a document, not its text."""
    return asdict(job) | {"arguments": msgspec.Raw(job.arguments.encode())}
