"""The command `meishi`: the host's own commands, and one group per plugin."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from meishi import __version__
from meishi.command.audit import audit
from meishi.command.conformance import conformance
from meishi.command.db import db
from meishi.command.demo import demo
from meishi.command.deployment import Deployment
from meishi.command.doctor import doctor
from meishi.command.events import events
from meishi.command.extract import extract
from meishi.command.health import health
from meishi.command.init import init
from meishi.command.jobs import jobs
from meishi.command.mail import mail
from meishi.command.new_plugin import new_plugin
from meishi.command.personal_data import personal_data
from meishi.command.plugins import plugins
from meishi.command.serve import serve
from meishi.command.session import refuse_elsewhere
from meishi.command.tokens import tokens
from meishi.command.users import users
from meishi.command.worker import worker
from meishi.command.workspaces import workspaces
from meishi.errors import BootRefused, DatabaseUnavailable, OperatorError
from meishi.lifecycle.states import PluginState
from meishi.sdk.contract import DomainError

#: Exit code after Ctrl-C, as shells have it.
INTERRUPTED = 130


class _MeishiGroup(click.Group):
    """Looks a command up among the host's own, then among those of active plugins.

    Plugins are loaded only when one of their commands, or the list of all, is asked for.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands; what keeps plugins from loading must not keep help from showing."""
        try:
            groups = sorted(_plugin_groups(ctx))
        except OperatorError as error:
            click.echo(f"Commands of plugins are not listed: {error.message}", err=True)
            groups = []
        return [*super().list_commands(ctx), *groups]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; plugins are not loaded for the host's own."""
        own = super().get_command(ctx, cmd_name)
        found = own or _plugin_groups(ctx).get(cmd_name)
        if found is None and not ctx.resilient_parsing:
            _tell_inactive(ctx, cmd_name)
            _tell_elsewhere(ctx, cmd_name)
            names = self.list_commands(ctx)
            raise click.exceptions.NoSuchCommand(cmd_name, possibilities=names, ctx=ctx)
        return found


def _deployment(ctx: click.Context) -> Deployment:
    """Return the deployment of this invocation; it is closed when the command ends."""
    if ctx.obj is None:
        ctx.obj = Deployment(ctx.params.get("settings_file"))
        ctx.call_on_close(ctx.obj.close)
    found: Deployment = ctx.obj
    return found


def _plugin_groups(ctx: click.Context) -> dict[str, click.Group]:
    return {
        contribution.manifest.prefix: contribution.cli
        for contribution in _deployment(ctx).plugins.active()
        if contribution.cli is not None and contribution.placement is None
    }


def _tell_inactive(ctx: click.Context, name: str) -> None:
    """Raise if a command is that of a plugin that is installed, but does not run."""
    for status in _deployment(ctx).plugins.statuses.values():
        manifest = status.manifest
        if status.state is PluginState.ACTIVE or manifest is None:
            continue
        if manifest.prefix == name:
            raise BootRefused(
                f"`{name}` is the plugin {status.name}, which is {status.state.value}"
                + (f": {status.reason}" if status.reason else "."),
                hint="`meishi plugins` lists all states.",
            )


def _tell_elsewhere(ctx: click.Context, name: str) -> None:
    """Raise if a command is that of a plugin that settings place elsewhere.

    One that was moved is found once its command works with the database.
    """
    plugins = _deployment(ctx).plugins
    for item in plugins.active():
        if item.cli is not None and item.manifest.prefix == name:
            refuse_elsewhere(plugins, item.plugin)


@click.group(cls=_MeishiGroup)
@click.version_option(__version__, prog_name="meishi")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path, dir_okay=False),
    is_eager=True,
    help="The settings file; default: meishi.toml, if there is one.",
)
@click.pass_context
def meishi(ctx: click.Context, /, **_: object) -> None:
    """QR contact cards, and a CRM that grows by itself."""
    _deployment(ctx)


for _command in (
    init, workspaces, users, tokens, serve, worker, demo, plugins, db, doctor, events, jobs, mail,
    personal_data,
    audit, health, conformance, new_plugin, extract
):  # fmt: skip
    meishi.add_command(_command)


def main(arguments: list[str] | None = None) -> Any:
    """Run a command; faults outside of our code become one line, a hint and an exit code."""
    try:
        code = meishi.main(arguments, prog_name="meishi", standalone_mode=False)
    except OperatorError as error:
        click.echo(f"Error: {' '.join(error.message.split())}", err=True)
        if error.hint:
            click.echo(f"Hint: {error.hint}", err=True)
        sys.exit(error.exit_code)
    except DomainError as error:
        click.echo(f"Error: {error.title}: {error.detail}", err=True)
        sys.exit(1)
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Exception as error:
        if not _tell_database_fault(error):
            raise
        sys.exit(DatabaseUnavailable.exit_code)
    sys.exit(code if isinstance(code, int) else 0)


def _tell_database_fault(error: BaseException | None) -> bool:
    """Say in one line what the database reported; False if it was something else."""
    from psycopg.errors import InsufficientPrivilege
    from sqlalchemy.exc import OperationalError, ProgrammingError

    # Deeper down it is a plugin's code that reached too far: a bug, which keeps its traceback.
    refused = isinstance(error, ProgrammingError) and isinstance(error.orig, InsufficientPrivilege)
    while error is not None and not refused and not isinstance(error, OperationalError):
        error = error.__cause__
    if not isinstance(error, OperationalError | ProgrammingError):
        return False
    reason = str(error.orig).strip().splitlines()[0]
    hint = "see whether it runs, and whether its disk is full."
    if refused:
        hint = "who sets up the database must own it and have CREATEROLE."
    click.echo(f"Error: The database failed: {reason}\nHint: {hint}", err=True)
    return True
