"""The host: one application object's plugins, database, calls and events, wired together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine
from uuid_utils.compat import uuid7

from meishi import readiness
from meishi.calls.failures import as_the_database_says
from meishi.calls.registry import CallRegistry
from meishi.clock import utc_now
from meishi.context import Actor, DeclaredPermission, Scope, current_scope, enter_scope
from meishi.core.identity.contract import Workspaces
from meishi.database.engine import runtime_engine
from meishi.database.roles import RoleNames
from meishi.database.standing import Standing
from meishi.database.unit_of_work import UnitOfWork
from meishi.events.catalogue import EventCatalogue
from meishi.events.feed.feed import EventFeed
from meishi.events.merging import all_subscribers
from meishi.events.publishing import Publisher
from meishi.events.signals import EventSignals
from meishi.events.subscriptions import Subscriber
from meishi.events.waking import Waker
from meishi.grants import Grants
from meishi.imports.work import all_jobs
from meishi.jobs.book import JobBook
from meishi.jobs.requests import request
from meishi.letters.mailer import Mailer
from meishi.levels.effective import EffectiveSettings, effective_settings
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.leveled_settings import LeveledSettings
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.states import PluginStatus
from meishi.monitoring.health import HealthChecks
from meishi.moves.holding import Standings
from meishi.moves.taking import take_up_places
from meishi.outgoing.plugins import PluginSender
from meishi.outgoing.sender import Sender
from meishi.remote.clocks import DeploymentClock
from meishi.remote.errors import RemoteCallError
from meishi.remote.keys import SentCommands
from meishi.remote.standing_in import stand_in
from meishi.remote.way import Ways
from meishi.sdk.contract import Event, Role
from meishi.settings import Settings
from meishi.signing import Signer
from meishi.switches.across import read_switches
from meishi.switches.board import Switchboard
from meishi.switches.models import DB_SCHEMA as SWITCHES
from meishi.wiring import register_all

#: The part of the host that keeps the deployment's key.
HOST = "meishi"

P = TypeVar("P")


class Host(Standings):
    """Everything that requests, commands and deliveries of one application object share."""

    def __init__(
        self,
        settings: Settings,
        plugins: PluginSet,
        database_url: str,
        *,
        clock: Callable[[], datetime] = utc_now,
        new_id: Callable[[], UUID] = uuid7,
    ) -> None:
        self.settings = settings
        self.plugins = plugins
        stand_in(plugins, settings)
        self.roles = RoleNames(settings.deployment)
        self.clock = clock = DeploymentClock(clock, follows=bool(settings.only))
        self.new_id = new_id
        self.calls = CallRegistry(settings.calls)
        self.ways = Ways(self.clock)
        self.catalogue = EventCatalogue()
        self.signals = EventSignals()
        self.publisher = Publisher(self.catalogue, self.signals, new_id, clock)
        self.jobs = JobBook(())
        self.mailer = Mailer(settings)
        self.sender = PluginSender(plugins.contributions, Sender(settings.outgoing_hosts))
        self._waker = Waker(settings.home)
        self.leveled_settings: Mapping[str, LeveledSettings] = {}
        self.grants = Grants(())
        self.switches = self._switchboard()
        self.renew_places()
        self.health = HealthChecks(plugins, self.enabled, self.within)
        self._engine = runtime_engine(database_url, pool=settings.database_pool)
        self.feed = EventFeed(self)

    def wire(self) -> None:
        """Register what the active plugins supply, in the order of their dependencies."""
        self.grants = Grants(self.plugins.active())
        self.jobs = JobBook(all_jobs(self.plugins.active()))
        self.leveled_settings = {
            item.plugin: leveled
            for item in self.plugins.active()
            if (leveled := item.leveled_settings()) is not None
        }
        self.calls.keep(EffectiveSettings)
        self.calls.keep(SentCommands)
        register_all(self)
        self.renew_places()
        self.read_switches()

    def read_switches(self) -> None:
        """Read anew what is on, once plugins and database are known."""
        self._renew_switches()
        if self.plugins.is_active(SWITCHES):
            # A service does nothing of what may be switched off, until it has heard of it.
            with suppress(RemoteCallError):
                self.switches.refresh()
                self.places.refresh()

    def _renew_switches(self) -> None:
        self.switches = self._switchboard()
        self.switches.know({item.plugin: item.manifest.requires for item in self.plugins.active()})

    def _switchboard(self) -> Switchboard:
        return Switchboard(partial(read_switches, self), told=not self.settings.only)

    @property
    def switch_epoch(self) -> int:
        """Another number whenever this process has heard that something was switched."""
        return self.switches.state.epoch

    def status_of(self, plugin: str) -> PluginStatus:
        """Return a plugin's state with what was switched for the deployment.

        The note of an active one says which of its parts do nothing, as others are not there.
        """
        found = self.switches.status_of(self.plugins.statuses[plugin])
        idle = self.plugins.idle_parts(plugin)
        return replace(found, note="; ".join(filter(None, (found.note, idle))))

    def statuses(self) -> dict[str, PluginStatus]:
        """Return the states of all plugins, with what was switched for the deployment."""
        return {name: self.status_of(name) for name in self.plugins.statuses}

    def enabled(self, workspace: UUID | None = None) -> Iterator[Contribution]:
        """Yield what the plugins supply that are active and switched on there, in order."""
        return (item for item in self.plugins.active() if self.is_on(item.plugin, workspace))

    def service(self, protocol: type[P]) -> P:
        """Return what stands for a contract's Protocol in this process."""
        return self.calls.get(protocol)

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events of the running plugin in the current transaction."""
        self.publisher.publish(events)

    def publish_to(self, workspace: UUID | None, events: Sequence[Event]) -> None:
        """Publish events of the running plugin that are addressed to another workspace."""
        self.publisher.publish_to(workspace, events)

    def settings_of(self, plugin: str) -> Mapping[str, Any]:
        """Return a plugin's validated settings, as they hold for who acts where they act."""
        leveled, scope = self.leveled_settings.get(plugin), current_scope()
        if leveled is None or scope.workspace_id is None:
            return self.plugins.contributions[plugin].settings
        return effective_settings(scope, leveled)

    def implementations_of(
        self, spec: Callable[[], Sequence[Any]]
    ) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what each plugin that is on supplies to a hook of the running plugin."""
        scope = current_scope()
        return self.plugins.extensions.of(spec, scope.work.plugin, self.enabled(scope.workspace_id))

    def request_job(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        at: datetime | None,
        priority: int | None,
        subject: str | None,
    ) -> UUID:
        """Ask for a job of the running plugin; return the id of its operation."""
        scope, operation_id = current_scope(), self.new_id()
        job = self.jobs.own(scope.work.plugin, name)
        request(
            scope, job, arguments,
            operation_id=operation_id, at=at, priority=priority, subject=subject,
            oversees=self.grants.may_oversee(job.plugin, scope.actor),
        )  # fmt: skip
        return operation_id

    def permissions_of(self, role: Role, *, operator: bool = False) -> frozenset[str]:
        """Return the full names of the permissions that a role, or an operator in it, has."""
        return self.grants.of(role, operator=operator)

    def declared_permissions(self) -> list[DeclaredPermission]:
        """Return all permissions of active plugins that roles can have."""
        return self.grants.declared()

    def subscribers(self) -> list[Subscriber]:
        """Return the durable subscriptions of the active plugins."""
        plugins = self.plugins
        return all_subscribers(list(plugins.active()), plugins.extensions, self.catalogue)

    def placed_elsewhere(self) -> list[Contribution]:
        """Return what stands here for active plugins that run elsewhere."""
        return [item for item in self.plugins.active() if item.placement is not None]

    def workspace_ids(self) -> list[UUID]:
        """Return the ids of all workspaces; the database's errors come as themselves."""
        with self.scope(), as_the_database_says():
            return [workspace.id for workspace in self.calls.get(Workspaces).all()]

    def use_database(self, url: str) -> None:
        """Go on with another database; nothing may be running meanwhile."""
        self.close()
        self._engine = runtime_engine(url, pool=self.settings.database_pool)
        self._waker = Waker(self.settings.home)
        self.__dict__.pop("signer", None)
        self.feed = EventFeed(self)
        self._renew_switches()
        self.renew_places()

    @property
    def engine(self) -> Engine:
        """The runtime login's engine; without rights until a role is set."""
        return self._engine

    def unit_of_work(self, workspace: UUID | None = None) -> UnitOfWork:
        """Return a unit of work in a workspace, or in none yet."""
        return UnitOfWork(
            self._engine, self.roles, self.calls.container, workspace,
            wake=self._waker.wake, entering=self.refuse_held, overseers=self.grants.overseers,
        )  # fmt: skip

    @contextmanager
    def scope(
        self,
        *,
        workspace: UUID | None = None,
        actor: Actor | None = None,
        plugin: str | None = None,
    ) -> Iterator[Scope]:
        """Run a block as one unit of work; as `plugin`'s code if one is named."""
        scope = Scope(
            host=self,
            work=self.unit_of_work(workspace),
            actor=actor or Actor(),
            workspace_id=workspace,
            correlation=self.new_id(),
        )
        running = nullcontext() if plugin is None else scope.work.entered(plugin)
        with enter_scope(scope), running:
            yield scope

    def within(self, plugin: str) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work of a part of the host, in no workspace."""
        return self.scope(plugin=plugin)

    def check_migrations(self) -> None:
        """Refuse a privileged login; take out plugins whose code and tables do not fit.

        What the database remembers beyond what is installed gets a state, too.
        """
        take_up_places(self)
        readiness.check(self)

    def standing(self, contribution: Contribution) -> Standing:
        """Return where a plugin's tables stand; raise if its code cannot run on them."""
        return readiness.standing_of(self, contribution)

    @cached_property
    def signer(self) -> Signer:
        """What signs for the deployment, in all of its processes with the same key."""
        with self.within(HOST) as scope:
            ((key,),) = scope.work.execute("SELECT value FROM meishi.secret WHERE name = 'signing'")
        return Signer(bytes(key))

    @property
    def trusted_proxies(self) -> int:
        """How many proxies of the operator's stand in front."""
        return self.settings.trusted_proxies

    def close(self) -> None:
        """Give all connections back."""
        self._engine.dispose()
        self._waker.close()
        self.ways.close()
