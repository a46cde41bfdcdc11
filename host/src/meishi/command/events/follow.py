"""`meishi events follow`: going on with a neighbour's events after some were missed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.operating import json_option
from meishi.command.events.text import moment
from meishi.command.output import print_json
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.events.operations.resuming import MissedEvents

#: What to do next, by whether nothing was missed.
_HINTS = {False: "Add --yes to go on without them.", True: "Add --yes to go on from there."}


@click.command()
@click.argument("place")
@click.option(
    "--resume", is_flag=True, required=True, help="From the oldest event that is kept there."
)
@click.option("--yes", is_flag=True, help="Yes, without what was missed.")
@json_option
def follow(*, place: str, resume: bool, yes: bool, as_json: bool) -> None:  # noqa: ARG001 (there is nothing else yet)
    """Go on with the events of a service, or of `main`, where what comes next is not kept."""
    from meishi.events.operations.errors import OperationRefused
    from meishi.events.operations.resuming import Resuming
    from meishi.remote.line import NoAnswer

    try:
        resuming = Resuming(current_deployment().host(), place)
        if not yes:
            missed = resuming.missed()
            raise OperatorError(_told(missed), hint=_HINTS[missed.nothing])
        missed = resuming.resume()
    except OperationRefused as error:
        raise OperatorError(error.detail, hint=error.hint) from error
    except NoAnswer as error:
        raise OperatorError(
            f"{place} does not answer: {error.reason}.", hint="`meishi doctor` says more."
        ) from error
    if as_json:
        print_json(missed)
        return
    click.echo(_told(missed))
    for name in missed.read_again:
        click.echo(f"{name} reads once more what there is, before anything else.")
    for name in missed.without:
        click.echo(f"{name} has missed them: it has nothing to read them from.")
    click.echo(f"{place} is followed again.")


def _told(missed: MissedEvents) -> str:
    if missed.nothing:
        return (
            f"No events of {missed.place} were missed: those that are kept there reach back to "
            "what was taken before. It was put back to an earlier state."
        )
    until = "now" if missed.until is None else moment(missed.until)
    return f"Events of {missed.place} were missed from {moment(missed.since)} to {until}."
