"""`meishi db`: migrations of the host and of every plugin."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from meishi.command.deployment import Deployment, current_deployment
from meishi.errors import OperatorError

if TYPE_CHECKING:
    from meishi.database.migrations import MigratedPlugin, MigrationRunner

F = TypeVar("F", bound=Callable[..., Any])


@click.group()
def db() -> None:
    """Bring the database up to date, or look where it stands."""


def _plugin_option(function: F) -> F:
    return click.option("--plugin", metavar="NAME", help="This plugin only.")(function)


def _required_plugin_option(function: F) -> F:
    return click.option("--plugin", metavar="NAME", required=True, help="Which plugin.")(function)


@contextmanager
def _running(deployment: Deployment) -> Iterator[MigrationRunner]:
    from meishi.lifecycle.installation import runner

    migrations = runner(deployment.settings, deployment.location)
    try:
        yield migrations
    finally:
        migrations.close()


def _subjects(
    deployment: Deployment, name: str | None, *, up_to_date: bool = False
) -> Iterator[tuple[MigratedPlugin, list[str]]]:
    """Yield the plugins with their pending revisions; raise if those must not be."""
    from meishi.database.revisions import RevisionError
    from meishi.lifecycle.installation import with_migrations

    if up_to_date:
        deployment.prepare_embedded()
    for contribution, subject in with_migrations(deployment.plugins, [name] if name else None):
        try:
            found = deployment.unwired_host().standing(contribution)
        except RevisionError as error:
            raise OperatorError(f"{subject.name}: {error}.") from error
        pending = [item.revision for item in found.pending]
        if pending and up_to_date:
            raise OperatorError(
                f"{subject.name} is not up to date: {', '.join(pending)}.",
                hint="`meishi db upgrade` applies what is pending.",
            )
        yield subject, pending


@db.command()
@_plugin_option
@click.option("--all", "everything", is_flag=True, help="All plugins (the default).")
@click.option("--expand", is_flag=True, help="Only as far as older code that runs can go along.")
def upgrade(*, plugin: str | None, everything: bool, expand: bool) -> None:
    """Apply pending revisions, then set roles, grants and policies."""
    from meishi.database.standing import Reach
    from meishi.lifecycle.installation import upgrade_all

    if plugin and everything:
        raise OperatorError("--plugin and --all exclude each other.")
    deployment = current_deployment()
    names = [plugin] if plugin else None
    reach = Reach.EXPAND if expand else Reach.ALL
    done = upgrade_all(
        deployment.settings, deployment.location, deployment.plugins, names, reach=reach
    )
    for name, revisions in done.items():
        click.echo(f"{name}: {', '.join(revisions) or 'up to date'}")


@db.command()
@_required_plugin_option
@click.option("--to", default="base", show_default=True, help="The revision to go back to.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def downgrade(*, plugin: str, to: str, yes: bool) -> None:
    """Take revisions of one plugin back; what they hold is lost."""
    from meishi.database.revisions import read_revisions

    deployment = current_deployment()
    _require_nobody_needs(deployment, plugin)
    for subject, pending in _subjects(deployment, plugin):
        if len(pending) == len(read_revisions(subject.versions)):
            raise OperatorError(f"{plugin} has no revision to take back.")
        if not yes and click.prompt(f"This deletes data of {plugin}. Type its name") != plugin:
            raise OperatorError("Nothing was changed.")
        with _running(deployment) as migrations:
            done = migrations.downgrade(subject, to)
        click.echo(f"{plugin}: back from {', '.join(done) or '-'}")


def _require_nobody_needs(deployment: Deployment, name: str) -> None:
    """Raise if another plugin with tables in the database needs this one."""
    from meishi.database.revisions import read_revisions

    plugins = deployment.plugins
    target = plugins.statuses.get(name)
    for subject, pending in _subjects(deployment, None):
        status = plugins.statuses[subject.name]
        requires = plugins.contributions[subject.name].manifest.requires
        host_part = target is not None and target.built_in and not status.built_in
        applied = len(pending) < len(read_revisions(subject.versions))
        if applied and (name in requires or host_part):
            raise OperatorError(
                f"{subject.name} is in the database, and needs {name}.",
                hint=f"`meishi db downgrade --plugin {subject.name}` comes first.",
            )


def _pending_steps(deployment: Deployment, name: str | None) -> Iterator[tuple[str, str]]:
    """Yield the plugins that have still to do something, although their revisions are applied."""
    from meishi.lifecycle.steps import pending_step

    host = deployment.unwired_host()
    for contribution in deployment.plugins.active():
        if name in (None, contribution.plugin) and not host.standing(contribution).pending:
            step = pending_step(host, contribution)
            if step is not None:
                yield contribution.plugin, step


@db.command()
@_plugin_option
def pending(*, plugin: str | None) -> None:
    """List revisions that are not applied; exit code 1 if there are any."""
    found = False
    for subject, revisions in _subjects(current_deployment(), plugin):
        for name in revisions:
            click.echo(f"{subject.name}: {name}")
            found = True
    for name, step in _pending_steps(current_deployment(), plugin):
        click.echo(f"{name}: its step {step}")
        found = True
    if found:
        click.get_current_context().exit(1)
    click.echo("Nothing is pending.")


@db.command()
@_plugin_option
def check(*, plugin: str | None) -> None:
    """Compare models with tables; exit code 1 if they differ."""
    deployment = current_deployment()
    subjects = list(_subjects(deployment, plugin, up_to_date=True))
    different = False
    with _running(deployment) as migrations:
        for subject, _ in subjects:
            for line in migrations.differences(subject):
                click.echo(f"{subject.name}: {line}")
                different = True
    if different:
        click.get_current_context().exit(1)
    click.echo("Models and tables agree.")


@db.command()
@_required_plugin_option
@click.option("--message", "-m", required=True, help="What the revision does.")
def revision(*, plugin: str, message: str) -> None:
    """Write a new revision of a plugin from its models."""
    deployment = current_deployment()
    subjects = list(_subjects(deployment, plugin, up_to_date=True))
    with _running(deployment) as migrations:
        for subject, _ in subjects:
            if not migrations.differences(subject):
                raise OperatorError(f"{plugin}: models and tables agree, so nothing was written.")
            click.echo(str(migrations.new_revision(subject, message)))
