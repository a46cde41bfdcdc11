"""The envelope of an event: the attributes of CloudEvents 1.0, with W3C's trace context."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

#: Version, trace, parent and flags. A later version may go on behind a hyphen, this one must not.
_HEADER = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}"
    r"(?P<more>-.*)?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is known of an event besides its payload: the attributes of CloudEvents 1.0.

    `source` is the plugin that published it, `subject` what it is about. `time` is when it was
    written to the log, by the database's clock; inside of the publisher's transaction, when it
    was published. `workspace` is None for a fact of the deployment, `actor` where nobody acted.
    `correlation` is the same for all that one request or command led to, `causation` the event
    during whose handling this one was published.
    """

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    workspace: UUID | None
    actor: UUID | None
    correlation: UUID
    causation: UUID | None

    @property
    def dataschema(self) -> str:
        """The name of the payload's schema, which the catalogue describes."""
        return schema_name(self.type)

    @property
    def traceparent(self) -> str:
        """The header by which others continue from the event: its correlation is the trace."""
        return f"00-{self.correlation.hex}-{self.id.hex[16:]}-01"


class Enveloped(Protocol):
    """What keeps the envelope of an event, and makes it when somebody asks."""

    @property
    def id(self) -> UUID:
        """The event's own id."""
        ...

    @property
    def correlation(self) -> UUID:
        """The same for all that one request or command led to."""
        ...

    @property
    def chain(self) -> Hashable:
        """What is equal where the correlation is."""
        ...

    def envelope(self) -> Envelope:
        """Return the envelope."""
        ...


def schema_name(event_type: str) -> str:
    """Return the URI that names the schema of a type's payload."""
    return f"urn:meishi:event:{event_type}"


def trace_of(header: str) -> UUID | None:
    """Return the trace that a header names; None if it is not valid, and so to be ignored."""
    found = _HEADER.fullmatch(header.strip(" \t"))
    if found is None or (found["version"] == "00" and found["more"] is not None):
        return None
    if not int(found["trace"], 16) or not int(found["parent"], 16):
        return None
    return UUID(hex=found["trace"])
