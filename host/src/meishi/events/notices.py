"""What delivery tells in the log of the process: names, ids and reasons, never payloads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from meishi.logs import logger
from meishi.settings import LogLevel

if TYPE_CHECKING:
    from meishi.events.cursor import Cursor
    from meishi.events.spans import StoredEvent


class Notices:
    """Writes notices of at least a level."""

    def __init__(self, level: LogLevel) -> None:
        self._level = level.value

    def parked(
        self, cursor: Cursor, event: StoredEvent, fate: tuple[str, float], error: str
    ) -> None:
        """Tell that an event has failed, and what comes next."""
        state, wait = fate
        tell = self._log.error if state == "dead" else self._log.warning
        tell(
            "event parked",
            subscription=cursor.subscription,
            state=state,
            retry_in_seconds=round(wait, 3),
            error=error,
            **envelope(event),
        )

    def backfill_failed(self, subscription: str, workspace: UUID, wait: float, error: str) -> None:
        """Tell that a page of a backfill has failed, and is tried again."""
        self._log.error(
            "backfill failed",
            subscription=subscription,
            workspace=str(workspace),
            retry_in_seconds=round(wait, 3),
            error=error,
        )

    def tell(self, what: str, **fields: object) -> None:
        """Tell of something that is as it should be."""
        self._log.info(what, **fields)

    def warn(self, what: str, **fields: object) -> None:
        """Tell of something that an operator may want to look at."""
        self._log.warning(what, **fields)

    @property
    def _log(self) -> Any:
        return logger(self._level)


def envelope(event: StoredEvent) -> dict[str, object]:
    """Return what the log says of an event."""
    return {
        "event_id": event.id_text,
        "event_type": event.type,
        "workspace": event.workspace,
        "correlation": event.trace.get("correlation"),
        "causation": event.trace.get("causation"),
    }
