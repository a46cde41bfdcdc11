"""Publishing: from an event of a contract to a record of the log and the listeners inside."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from uuid import UUID

from meishi.calls.event_versions import newest_version
from meishi.context import Actor, Scope, current_scope, substitute_scope
from meishi.events.catalogue import DeclaredEvent, EventCatalogue
from meishi.events.envelope import PublishedRecord, handling
from meishi.events.log import LogRecord
from meishi.events.payload import UnfitPayload, payload_of, subject_of
from meishi.events.signals import EventSignals
from meishi.sdk.contract import Event, EventVetoed


class PublishError(Exception):
    """The event must not be published: not declared, not the publisher's, or malformed."""


class Publisher:
    """Takes events from plugins: listeners hear them at once, the log gets them at commit."""

    def __init__(
        self,
        catalogue: EventCatalogue,
        signals: EventSignals,
        new_id: Callable[[], UUID],
        clock: Callable[[], datetime],
    ) -> None:
        self._catalogue = catalogue
        self._signals = signals
        self._new_id = new_id
        self._clock = clock

    def publish(self, events: Sequence[Event]) -> None:
        """Publish events of the running plugin, all or none; listeners may veto them.

        Events stand in the log in their order, before those that their listeners publish. In a
        silent scope they are checked, and go nowhere.
        """
        scope = current_scope()
        records = [self._record(scope, event) for event in events]
        if scope.silent:
            return
        listened = any(self._signals.has_receivers(record.type) for record in records)
        try:
            with scope.work.savepoint() if listened else nullcontext():
                scope.work.ending.add_to_log(records)
                if listened:
                    self._tell(scope, zip(events, records, strict=True))
        except EventVetoed as veto:
            scope.work.ending.note_veto(veto)
            raise

    def publish_to(self, workspace: UUID | None, events: Sequence[Event]) -> None:
        """Publish events of the running plugin as another workspace's, all or none.

        Only the worker hands them over, there. Who acts is left out, unless it is the same
        workspace: the people of one are none of the other's business.
        """
        scope = current_scope()
        if workspace != scope.workspace_id:
            scope = replace(scope, workspace_id=workspace, actor=Actor())
        records = [self._record(scope, event) for event in events]
        heard = [record.type for record in records if self._signals.has_receivers(record.type)]
        if heard:
            raise PublishError(
                f"{heard[0]} cannot be addressed to a workspace: somebody listens to it inside "
                "the transaction, which is here; listen durably"
            )
        if not scope.silent:
            scope.work.ending.add_to_log(records)

    def _tell(self, scope: Scope, published: Iterable[tuple[Event, LogRecord]]) -> None:
        """Let the listeners hear events, those in a row of one type together."""
        now = self._clock()
        for event_type, group in groupby(published, key=lambda pair: pair[1].type):
            if self._signals.has_receivers(event_type):
                pairs = [(event, PublishedRecord(record, now)) for event, record in group]
                with substitute_scope(handling(scope, pairs)):
                    self._signals.send(event_type, tuple(event for event, _ in pairs))

    def _record(self, scope: Scope, event: Event) -> LogRecord:
        declared = self._catalogue.declared(type(event))
        if declared is None or declared.newer or declared.owner != scope.work.plugin:
            raise PublishError(_refusal(scope.work.plugin, type(event), declared))
        try:
            data = payload_of(event, declared.read)
            subject = subject_of(event)
        except UnfitPayload as error:
            raise PublishError(f"{event.event_type}: {error}") from error
        return LogRecord(
            id=self._new_id(),
            source=declared.owner,
            type=event.event_type,
            version=declared.version,
            workspace_id=scope.workspace_id,
            subject=subject,
            key=subject,
            actor=scope.actor.user_id,
            correlation=scope.correlation,
            causation=scope.causation,
            data=data,
        )


def _refusal(plugin: str, event: type[Event], declared: DeclaredEvent | None) -> str:
    """Say why a plugin must not publish events of a class."""
    refused = f"{plugin} must not publish {event.__qualname__}"
    if declared is None:
        return f"{refused}, which nobody declares"
    if declared.owner != plugin:
        return f"{refused}, which {declared.owner} owns"
    newest = newest_version(event)
    return (
        f"{refused}: {event.event_type} is retired; "
        f"publish {newest.__qualname__} ({newest.event_type}) instead"
    )
