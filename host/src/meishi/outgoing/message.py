"""What is sent to a server outside, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRequest:
    """A request to a server outside.

    Looking for the server may take `seconds`, and an attempt as many for everything, to the last
    octet of the answer, which may have `max_bytes`. With `attempts` above 1, what the server could
    not do now (429, 500, 502, 503, 504, no connection, no answer) is tried again after a pause.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = 10.0
    max_bytes: int = 1024 * 1024
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingAnswer:
    """What a server answered; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
