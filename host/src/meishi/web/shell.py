"""The shell: what stands around the content of every page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from flask import request

from meishi.context import Scope
from meishi.core.identity.contract import Account, Accounts, WorkspaceMembership
from meishi.http.forgery import form_token
from meishi.reader import PanelPlace, current_reader
from meishi.web.navigation import Section, navigation
from meishi.web.panels import panel_places
from meishi.web.texts import current_account
from meishi.web.toasts import Toast, take_toasts

if TYPE_CHECKING:
    from meishi.host import Host


@dataclass(frozen=True, kw_only=True)
class Shell:
    """What templates know of the page around them; what they do not ask for costs nothing.

    `page` is the full name of the page (`crm_contacts.contact`), `title` its heading; `asset`
    returns the address of a file of the shell.
    """

    host: Host
    scope: Scope
    page: str
    title: str
    locale: str
    asset: Callable[[str], str]

    @cached_property
    def user(self) -> Account | None:
        """Who is signed in."""
        return current_account()

    @cached_property
    def workspaces(self) -> tuple[WorkspaceMembership, ...]:
        """The workspaces that they can go to."""
        user_id = self.scope.actor.user_id
        return () if user_id is None else self.host.service(Accounts).workspaces_of(user_id)

    @property
    def workspace(self) -> WorkspaceMembership | None:
        """The workspace that they are in."""
        current = self.scope.workspace_id
        return next((item for item in self.workspaces if item.id == current), None)

    @cached_property
    def navigation(self) -> tuple[Section, ...]:
        """Where they can go."""
        return navigation(self.host, self.scope, request.path)

    @cached_property
    def panels(self) -> tuple[PanelPlace, ...]:
        """The cards that other plugins show on this page."""
        reader = current_reader()
        return panel_places(self.host, self.page) if reader is None else reader.panels

    @property
    def apart(self) -> bool:
        """Whether the page comes to stand in the shell of another process."""
        return current_reader() is not None

    @cached_property
    def toasts(self) -> Sequence[Toast]:
        """What was just done."""
        return take_toasts()

    @cached_property
    def csrf_token(self) -> str:
        """What every form carries."""
        return form_token()

    def may(self, permission: str) -> bool:
        """Whether they have a permission, by its full name."""
        return permission in self.scope.actor.permissions
