"""Sending requests of plugins: checked, pinned, tried again, and not sent where that is vain."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from meishi.outgoing.circuits import Circuits
from meishi.outgoing.errors import EndpointUnavailable
from meishi.outgoing.exchange import exchange
from meishi.outgoing.message import OutgoingAnswer, OutgoingRequest
from meishi.outgoing.target import (
    Resolver,
    Target,
    is_listed,
    pinned_address,
    system_addresses,
    target_of,
    within,
)

#: Statuses that say the server could not now, and may later.
_LATER = frozenset({429, 500, 502, 503, 504})
#: Seconds before the second attempt, doubled for each further one; and what is waited at most.
_PAUSE, LONGEST_PAUSE = 0.5, 20.0


class Sender:
    """Sends requests to servers outside, and to those inside that the operator listed."""

    def __init__(
        self,
        hosts: Collection[str],
        *,
        resolve: Resolver = system_addresses,
        now: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._hosts = frozenset(host.lower() for host in hosts)
        self._resolve = resolve
        self._pause = pause
        self._circuits = Circuits(now)

    def send(
        self, plugin: str, request: OutgoingRequest, *, written_by_operator: str | None = None
    ) -> OutgoingAnswer:
        """Send a plugin's request, and return the answer, whatever its status but a redirect.

        The address is looked up and checked once, and every attempt goes to it. What has the
        origin of the URL `written_by_operator` counts as listed.

        :raises AddressRefused: if the plugin must not call it
        :raises AnswerRefused: if the answer is not taken
        :raises EndpointUnavailable: if the server has no answer, or none but that it cannot now
        """
        target = target_of(request.url)
        listed = is_listed(target, self._hosts) or (
            written_by_operator is not None
            and target_of(written_by_operator).origin == target.origin
        )
        resolve = within(request.seconds, self._resolve)
        address = pinned_address(target, resolve, listed=listed)
        for attempt in range(1, request.attempts + 1):
            self._circuits.enter(plugin, target.origin)
            try:
                answer = self._attempted(plugin, target, address, request)
            except EndpointUnavailable as failure:
                pause = _pause_after(attempt, failure)
                if attempt == request.attempts or pause > LONGEST_PAUSE:
                    raise
                self._pause(pause)
            else:
                return answer
        raise ValueError("a request needs at least one attempt")

    def _attempted(
        self, plugin: str, target: Target, address: str, request: OutgoingRequest
    ) -> OutgoingAnswer:
        try:
            answer = exchange(target, address, request)
            if answer.status in _LATER:
                raise EndpointUnavailable(
                    f"{target.origin} answered {answer.status}.", retry_after=_retry_after(answer)
                )
        except Exception:
            self._circuits.failed(plugin, target.origin)
            raise
        self._circuits.succeeded(plugin, target.origin)
        return answer


def _pause_after(attempt: int, failure: EndpointUnavailable) -> float:
    """Return how long to wait: as long as the server wants, else longer each time, not in step."""
    if failure.retry_after is not None:
        return failure.retry_after
    longest = min(_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311  # nobody gains by foreseeing it


def _retry_after(answer: OutgoingAnswer) -> float | None:
    """Return the seconds that `Retry-After` asks for, which is a number or a date (RFC 9110)."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds())
