"""`meishi personal-data`: answering people who ask for their data, or to be forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.text import printable
from meishi.command.output import print_json, print_table
from meishi.command.session import chosen_workspace
from meishi.errors import OperatorError
from meishi.sdk.contract import DomainError

if TYPE_CHECKING:
    from meishi.personal_data.report import PersonalDataReport, PluginOutcome
    from meishi.personal_data.requests import Person

_HEADERS = ("plugin", "workspace", "exported", "erased", "emptied", "stays", "failed")

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
_phones = click.option(
    "--phone", "phones", multiple=True, metavar="+NUMBER", help="Of the person, too; in E.164."
)
_workspace = click.option(
    "--workspace", metavar="SLUG", help="Only there, and not their account; else everywhere."
)


@click.group("personal-data")
def personal_data() -> None:
    """Export or erase all that is known of a person, and keep them from coming back."""


@personal_data.command()
@click.argument("email")
@_phones
@_workspace
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The ZIP file to write; it must not exist.",
)
@_json
def export(
    *, email: str, phones: tuple[str, ...], workspace: str | None, output: Path, as_json: bool
) -> None:
    """Write all that is known of the person with the address EMAIL into a file."""
    from meishi.personal_data.archive import export_to
    from meishi.personal_data.requests import PersonalDataRequest

    host, person = current_deployment().host(), _person(email, phones, workspace)
    try:
        report = export_to(output, PersonalDataRequest(host, person).export)
    except OSError as error:
        raise OperatorError(
            f"{output} cannot be written: {error.strerror}.", hint="Name another for --output."
        ) from error
    _tell(report, as_json=as_json)


@personal_data.command()
@click.argument("email")
@_phones
@_workspace
@click.option("--confirm", metavar="EMAIL", help="The address once more, instead of typing it.")
@_json
def erase(
    *,
    email: str,
    phones: tuple[str, ...],
    workspace: str | None,
    confirm: str | None,
    as_json: bool,
) -> None:
    """Erase the person with the address EMAIL for good, and keep them from coming back.

    Whoever failed is named, and can be asked again with the same command.
    """
    from meishi.personal_data.requests import PersonalDataRequest

    host, person = current_deployment().host(), _person(email, phones, workspace)
    typed = confirm or click.prompt(f"Type {email} to erase the person", err=True)
    if typed != email:
        raise OperatorError("That is another address; nothing was erased.")
    try:
        report = PersonalDataRequest(host, person).erase()
    except DomainError as error:
        raise OperatorError(error.detail) from error
    _tell(report, as_json=as_json)


@personal_data.command()
@click.argument("email")
@_phones
@_workspace
@_json
def suppress(*, email: str, phones: tuple[str, ...], workspace: str | None, as_json: bool) -> None:
    """Keep the person with the address EMAIL from coming in."""
    from meishi.core.identity.contract import Suppressions

    person = _person(email, phones, workspace)
    host = current_deployment().host()
    with host.scope(workspace=person.workspace_id):
        host.service(Suppressions).suppress(**_keys(person))
    if as_json:
        print_json({"suppressed": len(person.emails) + len(person.phones)})
    else:
        click.echo("The person is kept from coming in.")


@personal_data.command()
@click.argument("email")
@_phones
@_workspace
@_json
def lift(*, email: str, phones: tuple[str, ...], workspace: str | None, as_json: bool) -> None:
    """Let the person with the address EMAIL come in again."""
    from meishi.core.identity.contract import Suppressions

    person = _person(email, phones, workspace)
    host = current_deployment().host()
    with host.scope(workspace=person.workspace_id):
        count = host.service(Suppressions).lift(**_keys(person))
    if as_json:
        print_json({"lifted": count})
    elif count:
        click.echo("The person can come in again.")
    else:
        click.echo("Nothing of the person was suppressed there.")


def _person(email: str, phones: tuple[str, ...], workspace: str | None) -> Person:
    """Return whom a command is about; what could be nobody's is refused."""
    from meishi.personal_data.requests import Person

    if "@" not in email.strip():
        raise OperatorError(f"{email!r} is no email address.")
    for phone in phones:
        if not (phone.startswith("+") and phone[1:].isdecimal()):
            raise OperatorError(
                f"{phone!r} is no number in E.164.", hint="Write it like +46701234567."
            )
    chosen = None if workspace is None else chosen_workspace(workspace)
    return Person(emails=(email.strip().lower(),), phones=phones, workspace=chosen)


def _keys(person: Person) -> dict[str, frozenset[str]]:
    return {"emails": frozenset(person.emails), "phones": frozenset(person.phones)}


def _tell(report: PersonalDataReport, *, as_json: bool) -> None:
    """Print a report; one that is not complete ends the command with an error."""
    if as_json:
        print_json(report)
    elif report.outcomes:
        print_table(_HEADERS, [_row(item) for item in report.outcomes])
    else:
        click.echo("Nothing is known of the person.")
    if not report.is_complete:
        raise OperatorError(
            "Not every plugin did its part.", hint="Mend what failed, then run the command again."
        )


def _row(item: PluginOutcome) -> tuple[Any, ...]:
    stays = "; ".join(f"{kept.count} {kept.kind}: {kept.reason}" for kept in item.retained)
    counts = (item.exported, item.erased, item.anonymised)
    return (
        item.plugin,
        item.workspace or "",
        *(str(count) if count else "" for count in counts),
        printable(stays),
        printable(item.failed or ""),
    )
