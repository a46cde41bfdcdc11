"""`meishi mail`: whether mails arrive, and which do not."""

from __future__ import annotations

import click

from meishi.command.deployment import current_deployment
from meishi.command.events.text import moment
from meishi.command.output import print_json, print_table
from meishi.errors import OperatorError

_HEADERS = ("id", "kind", "to", "asked")
_MOST = 1000

_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


@click.group()
def mail() -> None:
    """Try the way in which mails leave, and see which have not left."""


@mail.command()
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets it.")
@_json
def test(*, to: str, as_json: bool) -> None:
    """Send a mail now, past the queue, and tell what the mail server said."""
    from datetime import UTC, datetime

    from uuid_utils.compat import uuid7

    from meishi.letters.checking import checked_letter
    from meishi.letters.errors import InvalidMail, MailDelayed, MailRefused
    from meishi.letters.mailer import Mailer

    mailer = Mailer(current_deployment().settings)
    try:
        letter = checked_letter(
            message_id=mailer.message_id(uuid7()),
            to=to,
            name="",
            subject="A test of Meishi",
            text="Mails of this deployment arrive here.\n",
            html=None,
            at=datetime.now(UTC),
        )
        delivery = mailer.deliver(letter)
    except InvalidMail as error:
        raise OperatorError(error.detail) from error
    except (MailRefused, MailDelayed) as error:
        raise OperatorError(
            str(error), hint="Check MEISHI_MAIL_URL and MEISHI_MAIL_FROM."
        ) from error
    if as_json:
        print_json({"server": delivery.server, "file": delivery.file and str(delivery.file)})
    elif delivery.server is not None:
        click.echo(f"{delivery.server} took a mail to {letter.to}.")
    else:
        click.echo(f"No mail server is configured; the mail stands in {delivery.file}.")


@mail.command("list")
@_json
def list_mails(*, as_json: bool) -> None:
    """List the mails that have not been sent, the oldest first."""
    from meishi.mails import outbox
    from meishi.mails.models import DB_SCHEMA

    with current_deployment().host().within(DB_SCHEMA) as scope:
        found = outbox.waiting(scope.work, _MOST)
    if as_json:
        print_json({"items": found})
    elif found:
        rows = [(str(item.id), item.kind, item.to, moment(item.asked_at)) for item in found]
        print_table(_HEADERS, rows)
    else:
        click.echo("No mail waits.")
