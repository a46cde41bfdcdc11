"""Asking every plugin for a person: workspace by workspace, one failure apart from the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from meishi.core.identity.contract import (
    InvalidAccount,
    People,
    Suppressions,
    Workspace,
    Workspaces,
)
from meishi.declarations import DataSubject, PersonalData
from meishi.host import Host
from meishi.lifecycle.raised import raised
from meishi.personal_data.report import PersonalDataReport, PluginOutcome
from meishi.sdk.contract import DomainError

#: What a plugin does for a person in the place where it runs.
Answer = Callable[[PersonalData, DataSubject], PluginOutcome]


@dataclass(frozen=True, slots=True)
class _Place:
    """A workspace, or the deployment itself, with the person as they are known there."""

    workspace: Workspace | None
    subject: DataSubject

    @property
    def id(self) -> UUID | None:
        return None if self.workspace is None else self.workspace.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Whom a request is about: `emails` in lower case, `phones` in E.164.

    Without a `workspace` the whole deployment is meant, and the account with one of the emails.
    """

    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    workspace: Workspace | None = None

    @property
    def workspace_id(self) -> UUID | None:
        """The workspace, or None for the whole deployment."""
        return None if self.workspace is None else self.workspace.id


class PersonalDataRequest:
    """A person's request to the plugins of a host."""

    def __init__(self, host: Host, person: Person) -> None:
        self._host = host
        self._person = person
        self._everywhere = person.workspace is None

    def export(self, answer: Answer) -> PersonalDataReport:
        """Have `answer` take what each plugin yields, in the order of their dependencies."""
        plugins = [(item.plugin, item.data_subject) for item in self._host.plugins.active()]
        places = list(self._places())
        return self._asked(plugins, places, answer)

    def erase(self) -> PersonalDataReport:
        """Suppress the person, then have every plugin erase them, dependents first.

        Each does so in a transaction of its own. Raises `LastOwner` before anything is done.
        """
        self._check_erasable()
        places = list(self._places())
        self._suppress()
        plugins = [(item.plugin, item.data_subject) for item in self._host.plugins.active()]
        return self._asked(plugins[::-1], places, _erased)

    def _asked(
        self,
        plugins: list[tuple[str, PersonalData | None]],
        places: list[_Place],
        answer: Answer,
    ) -> PersonalDataReport:
        outcomes = [
            self._outcome(plugin, declared, place, answer)
            for plugin, declared in plugins
            if declared is not None
            for place in places
        ]
        return PersonalDataReport(outcomes=tuple(item for item in outcomes if not item.is_empty))

    def _outcome(
        self, plugin: str, declared: PersonalData, place: _Place, answer: Answer
    ) -> PluginOutcome:
        """Return what a plugin did in a place; whatever it raises is its own failure."""
        try:
            with self._host.scope(workspace=place.id, plugin=plugin):
                found = answer(declared, place.subject)
        except Exception as error:  # noqa: BLE001 (another plugin's turn comes all the same)
            found = outcome(failed=_sentence(error))
        workspace = place.workspace
        return replace(
            found,
            plugin=plugin,
            workspace_id=place.id,
            workspace=None if workspace is None else workspace.slug,
        )

    def _places(self) -> Iterator[_Place]:
        """Yield the workspaces that are concerned, then the deployment."""
        person = self._person
        subject = DataSubject(user_id=self._user_id(), emails=person.emails, phones=person.phones)
        for workspace in self._workspaces():
            found = tuple(sorted(self._contact_ids(workspace, subject)))
            yield _Place(workspace, replace(subject, contact_ids=found))
        if self._everywhere:
            yield _Place(None, subject)

    def _workspaces(self) -> tuple[Workspace, ...]:
        if self._person.workspace is not None:
            return (self._person.workspace,)
        with self._host.scope():
            return self._host.service(Workspaces).all()

    def _contact_ids(self, workspace: Workspace, subject: DataSubject) -> set[UUID]:
        """Return who describes the person; a plugin that cannot tell fails the whole request."""
        found: set[UUID] = set()
        for item in self._host.plugins.active():
            if item.data_subject is not None and item.data_subject.identify is not None:
                with self._host.scope(workspace=workspace.id, plugin=item.plugin):
                    found.update(item.data_subject.identify(subject))
        return found

    def _user_id(self) -> UUID | None:
        """Return the account with one of the addresses, where the whole deployment is meant."""
        if not self._everywhere:
            return None
        with self._host.scope():
            for email in self._person.emails:
                with suppress(InvalidAccount):
                    user = self._host.service(People).find(email)
                    if user is not None:
                        return user.id
        return None

    def _check_erasable(self) -> None:
        user_id = self._user_id()
        if user_id is not None:
            with self._host.scope():
                self._host.service(People).check_erasable(user_id)

    def _suppress(self) -> None:
        person = self._person
        with self._host.scope(workspace=person.workspace_id):
            self._host.service(Suppressions).suppress(
                emails=frozenset(person.emails), phones=frozenset(person.phones)
            )


def _erased(declared: PersonalData, subject: DataSubject) -> PluginOutcome:
    done = declared.erase(subject)
    return outcome(erased=done.erased, anonymised=done.anonymised, retained=done.retained)


def _sentence(error: Exception) -> str:
    return error.detail if isinstance(error, DomainError) else raised(error)


def outcome(**values: Any) -> PluginOutcome:
    """Return what was done, of which the request knows where and by whom."""
    return PluginOutcome(plugin="", workspace_id=None, workspace=None, **values)
