"""Operating on events from the command line: scope, options, and who the operator is."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import click

from meishi.command.deployment import current_deployment
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.events.operations.decisions import Verdict
    from meishi.host import Host

F = TypeVar("F", bound=Callable[..., Any])

#: The variable that names the operator where several people share a login.
OPERATOR = "MEISHI_OPERATOR"

#: An operator waits for the handler that is just being called, which may take a minute.
_PATIENCE = (
    "SELECT set_config('lock_timeout', '65s', true), set_config('statement_timeout', '90s', true)"
)

#: What the server says where others were at work on the same for too long.
_BUSY = frozenset({"55P03", "57014", "40P01"})

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
subscription_option = click.option(
    "--subscription", metavar="NAME", help="This subscription only: `plugin.name`."
)
workspace_option = click.option(
    "--workspace", metavar="SLUG|ID", help="This workspace only, by its slug or its id."
)
reason_option = click.option(
    "--reason", default="", metavar="TEXT", help="Why; it is kept with the decision."
)


@contextmanager
def operating() -> Iterator[Host]:
    """Run a block as one operation on events; it is kept at the end, or not at all."""
    from sqlalchemy.exc import DBAPIError

    from meishi.events.log import DB_SCHEMA
    from meishi.events.operations.errors import OperationRefused

    host = current_deployment().host()
    try:
        with host.scope(plugin=DB_SCHEMA) as scope:
            scope.work.execute(_PATIENCE)
            yield host
    except OperationRefused as error:
        raise OperatorError(error.detail, hint=error.hint) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) not in _BUSY:
            raise
        raise OperatorError(
            "Others were at work on the same all the time. Nothing was changed.",
            hint="Try again in a moment.",
        ) from error


def chosen_workspace(host: Host, text: str | None) -> UUID | None:
    """Return the workspace that is meant by a slug or an id; None stays None."""
    from meishi.core.identity.contract import Workspaces
    from meishi.events.operations.errors import unknown_name

    if text is None:
        return None
    known = {item.slug: item.id for item in host.service(Workspaces).all()}
    for slug, workspace in known.items():
        if text in (slug, str(workspace)):
            return workspace
    listing = f"There are: {', '.join(known)}." if known else "`meishi init` creates the first."
    raise OperatorError(
        f"There is no workspace {text!r}.", hint=unknown_name(text, list(known), listing)
    )


def verdict(reason: str) -> Verdict:
    """Return who decides, by `MEISHI_OPERATOR` or the login's name, and why."""
    from meishi.events.operations.decisions import Verdict

    return Verdict(by=os.environ.get(OPERATOR) or _login(), reason=reason)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
