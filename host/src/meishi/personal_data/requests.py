"""A person's request, whoever asks for them: the workspaces that know them, and the deployment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from meishi.core.identity.contract import (
    InvalidAccount,
    People,
    Suppressions,
    Workspace,
    Workspaces,
)
from meishi.declarations import DataSubject
from meishi.host import Host
from meishi.personal_data.report import PersonalDataReport
from meishi.personal_data.rounds import Answer, Place, erase_from, export_from, holders


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
        return export_from(self._host, list(self._places()), answer)

    def erase(self) -> PersonalDataReport:
        """Suppress the person, then have every plugin erase them, dependents first.

        Each does so in a transaction of its own. Raises `LastOwner` before anything is done.
        """
        self._check_erasable()
        places = list(self._places())
        self._suppress()
        return erase_from(self._host, places, holders(self._host))

    def _places(self) -> Iterator[Place]:
        """Yield the workspaces that are concerned, then the deployment."""
        person = self._person
        subject = DataSubject(user_id=self._user_id(), emails=person.emails, phones=person.phones)
        for workspace in self._workspaces():
            found = tuple(sorted(self._contact_ids(workspace, subject)))
            yield Place(workspace.id, workspace.slug, replace(subject, contact_ids=found))
        if self._everywhere:
            yield Place(None, None, subject)

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
