"""Who acts, in which workspace, in which unit of work: the context variable of the host."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar, Token
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from uuid import UUID

if TYPE_CHECKING:
    from datetime import datetime

    from meishi.database.unit_of_work import UnitOfWork
    from meishi.envelope import Enveloped
    from meishi.letters.mailer import Mailer
    from meishi.outgoing.plugins import PluginSender
    from meishi.sdk.contract import Event, Role
    from meishi.signing import Signer

P = TypeVar("P")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPermission:
    """A right as people read it: its full name, the title, the plugin's title, and its roles."""

    name: str
    title: str
    plugin: str
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a user, by a token or in a session, a visitor of a public page, or the system.

    `permissions` holds full permission names; the system is not asked for any, a visitor has
    none.
    """

    user_id: UUID | None = None
    visitor: bool = False
    token_id: UUID | None = None
    session_id: UUID | None = None
    permissions: frozenset[str] = frozenset()

    @property
    def is_system(self) -> bool:
        """Whether nobody acts but the deployment itself: no user, no token, no visitor."""
        return not (self.visitor or self.user_id or self.token_id or self.session_id)


class Surroundings(Protocol):
    """What code inside a scope reaches of the host around it."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """Tells the time."""
        ...

    @property
    def new_id(self) -> Callable[[], UUID]:
        """Makes ids."""
        ...

    @property
    def signer(self) -> Signer:
        """What signs texts that callers hand back."""
        ...

    @property
    def trusted_proxies(self) -> int:
        """How many proxies of ours stand in front and tell whose request it is."""
        ...

    @property
    def mailer(self) -> Mailer:
        """What sends letters."""
        ...

    @property
    def sender(self) -> PluginSender:
        """What sends requests to servers outside."""
        ...

    def permissions_of(self, role: Role, *, operator: bool = False) -> frozenset[str]:
        """Return the full names of the permissions that a role has."""
        ...

    def declared_permissions(self) -> Sequence[DeclaredPermission]:
        """Return all permissions that roles can have."""
        ...

    @property
    def switch_epoch(self) -> int:
        """Another number whenever it is known that something was switched."""
        ...

    def is_on(self, plugin: str, workspace: UUID | None = None) -> bool:
        """Whether a plugin is switched on, in a workspace or for the deployment."""
        ...

    def is_held(self, plugin: str) -> bool:
        """Whether a plugin is left alone for now, as it is being moved."""
        ...

    def is_moving(self, plugin: str) -> bool:
        """Whether a plugin is being moved, so that nothing new is begun for it."""
        ...

    def refuse_held(self, plugin: str) -> None:
        """Raise `RemoteCallError` if a plugin is left alone for now."""
        ...

    def service(self, protocol: type[P]) -> P:
        """Return what stands for a contract's Protocol."""
        ...

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events of the running plugin."""
        ...

    def publish_to(self, workspace: UUID | None, events: Sequence[Event]) -> None:
        """Publish events of the running plugin that are addressed to another workspace."""
        ...

    def settings_of(self, plugin: str) -> Mapping[str, Any]:
        """Return a plugin's validated settings, as they hold for who acts where they act."""
        ...

    def implementations_of(
        self, spec: Callable[[], Sequence[Any]]
    ) -> Sequence[tuple[str, tuple[Any, ...]]]:
        """Return what each active plugin supplies to a hook of the running plugin."""
        ...

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
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Everything that is current while one request, command or delivery is handled.

    `silent` means that nothing is published: what runs builds up again what it once had.
    `envelopes` holds the events that are being handled, by the identity of their objects. Where a
    service asks, `asked_by` are the plugins that it may be that of; None for everybody else.
    """

    host: Surroundings
    work: UnitOfWork
    actor: Actor
    workspace_id: UUID | None
    correlation: UUID
    causation: UUID | None = None
    silent: bool = False
    envelopes: Mapping[int, tuple[Event, Enveloped]] = field(default_factory=dict)
    asked_by: frozenset[str] | None = None

    def aside(self) -> Scope:
        """Return the same scope with a unit of work, and so a transaction, of its own."""
        return replace(self, work=self.work.sibling())


class NoScope(RuntimeError):
    """Code that needs a unit of work runs outside of any."""


_current: ContextVar[Scope] = ContextVar("meishi_scope")


def current_scope() -> Scope:
    """Return the scope in which the caller runs."""
    try:
        return _current.get()
    except LookupError as error:
        raise NoScope("this code must run inside a request, command or delivery") from error


class substitute_scope:  # noqa: N801 (used like the functions of contextlib)
    """Run a block in a scope that shares the unit of work of the surrounding one."""

    __slots__ = ("_acting", "_scope", "_token")

    _token: Token[Scope]

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def __enter__(self) -> Scope:
        readers = self._scope.work.readers
        self._acting, readers.acting = readers.acting, self._scope.actor
        self._token = _current.set(self._scope)
        return self._scope

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        _current.reset(self._token)
        self._scope.work.readers.acting = self._acting


class enter_scope(substitute_scope):  # noqa: N801 (as above)
    """Run a block in a scope; commit its unit of work at the end, roll back on any error."""

    __slots__ = ()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._scope.work.__exit__(kind, error, traceback)
        finally:
            super().__exit__(kind, error, traceback)
